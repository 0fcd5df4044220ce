"""Carriers: what they leave for another visit."""

from packline_sim.actors.carriers import CarriersChange
from packline_sim.actors.smarthub_desk import Desk, Packing

HOUR, DAY = 3600, 86_400


def test_a_parcel_whose_label_nobody_fetched_waits_for_another_visit(stage, order) -> None:
    """The answer with the label was lost: nothing is collected until its file is fetched; SmartHub prints its own."""
    stage.change_carriers(CarriersChange(automatic=True, pickup_after_s=HOUR, deliver_after_s=DAY, only_printed=True))
    lost, printed = order(), order()
    for shipment in (lost, printed):
        Desk(stage.world).work(shipment, "label", Packing())
    label = next(iter(lost.packages.values())).live_label
    label.call_seq = 5
    stage.world.clock.advance(6 * HOUR)
    assert (lost.status, printed.status) == ("SHIPLABEL_GENERATED", "SHIPPED")
    label.downloads = 1
    stage.world.clock.advance(2 * HOUR)
    assert lost.status == "SHIPPED"
