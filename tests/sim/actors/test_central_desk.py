"""People in Seller Central book pickups of Easy Ship orders by the rules of the Easy Ship API."""

import pytest

from packline_sim.actors.central_desk import CentralDesk
from packline_sim.actors.smarthub_operator import Operator
from packline_sim.orders.progress import cancel_label
from packline_sim.orders.specs import OrderSpec
from packline_sim.progress import BadMove
from packline_sim.specs import SellerSpec, SkuSpec

HOUR = 3600
EASY_SHIP = "/easyShip/2022-03-23"
BULK_ONLY = "A1805IZSGTT6HS"


@pytest.fixture
def central(world, credentials):
    """Have buyers order at Seller Central."""

    def make(sku: str = "KETTLE", **spec):
        return world.create_orders("S1", OrderSpec(sku=sku, **spec))[0]

    return make


async def test_a_pickup_booked_by_people_is_seen_through_the_api(stage, client, central) -> None:
    """The first window, serial numbers where they are wanted, and the connector finds the order scheduled."""
    order = central("RADIO", quantity=2)
    CentralDesk(stage.world).schedule(order, "PICKUP")
    assert (order.easy_ship_status, order.live_package.status) == ("PendingPickUp", "ReadyForPickup")
    assert [len(row) for row in order.live_package.serials.values()] == [2]
    assert order.history[-1].cause == "seller_central:createScheduledPackage"
    query = {"amazonOrderId": order.order_id, "marketplaceId": order.marketplace_id}
    shown = (await client.call("GET", f"{EASY_SHIP}/package", **query)).json()
    assert shown["scheduledPackageId"]["packageId"] == order.live_package.package_id
    with pytest.raises(BadMove, match="already exists"):
        CentralDesk(stage.world).schedule(order)
    assert stage.invariants.report().violations == []


def test_some_marketplaces_schedule_by_the_list(world, stage) -> None:
    """Where Amazon offers no windows people schedule as the bulk operation does."""
    world.create_seller(SellerSpec(name="Canal Goods", seller_id="S2", marketplace_ids=(BULK_ONLY,)))
    world.create_sku("S2", SkuSpec(sku="BOWL"))
    order = world.create_orders("S2", OrderSpec(sku="BOWL"))[0]
    CentralDesk(world).schedule(order)
    assert order.easy_ship_status == "PendingDropOff"


def test_people_book_their_share(stage, central) -> None:
    """By themselves, also what was there before they came, and again when Amazon cancels a label."""
    early = [central() for _ in range(20)]
    stage.hire_operator(Operator(seller_id="S1", api="seller_central", share=1.0, step_after_s=60))
    late = central()
    stage.world.clock.advance(HOUR)
    assert {order.easy_ship_status for order in (*early, late)} == {"PendingPickUp"}
    cancel_label(stage.world, late)
    stage.world.clock.advance(HOUR)
    assert [package.status for package in late.packages] == ["LabelCanceled", "ReadyForPickup"]
    assert stage.cast.operator("operator-1").state.steps == {"schedule": 22}
    assert stage.invariants.report().violations == []


def test_what_is_not_easy_ship_is_refused(stage, central) -> None:
    """An order that the seller ships himself has no pickup to book."""
    with pytest.raises(BadMove, match="not an Easy Ship order"):
        CentralDesk(stage.world).schedule(central(easy_ship=False))
