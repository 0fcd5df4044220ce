"""Pharmacy: a program that Amazon names and no field of its API tells from the others."""

import pytest

from packline_sim.actors.carriers import CarriersChange
from packline_sim.actors.smarthub_operator import Operator
from packline_sim.control.stage import Stage
from packline_sim.specs import Credentials
from sim.core.driving import BASE, Client

SHOWN = {"easy_ship": ("MFN", "MARKETPLACE"), "self_ship": ("MFN", "SELF"), "seller_flex": ("FBA", "MARKETPLACE")}


@pytest.mark.anyio
@pytest.mark.parametrize("shown", SHOWN)
async def test_a_pharmacy_shipment_is_shown_as_the_switch_says(stage, order, client: Client, shown: str) -> None:
    """Amazon tells a channel and a shipping type, and nothing else of the program; here it is known by its name."""
    stage.world.switches.update({"pharmacy_channel": shown})
    shipment = order(program="PHARMACY")
    answer = (await client.call("GET", f"{BASE}/shipments/{shipment.shipment_id}")).json()
    told = answer["marketplaceAttributes"]["channelName"], answer["shippingInfo"]["shippingType"]
    assert told == SHOWN[shown]
    assert "PHARMACY" not in str(answer).upper()
    assert (shipment.program, shipment.works_as) == ("PHARMACY", shown.upper())


@pytest.mark.parametrize("shown", SHOWN)
def test_a_pharmacy_parcel_goes_the_way_of_what_it_is_shown_as(
    stage: Stage, credentials: Credentials, order, shown: str
) -> None:
    """People can work on it and carriers who serve Pharmacy bring it, whatever it is shown as; no rule is broken."""
    stage.world.switches.update({"pharmacy_channel": shown})
    stage.change_carriers(CarriersChange(automatic=True, programs=("PHARMACY",)))
    stage.hire_operator(Operator(seller_id="S1", share=1.0, programs=("PHARMACY",)))
    made, other = [order(program="PHARMACY") for _ in range(5)], order(program="SELLER_FLEX")
    stage.world.clock.advance(5 * 86_400)
    assert {shipment.status for shipment in made} == {"DELIVERED"}
    assert other.status == "ACCEPTED", "it is none of theirs"
    assert stage.invariants.report().violations == []


def test_carriers_of_easy_ship_take_pharmacy_where_it_is_shown_so(
    stage: Stage, credentials: Credentials, order
) -> None:
    """A carrier sees no more than Amazon shows."""
    stage.change_carriers(CarriersChange(automatic=True, programs=("EASY_SHIP",)))
    stage.hire_operator(Operator(seller_id="S1", share=1.0, until="label"))
    shipment = order(program="PHARMACY")
    stage.world.clock.advance(5 * 86_400)
    assert shipment.status == "DELIVERED"
