"""Manifests: the parcels that go with one carrier in one slot, and the rules of scanning them in."""

from datetime import datetime
from enum import StrEnum

from msgspec.structs import replace

from packline.domain.printing import Piece, label_of
from packline.domain.shipment import Package, Shipment, Status
from packline.domain.values import Value, Window
from packline.errors import Denied

MOST = 100
"""Packages on one manifest where no setting says otherwise; carriers' own forms have a hundred lines."""


class ManifestStatus(StrEnum):
    """How far a manifest is; there is no way back."""

    OPEN = "open"
    CLOSED = "closed"
    HANDED_OVER = "handed_over"


class Entry(Value, frozen=True):
    """One parcel on a manifest; `left_behind`: it was on the list, and did not leave."""

    shipment: str
    package: str
    tracking_id: str
    order_id: str
    added_at: datetime
    added_by: str = ""
    weight_g: float = 0.0
    left_behind: bool = False


class Manifest(Value, frozen=True):
    """Parcels of one account and location for one carrier and slot.

    Carrier and slot may be left open: the first parcel decides. `most` is how many it takes. Its version counts writes.
    """

    id: str
    account: str
    location: str
    opened_at: datetime
    opened_by: str = ""
    most: int = MOST
    carrier: str = ""
    window: Window | None = None
    is_decided: bool = False
    status: ManifestStatus = ManifestStatus.OPEN
    entries: tuple[Entry, ...] = ()
    closed_at: datetime | None = None
    closed_by: str = ""
    handed_over_at: datetime | None = None
    handed_over_by: str = ""
    version: int = 0

    @property
    def leaving(self) -> tuple[Entry, ...]:
        """Give the parcels that leave, in the order in which they were scanned."""
        return tuple(entry for entry in self.entries if not entry.left_behind)

    def entry(self, tracking_id: str) -> Entry | None:
        """Find a parcel by its tracking id."""
        return next((entry for entry in self.leaving if entry.tracking_id == tracking_id), None)


def scanned_in(manifest: Manifest, shipment: Shipment, package: Package, now: datetime, by: str) -> Manifest:
    """Put one parcel on a manifest; one that is on it already changes nothing.

    Raises Denied with the reason: closed, full, another account or location, no good label, carrier or slot of another.
    """
    refuse_closed(manifest)
    label = package.label
    if label is not None and not label.void and manifest.entry(label.tracking_id) is not None:
        return manifest
    _refuse_stranger(manifest, shipment)
    _refuse_label(shipment, package)
    assert label is not None  # noqa: S101  a good label was just seen
    if len(manifest.leaving) >= manifest.most:
        raise Denied(
            f"The manifest holds {manifest.most} packages, and takes no more.",
            reason="manifest_full",
            hint="Close it and open another one.",
        )
    if manifest.is_decided:
        _refuse_other_way(manifest, label.carrier, label.window)
    added = Entry(
        shipment.id, package.id, label.tracking_id, shipment.order_id, now, by, round(package.box.weight_g, 1)
    )
    return replace(
        manifest,
        entries=(*manifest.entries, added),
        carrier=manifest.carrier if manifest.is_decided else label.carrier,
        window=manifest.window if manifest.is_decided else label.window,
        is_decided=True,
    )


def taken_out(manifest: Manifest, tracking_id: str) -> Manifest:
    """Take one parcel off an open manifest.

    Raises Denied for a closed manifest, or a parcel that is not on it.
    """
    refuse_closed(manifest)
    if manifest.entry(tracking_id) is None:
        raise Denied(
            f"{tracking_id} is not on this manifest.", reason="not_on_manifest", hint="Scan the parcel's label."
        )
    return replace(manifest, entries=tuple(e for e in manifest.entries if e.tracking_id != tracking_id))


def refuse_closed(manifest: Manifest) -> None:
    """Raise Denied where nothing can be changed any more."""
    if manifest.status is not ManifestStatus.OPEN:
        raise Denied(
            f"The manifest is {manifest.status.value.replace('_', ' ')}: what it says is fixed.",
            reason="manifest_closed",
            hint="Open another manifest; a closed one is never opened again.",
        )


def still_leaves(shipment: Shipment, package_id: str, tracking_id: str) -> str:
    """Say why a parcel that is on a manifest must not leave; empty where it may."""
    package = shipment.package(package_id)
    if package is None or package.label is None or package.label.tracking_id != tracking_id:
        return "Its label was superseded: it was packed anew."
    found = label_of(shipment, package)
    return "" if isinstance(found, Piece) or found[0] == "no_file" else found[1]


def _refuse_stranger(manifest: Manifest, shipment: Shipment) -> None:
    if (shipment.account, shipment.location) != (manifest.account, manifest.location):
        raise Denied(
            f"This parcel leaves from {shipment.account} · {shipment.location}; the manifest is for"
            f" {manifest.account} · {manifest.location}.",
            reason="wrong_location",
            hint="Put it on a manifest of its own location.",
        )


def _refuse_label(shipment: Shipment, package: Package) -> None:
    found = label_of(shipment, package)
    if not isinstance(found, Piece) and found[0] != "no_file":  # the file may be elsewhere; the label is there
        reason, why, hint = found
        raise Denied(why, reason=reason, hint=hint)
    if shipment.status in (Status.SHIPPED, Status.DELIVERED) or shipment.handed_over_at is not None:
        raise Denied(
            "The shipment was handed over already.",
            reason="handed_over",
            hint="If the parcel is still here, give it to the carrier; it needs no manifest.",
        )


def _refuse_other_way(manifest: Manifest, carrier: str, window: Window | None) -> None:
    if carrier != manifest.carrier:
        raise Denied(
            f"This parcel goes with {carrier or 'no carrier'}; the manifest is for {manifest.carrier or 'no carrier'}.",
            reason="wrong_carrier",
            hint="Put it on a manifest of its own carrier.",
        )
    if window != manifest.window:
        raise Denied(
            f"This parcel's slot is {_slot(window)}; the manifest is for {_slot(manifest.window)}.",
            reason="wrong_slot",
            hint="Put it on a manifest of its own slot.",
        )


def _slot(window: Window | None) -> str:
    return f"{window.start:%d %b %H:%M}-{window.end:%H:%M} UTC" if window else "none"
