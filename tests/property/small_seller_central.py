"""A small Seller Central in memory: one Easy Ship order, its packages, its slots and its papers; for random walks."""

from dataclasses import dataclass, field
from datetime import datetime

from builders import at
from packline.domain.program import Program
from packline.domain.reports import Done, Facts, Failed, LabelResult, Seen, SeenPackage
from packline.domain.shipment import Failure, Shipment
from packline.domain.slot import ShippingOption
from packline.domain.step import Step, StepKind
from packline.domain.values import Window

SLOT_LIFE = 30
LOCAL = (StepKind.CONFIRM, StepKind.CREATE_PACKAGES, StepKind.UPDATE_PACKAGE)
_BY_PACKAGE = (StepKind.GENERATE_LABELS, StepKind.REGENERATE_LABELS, StepKind.RESCHEDULE)
_STATUS = {"PendingPickUp": "SHIPLABEL_GENERATED", "PickedUp": "SHIPPED", "Delivered": "DELIVERED"}
REJECTABLE = ("ACCEPTED", "CONFIRMED", "PACKAGE_CREATED", "PICKUP_SLOT_RETRIEVED")


@dataclass
class Parcel:
    """A scheduled package at Amazon."""

    tracking: str
    slot: str
    span: Window
    status: str = "PendingPickUp"


