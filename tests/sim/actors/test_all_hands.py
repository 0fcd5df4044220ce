"""Whoever acts, in whatever order: no state arises that Amazon's rules do not know."""

import random
from collections.abc import Awaitable, Callable

import pytest

from packline_sim.actors.buyers import Buyers
from packline_sim.actors.carriers import CarriersChange
from packline_sim.actors.former_integrator import Integrator
from packline_sim.actors.parcels import Parcel
from packline_sim.actors.smarthub_desk import STEPS, Desk, Packing
from packline_sim.actors.smarthub_operator import Operator
from packline_sim.reverse import LEGAL, restock, set_otp
from packline_sim.specs import LineSpec, ReturnSpec, ShipmentSpec
from packline_sim.switch_tables.external_fulfillment import SWITCHES
from sim.core.driving import BASE, INVENTORY

PROGRAMS = ("SELLER_FLEX", "EASY_SHIP", "SELF_SHIP")
SKUS = ("KETTLE", "RADIO", "TABLE")
# A lenient Amazon takes any step at any time, so that nothing can be said of its states.
TAME = {"wrong_state": ("400", "409")}
SCANS = ("PICKED_UP", "OUT_FOR_DELIVERY", "DELIVERED", "NOT_DELIVERED", "UNDELIVERABLE", "LOST")


class Crowd:
    """Draw acts of everybody from one stream, and carry them out whether or not they can be."""

    def __init__(self, stage, client, draw: random.Random) -> None:
        self.stage, self.client, self.draw = stage, client, draw
        self.world, self.desk = stage.world, Desk(stage.world)
        self.refused = self.done = 0

    async def act(self) -> None:
        acts: tuple[Callable[[], Awaitable[None] | None], ...] = (
            self.order, self.smarthub, self.smarthub, self.smarthub, self.call, self.call, self.call,
            self.cancel, self.scan, self.send_back, self.move_return, self.restock, self.publish, self.wait,
        )  # fmt: skip
        try:
            outcome = self.draw.choice(acts)()
            if outcome is not None:
                await outcome
            self.done += 1
        except ValueError:
            self.refused += 1

    def shipment(self):
        return self.draw.choice(list(self.world.shipments.values()))

    def order(self) -> None:
        lines = tuple(LineSpec(sku=self.draw.choice(SKUS), units=self.draw.randint(1, 3)) for _ in range(2))
        place = self.draw.choice(("L1", "L2"))
        self.world.create_shipments(
            "S1", ShipmentSpec(program=self.draw.choice(PROGRAMS), lines=lines, location_id=place)
        )

    def smarthub(self) -> None:
        shipment = self.shipment()
        parcels = ()
        if self.draw.random() < 0.3:
            first = {line.line_id: self.draw.randint(1, line.units) for line in shipment.lines}
            parcels = (Parcel(units=first), Parcel())
        packing = Packing(scan=self.draw.random() < 0.7, parcels=parcels)
        if self.draw.random() < 0.1:
            self.desk.scan(shipment, ())
        elif self.draw.random() < 0.05:
            self.desk.reject(shipment, "CUSTOMER_REQUESTED")
        else:
            self.desk.work(shipment, self.draw.choice(STEPS), packing)

    async def call(self) -> None:
        shipment = self.shipment()
        path = f"{BASE}/shipments/{shipment.shipment_id}"
        package = next(iter(shipment.packages), "NONE")
        kind = self.draw.randrange(8)
        if kind < 2:
            await self.client.call("POST", path, operation="CONFIRM")
        elif kind == 2:
            body = next((row.body for row in shipment.packages.values()), {"id": "NONE"})
            await self.client.call("PUT", f"{path}/packages/{package}", body)
        elif kind == 3:
            await self.client.call("GET", f"{path}/shippingOptions", packageId=package)
        elif kind == 4:
            await self.client.call("POST", f"{path}/invoice")
        elif kind == 5:
            operation = self.draw.choice(("GENERATE", "REGENERATE"))
            await self.client.call("PUT", f"{path}/shipLabels", operation=operation)
        elif kind == 6:
            await self.client.call("PATCH", f"{path}/packages/{package}", {"status": "SHIPPED"})
        else:
            await self.client.call("POST", path, {"lineItems": []}, operation="REJECT")

    def cancel(self) -> None:
        if self.draw.random() < 0.3:
            self.world.cancel(self.shipment().shipment_id, by=self.draw.choice(("BUYER", "MARKETPLACE", "SYSTEM")))

    def scan(self) -> None:
        self.world.carrier_scan(self.shipment().shipment_id, self.draw.choice(SCANS))

    def send_back(self) -> None:
        shipment = self.shipment()
        spec = ReturnSpec(
            shipment_id=shipment.shipment_id,
            line_id=self.draw.choice(shipment.lines).line_id,
            units=self.draw.randint(1, 2),
            return_type=self.draw.choice(("CUSTOMER", "REJECT")),
        )
        self.world.create_return(spec)

    def move_return(self) -> None:
        if self.world.returns:
            record = self.draw.choice(list(self.world.returns.values()))
            if self.draw.random() < 0.1:
                set_otp(self.world, record, None, self.draw.randint(0, 90_000))
            self.world.move_return(record.return_id, self.draw.choice(list(LEGAL)))

    def restock(self) -> None:
        if self.world.returns:
            restock(self.world, self.draw.choice(list(self.world.returns.values())), self.draw.choice((None, 1)))

    async def publish(self) -> None:
        sequence, quantity = self.draw.randrange(1000), self.draw.randrange(2000)
        uri = f"/inventory/update?locationId=L1&skuId={self.draw.choice(SKUS)}"
        body = {"quantity": quantity, "clientSequenceNumber": sequence}
        await self.client.call("POST", INVENTORY, {"requests": [{"method": "POST", "uri": uri, "body": body}]})

    def wait(self) -> None:
        self.world.clock.advance(self.draw.choice((1, 600, 30_000)))
        self.client.token = None


