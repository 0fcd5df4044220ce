"""Returns move as Amazon and carriers move them, and their one-time password counts until its moment."""

import pytest

from packline_sim.actors.smarthub_desk import Desk, Packing
from packline_sim.creation import BadSpec
from packline_sim.progress import BadMove
from packline_sim.reverse import set_otp
from packline_sim.specs import ReturnSpec
from sim.core.driving import BASE

DAY = 86_400


@pytest.fixture
def departed(world, order):
    """Give a shipment that has left, of two kettles."""
    shipment = order("KETTLE", units=2)
    Desk(world).work(shipment, "ship", Packing())
    return shipment


async def _shown(client, record) -> dict[str, object]:
    return (await client.call("GET", f"{BASE}/returns/{record.return_id}")).json()


def test_a_refused_parcel_never_was_with_the_buyer(world, departed) -> None:
    """A REJECT travels back with the carrier that had it: nobody picks it up, and nothing delivered becomes one."""
    record = world.create_return(ReturnSpec(shipment_id=departed.shipment_id, return_type="REJECT"))
    with pytest.raises(BadMove, match="no buyer took"):
        world.move_return(record.return_id, "PICKED_FROM_CUSTOMER")
    for status in ("IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED"):
        world.move_return(record.return_id, status)
    assert record.status == "DELIVERED"
    spec = ReturnSpec(shipment_id=departed.shipment_id, return_type="REJECT", status="CUSTOMER_DROPPED_OFF")
    with pytest.raises(BadSpec, match="begins CREATED"):
        world.create_return(spec)


def test_what_was_delivered_only_the_customer_sends_back(world, departed) -> None:
    """Return to origin and customer return are told apart by where the parcel was."""
    world.carrier_scan(departed.shipment_id, "DELIVERED")
    with pytest.raises(BadSpec, match="only the CUSTOMER"):
        world.create_return(ReturnSpec(shipment_id=departed.shipment_id, return_type="REJECT"))
    assert world.create_return(ReturnSpec(shipment_id=departed.shipment_id)).return_type == "CUSTOMER"


async def test_a_password_is_asked_for_at_the_door(client, world, departed) -> None:
    """The right one in time is accepted and Amazon says that it was used; a wrong one is refused and moves nothing."""
    record = world.create_return(ReturnSpec(shipment_id=departed.shipment_id, status="OUT_FOR_DELIVERY"))
    with pytest.raises(BadMove, match="not its password"):
        world.move_return(record.return_id, "DELIVERED", "000000")
    assert record.status == "OUT_FOR_DELIVERY"
    world.move_return(record.return_id, "DELIVERED", record.otp)
    assert (await _shown(client, record))["packageDeliveryMode"] == "WITH_OTP"


async def test_a_password_ends_at_its_moment(client, world, departed) -> None:
    """Afterwards it opens no door; whether it is still shown is a doubt."""
    record = world.create_return(ReturnSpec(shipment_id=departed.shipment_id))
    world.clock.advance(8 * DAY)
    assert "otpDetails" in await _shown(client, record)
    world.switches.update({"expired_otp": "hidden"})
    assert "otpDetails" not in await _shown(client, record)
    for status in ("PICKED_FROM_CUSTOMER", "IN_TRANSIT"):
        world.move_return(record.return_id, status)
    first = record.otp
    world.move_return(record.return_id, "OUT_FOR_DELIVERY")
    assert record.otp != first, "the carrier is at the door with a password that counts"
    assert "otpDetails" in await _shown(client, record)


async def test_a_password_may_come_late(client, world, departed) -> None:
    """In the other reading it is shown once the parcel is near."""
    world.switches.update({"return_otp": "when_near"})
    record = world.create_return(ReturnSpec(shipment_id=departed.shipment_id, status="IN_TRANSIT"))
    assert "otpDetails" not in await _shown(client, record)
    world.move_return(record.return_id, "OUT_FOR_DELIVERY")
    assert "otpDetails" in await _shown(client, record)


def test_another_password_ends_the_old_one(world, departed) -> None:
    """It counts from now for as long as told, and only while a delivery is to come."""
    record = world.create_return(ReturnSpec(shipment_id=departed.shipment_id, status="OUT_FOR_DELIVERY"))
    old = record.otp
    set_otp(world, record, "424242", 60)
    with pytest.raises(BadMove, match="not its password"):
        world.move_return(record.return_id, "DELIVERED", old)
    world.clock.advance(61)
    with pytest.raises(BadMove, match="no longer valid"):
        world.move_return(record.return_id, "DELIVERED", "424242")
    world.move_return(record.return_id, "DELIVERED")
    assert record.delivery_mode == "WITHOUT_OTP"
    with pytest.raises(BadMove, match="to come"):
        set_otp(world, record, None, 60)


def test_lines_of_one_sku_come_back_together(world, order) -> None:
    """A refused parcel with two lines of one SKU comes back whole, and not a unit more."""
    shipment = order("KETTLE", "KETTLE", units=2)
    Desk(world).work(shipment, "ship", Packing())
    for line in shipment.lines:
        world.create_return(ReturnSpec(shipment_id=shipment.shipment_id, line_id=line.line_id, units=2))
    with pytest.raises(BadSpec, match="4 of them returned already"):
        world.create_return(ReturnSpec(shipment_id=shipment.shipment_id))