@dataclass
class SmallSellerCentral:
    """One order; `parcels` are all packages that were ever scheduled, the last one is the one that counts."""

    program: Program
    minute: float = 0
    touched: float = 0
    cancelled: bool = False
    parcels: list[Parcel] = field(default_factory=list)
    slots: dict[str, Window] = field(default_factory=dict)
    listed: dict[str, float] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    @property
    def live(self) -> Parcel | None:
        """The package that a courier would take."""
        found = [parcel for parcel in self.parcels if parcel.status != "LabelCanceled"]
        assert len(found) <= 1, "two live packages for one order"
        return found[0] if found and not self.cancelled else None

    def tick(self, minutes: float = 1) -> datetime:
        """Let time pass."""
        self.minute += minutes
        return at(self.minute)

    def touch(self) -> None:
        """Note that the order changed just now."""
        self.touched = self.minute

    def cancel(self) -> None:
        """Be the buyer; what is on its way stays on its way."""
        if not self.parcels or self.parcels[-1].status in ("PendingPickUp", "LabelCanceled"):
            self.cancelled = True
            self.touch()

    def cancel_label(self) -> None:
        """Be Amazon, whose courier did not get the parcel."""
        if self.live is not None and self.live.status == "PendingPickUp":
            self.live.status = "LabelCanceled"
            self.touch()

    def scan(self) -> None:
        """Be the courier."""
        if self.live is not None and self.live.status in ("PendingPickUp", "PickedUp"):
            self.live.status = {"PendingPickUp": "PickedUp", "PickedUp": "Delivered"}[self.live.status]
            self.touch()

    def panel(self) -> None:
        """Be a person who schedules the order in Seller Central."""
        if not self.cancelled and self.live is None:
            span = Window(at(self.minute + 60), at(self.minute + 180), "PICKUP")
            self._schedule("PANEL", span)

    def facts(self) -> Facts:
        """Tell the order as getOrder does."""
        status, sub = "ACCEPTED", ""
        if self.parcels:
            word = self.parcels[-1].status
            status, sub = ("PACKAGE_CREATED", "LABEL_CANCELLED") if word == "LabelCanceled" else (_STATUS[word], "")
        if self.cancelled:
            status, sub = "CANCELLED", ""
        return self._facts(status, sub, at(self.touched), self.parcels[-1].span if self.parcels else None)

    def read(self, source: str = "sweep") -> Seen:
        """Answer getOrder."""
        return Seen(self.facts(), self.tick(), source)

    def _facts(self, status: str, sub: str, as_of: datetime, span: Window | None) -> Facts:
        scheduled = status in ("SHIPLABEL_GENERATED", "SHIPPED", "DELIVERED")
        packages = (
            (SeenPackage("PKG-1", status, None, (("L-1", 2),), span, self.parcels[-1].tracking),) if scheduled else ()
        )
        return Facts(
            amazon_id="O",
            location="DEFAULT",
            marketplace="A21TJRUUN4KGV",
            channel="MFN",
            shipping_type="MARKETPLACE",
            order_id="O",
            status=status,
            as_of=as_of,
            sub_status=sub,
            rejectable=REJECTABLE,
            needs_invoice=True,
            packages=packages,
            api="seller_central",
        )

    def probe(self, shipment: Shipment) -> Seen | Done:
        """Answer as the gateway does: the package proves a schedule, else the order is told."""
        read_at, pending = self.tick(), shipment.pending
        if pending is not None and pending.step.kind in _BY_PACKAGE and self.live is not None:
            moved = pending.step.kind is not StepKind.RESCHEDULE or self.live.slot == pending.step.option_id
            if moved:
                return Done(pending.step, self.tick(), labels=(self._label(),))
            facts = self._facts(_STATUS[self.live.status], "", shipment.as_of, self.live.span)
            return Seen(facts, read_at, "probe")
        return Seen(self.facts(), read_at, "probe")

    def call(self, step: Step, fate: str) -> Done | Failed:
        """Make one call; `fate` is ok, lost_before, lost_after or busy."""
        if step.kind in LOCAL:
            return Done(step, self.tick())
        self.log.append(f"{self.minute:g} {step.kind.value} {fate}")
        if fate == "busy":
            return self._no(step, "unclear", "InternalServerError")
        answer = self._no(step, "unclear", "lost") if fate == "lost_before" else self._take(step)
        return self._no(step, "unclear", "lost") if fate == "lost_after" else answer

    def _take(self, step: Step) -> Done | Failed:
        self.tick()
        match step.kind:
            case StepKind.READ_OPTIONS:
                return self._list(step)
            case StepKind.REGENERATE_LABELS if self.live is None:
                return self._no(step, "slot", "LabelCanceled")
            case StepKind.REGENERATE_LABELS:
                return Done(step, self.tick(), labels=(self._label(),))
        if self.cancelled:
            return self._no(step, "refused", "InvalidOrderState")
        if step.kind is StepKind.GENERATE_LABELS and self.live is not None:
            return self._no(step, "conflict", "ScheduledPackageAlreadyExists")
        if not self._is_open(step.option_id or ""):
            return self._no(step, "slot", "ScheduleWindowExpired")
        span = self.slots[step.option_id or ""]
        if step.kind is StepKind.GENERATE_LABELS:
            self._schedule(step.option_id or "", span)
        elif self.live is None or self.live.status != "PendingPickUp":
            return self._no(step, "refused", "OrderNotEligibleForRescheduling")
        else:
            self.live.slot, self.live.span = step.option_id or "", span
            self.touch()
        return Done(step, self.tick(), labels=(self._label(),))

    def _list(self, step: Step) -> Done | Failed:
        if self.cancelled or (self.live and self.live.status != "PendingPickUp"):
            return self._no(step, "refused", "InvalidOrderState")
        names = [f"SLOT-{len(self.slots) + n}" for n in (1, 2)]
        for place, name in enumerate(names):
            self.slots[name] = Window(at(self.minute + 45 + 60 * place), at(self.minute + 105 + 60 * place), "PICKUP")
            self.listed[name] = self.minute
        options = tuple(
            ShippingOption(name, "MARKETPLACE", "", self.slots[name], recommended=name == names[0]) for name in names
        )
        return Done(step, self.tick(), options=options)

    def _is_open(self, slot: str) -> bool:
        return slot in self.slots and self.minute < self.listed[slot] + SLOT_LIFE

    def _schedule(self, slot: str, span: Window) -> None:
        self.parcels.append(Parcel(f"TRK-{len(self.parcels) + 1}", slot, span))
        self.touch()

    def _label(self) -> LabelResult:
        parcel = self.live
        assert parcel is not None
        return LabelResult("PKG-1", True, parcel.tracking, option_id=parcel.slot, window=parcel.span)

    def _no(self, step: Step, kind: str, code: str) -> Failed:
        status = 0 if code == "lost" else 400
        return Failed(step, self.tick(), Failure(kind, step.kind.value, status, code, code))