def _other_readings(draw: random.Random) -> dict[str, str]:
    """Settle every doubt by the draw, so that the rules are held in every reading of Amazon."""
    return {row.name: draw.choice(TAME.get(row.name, row.values)) for row in SWITCHES if draw.random() < 0.5}


@pytest.mark.parametrize("seed", range(12))
async def test_no_order_of_acts_leads_to_an_impossible_state(stage, client, seed: int) -> None:
    """Six hundred acts by everybody at random, in a random reading of Amazon: every invariant holds all the way."""
    draw = random.Random(seed)
    readings = _other_readings(draw) if seed else {}
    readings |= {"bad_token": "403", "restricted_data_token": "off"}
    stage.world.switches.update(
        {key: value for key, value in readings.items() if key in stage.world.switches.as_dict()}
    )
    crowd = Crowd(stage, client, draw)
    stage.hire_operator(Operator(seller_id="S1", share=0.3, takeover_share=0.1, step_after_s=3000))
    stage.employ_integrator(Integrator(seller_id="S1", confirm_after_s=2000, stock_every_s=20_000))
    stage.start_buyers(
        Buyers(
            seller_id="S1",
            orders_per_minute=0.02,
            cancel_share=0.2,
            refuse_share=0.1,
            return_share=0.3,
            return_after_s=9000,
        )
    )
    stage.change_carriers(
        CarriersChange(automatic=True, stations=True, returns=True, lost_share=0.05, return_step_s=3000)
    )
    for _ in range(5):
        crowd.order()
    for at in range(600):
        await crowd.act()
        if at % 50 == 0:
            assert stage.invariants.report().violations == [], (at, readings)
    assert stage.invariants.report().violations == [], readings
    assert crowd.done > 200
    assert crowd.refused > 20
