"""Which parcels a manifest takes."""

import pytest
from msgspec.structs import replace

from builders import NOON, at, package, shipment
from packline.domain.manifest import Manifest, ManifestStatus, scanned_in, still_leaves, taken_out
from packline.domain.shipment import Goal, Label, Package, Shipment
from packline.domain.values import Window
from packline.errors import Denied

SLOT = Window(at(120), at(240), "PICKUP")
OPEN = Manifest("mft_1", "acme-in", "EXSB", NOON, most=2)


def parcel(tracking: str = "TRK-1", carrier: str = "ATS", window: Window | None = SLOT, **given: object) -> Package:
    return package(label=Label(tracking, carrier, 1, 1, NOON, window=window), sent=1, **given)


def ready(box: Package, **given: object) -> Shipment:
    return shipment("SHIPLABEL_GENERATED", packages=(box,), **given)


def scan(manifest: Manifest, box: Package, **given: object) -> Manifest:
    return scanned_in(manifest, ready(box, **given), box, NOON, "me")


def refused(manifest: Manifest, box: Package, **given: object) -> str:
    with pytest.raises(Denied) as refusal:
        scan(manifest, box, **given)
    assert refusal.value.message
    assert refusal.value.hint
    return refusal.value.reason


def test_the_first_parcel_decides_carrier_and_slot():
    """Nobody types what the first label says."""
    made = scan(OPEN, parcel())
    assert (made.carrier, made.window, [entry.tracking_id for entry in made.entries]) == ("ATS", SLOT, ["TRK-1"])


def test_a_parcel_scanned_twice_is_on_it_once():
    """A scanner that beeps twice changes nothing."""
    made = scan(OPEN, parcel())
    assert scan(made, parcel()) is made


@pytest.mark.parametrize(
    ("box", "given", "reason"),
    [
        (parcel("T2", carrier="BlueDart"), {}, "wrong_carrier"),
        (parcel("T2", window=Window(at(300), at(420), "PICKUP")), {}, "wrong_slot"),
        (parcel("T2", window=None), {}, "wrong_slot"),
        (parcel("T2"), {"location": "ELSEWHERE"}, "wrong_location"),
        (parcel("T2"), {"account": "other"}, "wrong_location"),
        (parcel("T2"), {"goal": Goal.REJECTED}, "being_rejected"),
        (parcel("T2"), {"handed_over_at": NOON}, "handed_over"),
        (parcel("T2", revision=2), {}, "superseded"),
        (replace(parcel("T2"), label=Label("T2", "ATS", 1, 1, NOON, void=True)), {}, "superseded"),
        (package(), {}, "no_label"),
    ],
)
def test_what_may_not_go_is_refused_with_the_reason(box: Package, given: dict, reason: str):
    """Each refusal has a word for programs and a sentence with a cure for people."""
    assert refused(scan(OPEN, parcel()), box, **given) == reason


def test_a_cancelled_shipment_goes_nowhere():
    """The buyer was quicker than the van."""
    box = parcel("T2")
    with pytest.raises(Denied, match="cancelled"):
        scanned_in(OPEN, shipment("CANCELLED", packages=(box,)), box, NOON, "me")
    assert "cancelled" in still_leaves(shipment("CANCELLED", packages=(box,)), "PKG-1", "T2")
    assert "superseded" in still_leaves(ready(parcel("T3")), "PKG-1", "T2")
    assert not still_leaves(ready(box), "PKG-1", "T2")


def test_a_full_or_closed_manifest_takes_no_more():
    """At most as many as the setting said when it was opened; what is closed is fixed."""
    full = scan(scan(OPEN, parcel()), parcel("T2"))
    assert refused(full, parcel("T3")) == "manifest_full"
    closed = replace(OPEN, status=ManifestStatus.CLOSED)
    assert refused(closed, parcel()) == "manifest_closed"
    with pytest.raises(Denied, match="closed"):
        taken_out(closed, "TRK-1")
    assert [entry.tracking_id for entry in taken_out(full, "TRK-1").entries] == ["T2"]
    with pytest.raises(Denied, match="not on this manifest"):
        taken_out(full, "T9")
