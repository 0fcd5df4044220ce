"""What goes with the call that makes labels, or asks for them again."""

import msgspec
import pytest
from msgspec.structs import replace

from builders import NOON, package, toward
from packline.amazon.external_fulfillment.requests import prepare
from packline.amazon.programs import SELF_SHIP
from packline.domain.shipment import Goal, Label, PackageStatus
from packline.domain.slot import Courier
from packline.domain.step import Step, StepKind

COURIER = Courier("Sample Couriers", "SC1")
OURS = Label("SC1", "Sample Couriers", 1, 1, NOON)


@pytest.mark.parametrize(
    ("kind", "label", "is_sent"),
    [
        (StepKind.GENERATE_LABELS, None, True),
        (StepKind.REGENERATE_LABELS, OURS, True),
        (StepKind.REGENERATE_LABELS, None, False),
        (StepKind.REGENERATE_LABELS, replace(OURS, void=True), False),
    ],
)
def test_our_courier_is_not_put_on_a_label_that_somebody_else_made(
    kind: StepKind, label: Label | None, is_sent: bool
) -> None:
    """People labelled it in SmartHub with a carrier of theirs: ours would void the label that is on the parcel."""
    box = replace(package(), label=label, sent=1, status=PackageStatus.LABELED)
    shipment = replace(toward(Goal.LABELED, "SHIPLABEL_GENERATED", SELF_SHIP, packages=(box,)), courier=COURIER)
    body = msgspec.json.decode(prepare(shipment, Step(kind, ((box.id, 1),))).body)
    assert ("courierSupportedAttributes" in body) is is_sent
