"""A small Amazon in memory, strict about order, that counts what is made; for random walks, not for the wire."""

from dataclasses import dataclass, field

from builders import BOX, INVOICE_FILE, LABEL_FILE, REJECTABLE, at, option
from packline.domain.panel import Scan
from packline.domain.program import Program
from packline.domain.reports import Done, Facts, Failed, LabelResult, Seen, SeenPackage
from packline.domain.shipment import Failure
from packline.domain.step import Step, StepKind

ORDER = [
    "ACCEPTED",
    "CONFIRMED",
    "PACKAGE_CREATED",
    "PICKUP_SLOT_RETRIEVED",
    "INVOICE_GENERATED",
    "SHIPLABEL_GENERATED",
    "SHIPPED",
    "DELIVERED",
]


@dataclass
class SmallAmazon:
    """One shipment with one package at Amazon; `labels_made` counts labels, a REGENERATE of the same packing none."""

    program: Program
    needs_invoice: bool
    status: str = "ACCEPTED"
    minute: float = 0
    touched: float = 0
    has_package: bool = False
    labeled: bool = False
    labels_made: int = 0
    effects_after_cancel: int = 0
    log: list[str] = field(default_factory=list)
    package_id: str = "PKG-1"
    scans: tuple[Scan, ...] = ()
    refuses_copies: bool = False

    def tick(self) -> float:
        """Let a minute pass."""
        self.minute += 1
        return self.minute

    def cancel(self) -> None:
        """Be the buyer."""
        if self.status != "DELIVERED":
            self._move("CANCELLED")

    def scan(self) -> None:
        """Be the carrier."""
        if self.status == "SHIPLABEL_GENERATED":
            self._move("SHIPPED")

    def other_panel(self) -> None:
        """Be somebody at Amazon's own panel who takes the next step."""
        step = {
            "ACCEPTED": StepKind.CONFIRM,
            "PACKAGE_CREATED": StepKind.READ_OPTIONS,
            "PICKUP_SLOT_RETRIEVED": StepKind.GENERATE_INVOICE if self.needs_invoice else StepKind.GENERATE_LABELS,
            "INVOICE_GENERATED": StepKind.GENERATE_LABELS,
        }.get(self.status)
        if step:
            self.take(Step(step, (("PKG-1", 1),)))

    def pack_in_panel(self) -> None:
        """Be somebody at Amazon's own panel who packs it there, in a box of another name."""
        if self.status == "CONFIRMED" and not self.has_package:
            self.package_id = "SH-1"
            self.take(Step(StepKind.CREATE_PACKAGES))

    def scan_in_panel(self, *scans: Scan) -> None:
        """Be somebody at Amazon's own panel who scans what he packed or labelled."""
        if self.has_package and self.status not in ("SHIPPED", "DELIVERED", "CANCELLED"):
            self.scans, self.touched = scans, self.minute + 0.5

    def ship_in_panel(self) -> None:
        """Be somebody at Amazon's own panel who hands it over."""
        self.take(Step(StepKind.SHIP))

    def read(self, source: str = "probe") -> Seen:
        """Answer getShipment; what was scanned is in the listing only."""
        read_at = at(self.tick())
        seen = SeenPackage(self.package_id, self._package_status(), BOX, (("L-1", 2),))
        packages = (seen,) if self.has_package else ()
        facts = Facts(
            amazon_id="S-1",
            location="EXSB",
            marketplace="M",
            channel=self.program.channel,
            shipping_type=self.program.shipping_type,
            order_id="O",
            status=self.status,
            as_of=at(self.touched),
            rejectable=REJECTABLE,
            needs_invoice=self.needs_invoice,
            packages=packages,
            items=(("SKU-1", 2),),
            scanned=self.scans if source == "list" else (),
        )
        return Seen(facts, read_at, source)

    def _package_status(self) -> str:
        if self.status in ("SHIPPED", "DELIVERED"):
            return self.status
        return "SHIPLABEL_GENERATED" if self.labeled else "CREATED"

    def call(self, step: Step, fate: str) -> Done | Failed:
        """Make one call; `fate` is ok, lost_before, lost_after or busy."""
        now = at(self.tick())
        if fate == "busy":
            return Failed(step, now, Failure("conflict", step.kind, 409, "DuplicateRequest", "in progress"))
        refusal = None if fate == "lost_before" else self.take(step)
        now = at(self.tick())
        if fate.startswith("lost"):
            return Failed(step, now, Failure("unclear", step.kind, 0, "", "lost"))
        if refusal:
            return Failed(step, now, Failure("refused", step.kind, 400, "InvalidInput", refusal))
        return self._answer(step, now)

    def _answer(self, step: Step, now: object) -> Done:
        match step.kind:
            case StepKind.READ_OPTIONS:
                options = (option(start=100000, recommended=True),) if self.program.offers_slots else ()
                return Done(step, now, options=options)
            case StepKind.GENERATE_INVOICE | StepKind.FETCH_INVOICE:
                return Done(step, now, invoice=INVOICE_FILE.document)
            case StepKind.GENERATE_LABELS | StepKind.REGENERATE_LABELS:
                tracking_id, file = f"TRK-{self.labels_made}", LABEL_FILE.document
                label = LabelResult(self.package_id, True, tracking_id, "ATS", document=file)
                return Done(step, now, labels=(label,))
            case _:
                return Done(step, now)

    def take(self, step: Step) -> str | None:
        """Have the effect of a call, or say why it is refused."""
        self.log.append(step.kind.value)
        allowed, after = _RULES[step.kind]
        if self.status not in allowed:
            return f"{step.kind} in {self.status}"
        if step.kind is StepKind.REGENERATE_LABELS and self.refuses_copies:
            return "no copy of it"
        if step.kind is StepKind.CREATE_PACKAGES:
            self.has_package = True
        if step.kind is StepKind.GENERATE_LABELS:
            if self.needs_invoice and self.status == "PICKUP_SLOT_RETRIEVED":
                return "no invoice"
            self.labeled, self.labels_made = True, self.labels_made + 1
        if after and (after == "CANCELLED" or ORDER.index(after) > ORDER.index(self.status)):
            self._move(after)
        return None

    def _move(self, status: str) -> None:
        self.status, self.touched = status, self.minute + 0.5


_RULES: dict[StepKind, tuple[tuple[str, ...], str | None]] = {
    StepKind.CONFIRM: (("ACCEPTED",), "CONFIRMED"),
    StepKind.REJECT: (REJECTABLE, "CANCELLED"),
    StepKind.CREATE_PACKAGES: (("CONFIRMED",), "PACKAGE_CREATED"),
    StepKind.READ_OPTIONS: (tuple(ORDER[2:6]), "PICKUP_SLOT_RETRIEVED"),
    StepKind.GENERATE_INVOICE: (("PICKUP_SLOT_RETRIEVED",), "INVOICE_GENERATED"),
    StepKind.FETCH_INVOICE: (tuple(ORDER[4:]), None),
    StepKind.GENERATE_LABELS: (("PICKUP_SLOT_RETRIEVED", "INVOICE_GENERATED"), "SHIPLABEL_GENERATED"),
    StepKind.REGENERATE_LABELS: (("SHIPLABEL_GENERATED", "SHIPPED"), None),
    StepKind.SHIP: (("SHIPLABEL_GENERATED",), "SHIPPED"),
    StepKind.DELIVER: (("SHIPPED",), "DELIVERED"),
}
