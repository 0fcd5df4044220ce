"""Manifests: open, scan parcels in and out, close, hand all over."""

import secrets
from collections.abc import Sequence

from msgspec.structs import replace

from packline.commands.desk import Desk
from packline.commands.hand_over import HandOver
from packline.commands.order import Order
from packline.domain.manifest import (
    Entry,
    Manifest,
    ManifestStatus,
    refuse_closed,
    scanned_in,
    still_leaves,
    taken_out,
)
from packline.domain.shipment import Package, Shipment
from packline.domain.ticket import Ticket
from packline.domain.values import Value, Window, stable_id
from packline.errors import Conflict, Denied, Invalid, NotFound, PacklineError
from packline.ports import AccountStore, Clock, ShipmentStore
from packline.ports.manifests import Happened, ManifestStore
from packline.ports.printing import Target

STALE_AT_MOST = 6
AT_ONCE = 1000
"""References in one request."""
ID_DIGITS = 16  # mft_ and twelve digits: short enough for a bar code


class Opening(Value, frozen=True):
    """A manifest to open; carrier and slot left out are decided by the first parcel."""

    account: str
    location: str
    carrier: str | None = None
    window: Window | None = None


class Scanned(Value, frozen=True):
    """What came of one scan: added, already (on this manifest), removed, or refused with the reason."""

    reference: str
    outcome: str
    shipment: str = ""
    package: str = ""
    tracking_id: str = ""
    reason: str = ""
    why: str = ""
    hint: str = ""


class HandedOver(Value, frozen=True):
    """What came of one shipment: handed_over (with its ticket), waits (for its other parcels), stopped, or refused."""

    shipment: str
    order_id: str
    packages: tuple[str, ...]
    outcome: str
    ticket: str = ""
    why: str = ""
    hint: str = ""


