"""The integrator whom the seller leaves confirms by himself and writes stock under sequence numbers of his own."""

import msgspec
import pytest

from packline_sim.actors.former_integrator import Integrator, IntegratorChange
from packline_sim.orders.specs import OrderSpec
from sim.core.driving import INVENTORY

HOUR = 3600


def _update(location: str, sku: str, quantity: int, sequence: int) -> dict[str, object]:
    uri = f"/inventory/update?locationId={location}&skuId={sku}"
    return {"method": "POST", "uri": uri, "body": {"quantity": quantity, "clientSequenceNumber": sequence}}


async def _write(client, sequence: int, quantity: int = 7) -> dict[str, object]:
    body = {"requests": [_update("L1", "KETTLE", quantity, sequence)]}
    return (await client.call("POST", INVENTORY, body)).json()["responses"][0]


def test_he_confirms_every_new_shipment(stage, order) -> None:
    """Soon after it came, with his name in its history."""
    stage.employ_integrator(Integrator(seller_id="S1", writes_stock=False))
    orders = [order() for _ in range(20)]
    stage.world.clock.advance(HOUR)
    assert {row.status for row in orders} == {"CONFIRMED"}
    assert {row.history[-1].cause for row in orders} == {"former_integrator:CONFIRM"}
    assert not any(row.worked_in_smarthub for row in orders)
    assert stage.cast.integrator("integrator-1").state.confirmed == 20


def test_his_confirmation_can_be_switched_off(stage, order) -> None:
    """From then on shipments stay ACCEPTED, as migration day needs it."""
    stage.employ_integrator(Integrator(seller_id="S1"))
    stage.change_integrator("integrator-1", IntegratorChange(confirms=False))
    shipment = order()
    stage.world.clock.advance(HOUR)
    assert shipment.status == "ACCEPTED"


async def test_he_writes_stock_under_his_own_numbers(stage, client) -> None:
    """One up at each writing, for each SKU and place: what truly lies on the floor."""
    stage.employ_integrator(Integrator(seller_id="S1", stock_every_s=600, first_sequence=41))
    stage.world.set_stock("S1", "L1", "KETTLE", on_hand=33)
    stage.world.clock.advance(1250)
    row = stage.world.stock.row("S1", "L1", "KETTLE")
    assert (row.quantity, row.sequences) == (33, {"": 42})
    assert stage.world.stock.row("S1", "L2", "RADIO").sequences == {"": 42}
    assert stage.cast.integrator("integrator-1").state.written == 2 * 6


async def test_two_writers_on_different_numbers_shut_each_other_out(stage, client) -> None:
    """Whoever counts 1, 2, 3 is stale for ever once somebody wrote under the time in milliseconds."""
    stage.employ_integrator(Integrator(seller_id="S1", stock_every_s=600, sequences="epoch_ms"))
    stage.world.clock.advance(700)
    answer = await _write(client, 1)
    assert answer["body"]["actionableErrors"][0]["errorType"] == "STALE_DATA"
    known = answer["body"]["clientSequenceNumber"]
    assert (await _write(client, known + 10**9))["status"]["statusCode"] == 200
    stage.world.clock.advance(700)
    assert stage.world.stock.row("S1", "L1", "KETTLE").quantity == 7
    assert stage.cast.integrator("integrator-1").state.stale == 1
    assert stage.invariants.report().violations == []


async def test_a_forgotten_program_writes_what_once_was(stage, client, order) -> None:
    """With frozen stock he puts back what the other has changed: the parallel run must show it."""
    stage.employ_integrator(Integrator(seller_id="S1", stock="frozen", stock_every_s=600, sequences="epoch_ms"))
    stage.world.clock.advance(700)
    assert (await _write(client, stage.world.clock.now_ms(), 7))["status"]["statusCode"] == 200
    stage.world.set_stock("S1", "L1", "KETTLE", on_hand=7)
    stage.world.clock.advance(600)
    assert stage.world.stock.row("S1", "L1", "KETTLE").quantity == 1000


def test_his_numbers_survive_a_snapshot(stage, credentials) -> None:
    """He goes on counting where he was, and is not stale against himself."""
    stage.employ_integrator(Integrator(seller_id="S1", stock_every_s=600))
    stage.world.clock.advance(1300)
    stage.load(stage.save())
    stage.world.clock.advance(700)
    assert stage.cast.integrator("integrator-1").state.stale == 0
    assert stage.world.stock.row("S1", "L1", "KETTLE").sequences == {"": 3}


def test_a_stopped_program_does_nothing(stage, order) -> None:
    """Neither what was planned nor what comes."""
    stage.employ_integrator(Integrator(seller_id="S1"))
    shipment = order()
    stage.cast.integrator("integrator-1").stop()
    stage.world.clock.advance(24 * HOUR)
    assert shipment.status == "ACCEPTED"
    assert stage.world.stock.row("S1", "L1", "KETTLE").sequences == {}


@pytest.mark.parametrize("kind", [Integrator, IntegratorChange])
def test_settings_can_be_written_down(kind) -> None:
    """They travel through the control API as JSON."""
    given = kind(seller_id="S1") if kind is Integrator else kind(confirms=True)
    assert msgspec.json.decode(msgspec.json.encode(given), type=kind) == given


def test_at_seller_central_he_books_every_pickup(stage, credentials) -> None:
    """Soon after the order came, under his own name."""
    early = stage.world.create_orders("S1", OrderSpec(sku="KETTLE", count=3))
    stage.employ_integrator(Integrator(seller_id="S1", api="seller_central", writes_stock=False))
    late = stage.world.create_orders("S1", OrderSpec(sku="RADIO", pending_minutes=10))
    stage.world.clock.advance(HOUR)
    assert {row.easy_ship_status for row in (*early, *late)} == {"PendingPickUp"}
    assert {row.history[-1].cause for row in early} == {"former_integrator:createScheduledPackage"}
    assert stage.cast.integrator("integrator-1").state.confirmed == 4
    assert stage.invariants.report().violations == []


def test_at_seller_central_he_writes_what_was_listed(stage, credentials) -> None:
    """With frozen stock he puts back what buyers have taken since, as a forgotten program does."""
    settings = Integrator(seller_id="S1", api="seller_central", stock="frozen", stock_every_s=600, confirms=False)
    stage.employ_integrator(settings)
    stage.world.clock.advance(700)
    stage.world.create_orders("S1", OrderSpec(sku="KETTLE", count=5))
    listing = stage.world.listings["S1", "KETTLE"]
    assert listing.available == 995
    stage.world.clock.advance(2 * HOUR)
    stage.world.agenda.run_due(stage.world)
    assert (listing.available, listing.told > 1) == (1000, True)
    state = stage.cast.integrator("integrator-1").state
    assert (state.written, state.refused) == (13 * 3, 0)