class ManifestDesk:
    """Where manifests are made; Amazon is told by the desk's own hand_over."""

    def __init__(
        self,
        store: ManifestStore,
        shipments: ShipmentStore,
        accounts: AccountStore,
        desk: Desk,
        clock: Clock,
        most: int,
    ) -> None:
        """Take the stores and the desk; `most` is how many packages a new manifest takes."""
        self._store, self._shipments, self._accounts, self._desk = store, shipments, accounts, desk
        self._clock, self._most = clock, most

    async def open(self, opening: Opening, by: str, key: str = "") -> Manifest:
        """Open a manifest; the same key gives the same one.

        Raises NotFound for an unknown account or location.
        """
        places = {place.id for place in await self._accounts.locations(opening.account)}
        if opening.location not in places:
            known = ", ".join(sorted(places)) or "none"
            raise NotFound(f"Account {opening.account} has no location {opening.location}; it has {known}.")
        name = stable_id("mft", opening.account, key or secrets.token_hex(16))[:ID_DIGITS]
        made = Manifest(
            id=name,
            account=opening.account,
            location=opening.location,
            opened_at=self._clock.now(),
            opened_by=by,
            most=self._most,
            carrier=opening.carrier or "",
            window=opening.window,
            is_decided=opening.carrier is not None,
        )
        return await self._store.open(made)

    async def manifest(self, manifest_id: str) -> Manifest:
        """Read a manifest.

        Raises NotFound.
        """
        found = await self._store.manifest(manifest_id)
        if found is None:
            raise NotFound(f"There is no manifest {manifest_id}.", hint="List them with GET /v1/manifests.")
        return found

    async def scan_in(self, manifest_id: str, references: Sequence[str], by: str) -> tuple[Manifest, list[Scanned]]:
        """Put parcels on an open manifest, each named by its tracking id, or by its shipment where that has one parcel.

        A parcel that may not go is refused with the reason, the others are added. Raises NotFound, and Denied for a
        manifest that is not open.
        """
        if not 1 <= len(references) <= AT_ONCE:
            raise Invalid(f"1 to {AT_ONCE} parcels at once; these are {len(references)}.")
        targets: dict[str, list[Target]] = {}
        for target in await self._store.find(references):
            targets.setdefault(target.reference, []).append(target)
        for _ in range(STALE_AT_MOST):
            before = await self.manifest(manifest_id)
            refuse_closed(before)
            after, told = await self._admitted(before, list(dict.fromkeys(references)), targets, by)
            added = after.entries[len(before.entries) :]
            happened = [Happened("manifest.package_added", entry) for entry in added]
            if not added or await self._store.commit(before, after, happened, by, self._clock.now()):
                return (replace(after, version=before.version + 1) if added else before), told
        raise _too_busy(manifest_id)

    async def _admitted(
        self, manifest: Manifest, references: Sequence[str], targets: dict[str, list[Target]], by: str
    ) -> tuple[Manifest, list[Scanned]]:
        shipments = await self._shipments.load(sorted({t.shipment for found in targets.values() for t in found}))
        named: dict[str, tuple[Shipment, Package] | Scanned] = {}
        for reference in references:
            named[reference] = _parcel(reference, targets.get(reference, ()), shipments)
        parcels = [one[1] for one in named.values() if not isinstance(one, Scanned)]
        tracking = {package.label.tracking_id for package in parcels if package.label}
        elsewhere = await self._store.elsewhere(tracking, manifest.id)
        told: list[Scanned] = []
        for reference, one in named.items():
            if isinstance(one, Scanned):
                told.append(one)
                continue
            manifest, scanned = self._scanned(manifest, reference, *one, elsewhere, by)
            told.append(scanned)
        return manifest, told

    def _scanned(
        self,
        manifest: Manifest,
        reference: str,
        shipment: Shipment,
        package: Package,
        elsewhere: dict[str, str],
        by: str,
    ) -> tuple[Manifest, Scanned]:
        tracking = package.label.tracking_id if package.label else ""
        given = (shipment.id, package.id, tracking)
        try:
            after = scanned_in(manifest, shipment, package, self._clock.now(), by)
            if after is not manifest and tracking in elsewhere:
                raise Denied(
                    f"This parcel is on manifest {elsewhere[tracking]}.",
                    reason="on_other_manifest",
                    hint="Take it off there first, if that one is still open.",
                )
        except Denied as refusal:
            return manifest, Scanned(reference, "refused", *given, refusal.reason, refusal.message, refusal.hint)
        return after, Scanned(reference, "already" if after is manifest else "added", *given)

    async def take_out(self, manifest_id: str, tracking_id: str, by: str) -> Manifest:
        """Take a parcel off an open manifest.

        Raises NotFound, and Denied for a closed manifest or a parcel that is not on it.
        """
        for _ in range(STALE_AT_MOST):
            before = await self.manifest(manifest_id)
            after = taken_out(before, tracking_id)
            happened = [Happened("manifest.package_removed", before.entry(tracking_id))]
            if await self._store.commit(before, after, happened, by, self._clock.now()):
                return replace(after, version=before.version + 1)
        raise _too_busy(manifest_id)

    async def close(self, manifest_id: str, by: str) -> Manifest:
        """Fix what a manifest says, for print and signature; closing it again changes nothing.

        Raises Denied where it is empty, or holds parcels that must not leave any more (each is named).
        """
        for _ in range(STALE_AT_MOST):
            before = await self.manifest(manifest_id)
            if before.status is not ManifestStatus.OPEN:
                return before
            await self._refuse_stopped(before)
            now = self._clock.now()
            after = replace(before, status=ManifestStatus.CLOSED, closed_at=now, closed_by=by)
            if await self._store.commit(before, after, [Happened("manifest.closed")], by, now):
                return replace(after, version=before.version + 1)
        raise _too_busy(manifest_id)

    async def _refuse_stopped(self, manifest: Manifest) -> None:
        if not manifest.leaving:
            raise Denied("The manifest is empty.", reason="manifest_empty", hint="Scan parcels in first.")
        stopped = await self._stopped(manifest)
        if stopped:
            said = "; ".join(f"{entry.tracking_id}: {why}" for entry, why in stopped.items())
            raise Denied(
                f"{len(stopped)} of its parcels must not leave: {said}",
                reason="parcels_stopped",
                hint="Take them out of the manifest and off the cart, then close it.",
            )

    async def _stopped(self, manifest: Manifest) -> dict[Entry, str]:
        shipments = await self._shipments.load(sorted({entry.shipment for entry in manifest.leaving}))
        stopped: dict[Entry, str] = {}
        for entry in manifest.leaving:
            shipment = shipments.get(entry.shipment)
            why = still_leaves(shipment, entry.package, entry.tracking_id) if shipment else "Its shipment is gone."
            if why:
                stopped[entry] = why
        return stopped

    async def hand_over(
        self, manifest_id: str, by: str, left_behind: Sequence[str] = ()
    ) -> tuple[Manifest, list[HandedOver]]:
        """Hand over all parcels of a closed manifest but those left behind; where the program has us, Amazon is told.

        Parcels that were stopped since it was closed stay behind too. A shipment is told when its last parcel leaves.
        Repeated after a crash, the same commands are given once. Raises Denied for an open manifest.
        """
        before = await self.manifest(manifest_id)
        if before.status is ManifestStatus.OPEN:
            raise Denied("The manifest is open.", reason="manifest_open", hint="Close it first.")
        now = self._clock.now()
        after, told = before, list[HandedOver]()
        if before.status is ManifestStatus.CLOSED:
            after, told = await self._split(before, left_behind)
        told += await self._give(after, by)
        if before.status is ManifestStatus.HANDED_OVER:
            return before, told
        after = replace(after, status=ManifestStatus.HANDED_OVER, handed_over_at=now, handed_over_by=by)
        stayed = [entry for entry in after.entries if entry.left_behind]
        happened = [Happened("manifest.package_left_behind", entry) for entry in stayed]
        if not await self._store.commit(before, after, [*happened, Happened("manifest.handed_over")], by, now):
            raise _too_busy(manifest_id)
        return replace(after, version=before.version + 1), told

    async def _split(self, manifest: Manifest, left_behind: Sequence[str]) -> tuple[Manifest, list[HandedOver]]:
        """Mark what stays: what is named, and what was stopped."""
        strangers = [name for name in left_behind if manifest.entry(name) is None]
        if strangers:
            raise Denied(
                f"{', '.join(strangers)} is not on this manifest.",
                reason="not_on_manifest",
                hint="Name parcels of this manifest by their tracking ids.",
            )
        stopped = await self._stopped(manifest)
        stays = {entry for entry in manifest.leaving if entry in stopped or entry.tracking_id in left_behind}
        entries = tuple(replace(entry, left_behind=True) if entry in stays else entry for entry in manifest.entries)
        told = [
            HandedOver(
                entry.shipment, entry.order_id, (entry.package,), "stopped", why=why, hint="Take it off the van."
            )
            for entry, why in stopped.items()
        ]
        return replace(manifest, entries=entries), told

    async def _give(self, manifest: Manifest, by: str) -> list[HandedOver]:
        """Tell the desk of every shipment whose parcels have all left."""
        parcels: dict[str, list[Entry]] = {}
        for entry in manifest.leaving:
            parcels.setdefault(entry.shipment, []).append(entry)
        gone = await self._store.left(parcels)
        gone |= {(entry.shipment, entry.package) for entry in manifest.leaving}
        shipments = await self._shipments.load(sorted(parcels))
        whole = [name for name in parcels if name in shipments and _has_left(shipments[name], gone)]
        orders = [Order(name, HandOver(), f"manifest:{manifest.id}", by) for name in whole]
        answers = dict(zip(whole, await self._desk.give_many(orders) if orders else [], strict=True))
        return [_told(entries, answers.get(name)) for name, entries in parcels.items()]


def _has_left(shipment: Shipment, gone: set[tuple[str, str]]) -> bool:
    return all((shipment.id, package.id) in gone for package in shipment.packages)


def _told(entries: Sequence[Entry], answer: Ticket | PacklineError | None) -> HandedOver:
    given = (entries[0].shipment, entries[0].order_id, tuple(entry.package for entry in entries))
    if answer is None:
        return HandedOver(*given, "waits", why="Other parcels of this shipment are still here.")
    if isinstance(answer, PacklineError):
        return HandedOver(*given, "refused", why=answer.message, hint=answer.hint)
    return HandedOver(*given, "handed_over", answer.id)


def _parcel(
    reference: str, found: Sequence[Target], shipments: dict[str, Shipment]
) -> tuple[Shipment, Package] | Scanned:
    known = [(shipments[target.shipment], target) for target in found if target.shipment in shipments]
    parcels = [
        (shipment, package)
        for shipment, target in known
        for package in shipment.packages
        if not target.package or package.id == target.package
    ]
    superseded = [t for s, t in known if t.package and _is_other(s, t)]
    if superseded:
        why = "This label was superseded; the parcel has another one."
        return Scanned(reference, "refused", reason="superseded", why=why, hint="Print the new label, and scan that.")
    if not known:
        why, hint = "No parcel has this code.", "Scan the tracking id on the label."
        return Scanned(reference, "refused", reason="not_found", why=why, hint=hint)
    if not parcels:
        why, hint = "It is not packed: there is no parcel.", "Pack it first."
        return Scanned(reference, "refused", known[0][0].id, reason="no_label", why=why, hint=hint)
    if len(parcels) > 1:
        why, hint = f"It has {len(parcels)} parcels.", "Scan the label of each."
        return Scanned(reference, "refused", parcels[0][0].id, reason="ambiguous", why=why, hint=hint)
    return parcels[0]


def _is_other(shipment: Shipment, target: Target) -> bool:
    package = shipment.package(target.package)
    return package is None or package.label is None or package.label.tracking_id != target.tracking_id


def _too_busy(manifest_id: str) -> Conflict:
    return Conflict(
        f"Manifest {manifest_id} kept changing while this was decided.", reason="busy", hint="Send it again."
    )
