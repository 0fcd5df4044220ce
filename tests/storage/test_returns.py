"""Returns in the store: news once, in Amazon's order, linked to shipments, passwords sealed and recorded."""

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from builders import NOON
from packline.commands.returns import ReturnDesk
from packline.domain.returns import Kind, Password, SeenReturn, return_id
from packline.errors import Denied, Invalid, NotFound
from packline.ports import Ownership
from packline.ports.returns import Piece
from packline.storage.return_receipts import ReturnDock
from packline.storage.returns import Returns
from packline.storage.secrets import Vault
from packline.views import returns as views
from storage.stores import StillClock, own, store

WORD = "481516"
MINE = Ownership("acme-in", 1)


def seen(status: str = "CREATED", minutes: int = 0, **given: Any) -> SeenReturn:
    """Give a return as Amazon tells of it."""
    told = SeenReturn(
        amazon_id="R-1",
        status=status,
        kind=Kind.CUSTOMER,
        as_of=NOON + timedelta(minutes=minutes),
        location="EXSB",
        sku="KURTA-M",
        units=3,
        rma_id="RMA-1",
        tracking_id="REV-1",
    )
    return replace(told, **given)


@pytest.fixture
async def returns(pool) -> Returns:
    """Open the store of an account that this worker owns."""
    await own(pool)
    return Returns(pool, Vault({1: b"k" * 32}))


def desk_of(pool: Any, returns: Returns) -> ReturnDesk:
    """Make the desk, at noon."""
    return ReturnDesk(ReturnDock(pool), returns, StillClock())


async def told(pool: Any) -> list[tuple[str, Any]]:
    """List events with what they tell."""
    rows = await pool.fetch("select name, data from event where name like 'return.%' order by seq")
    return [(row["name"], msgspec.json.decode(row["data"])) for row in rows]


async def test_news_is_told_once_and_never_backwards(pool, returns):
    """New, moved, the same again, and an older page that comes late: two events."""
    assert await returns.save(MINE, [seen()], NOON) == 1
    assert await returns.save(MINE, [seen()], NOON) == 0
    assert await returns.save(MINE, [seen("DELIVERED", 5)], NOON) == 1
    assert await returns.save(MINE, [seen("IN_TRANSIT", 3)], NOON) == 0
    names = [name for name, _ in await told(pool)]
    assert names == ["return.created", "return.delivered"]
    changes = (await told(pool))[1][1]["event"]["changes"]
    assert changes == [["status", "CREATED", "DELIVERED"]]


async def test_what_is_seen_late_for_the_first_time_tells_where_it_is(pool, returns):
    """A return that was delivered before we saw it is told as created and as delivered."""
    await returns.save(MINE, [seen("DELIVERED")], NOON)
    assert [name for name, _ in await told(pool)] == ["return.created", "return.delivered"]


async def test_what_amazon_leaves_out_later_did_not_go_away(pool, returns):
    """A tracking id that a later answer does not hold is kept; a new one after planning again is told."""
    await returns.save(MINE, [seen()], NOON)
    await returns.save(MINE, [seen("IN_TRANSIT", 1, tracking_id="")], NOON)
    await returns.save(MINE, [seen("REPLANNED", 2, tracking_id="REV-2")], NOON)
    row = await views.detail(pool, return_id("acme-in", "R-1"))
    assert (row["tracking_id"], row["status"]) == ("REV-2", "REPLANNED")
    assert (await told(pool))[-1][1]["event"]["changes"][1] == ["tracking_id", "REV-1", "REV-2"]


async def test_another_owner_writes_nothing(pool, returns):
    """Fenced: no row and no event."""
    assert await returns.save(Ownership("acme-in", 7), [seen()], NOON) is None
    assert await told(pool) == []


async def test_a_page_of_many_is_one_transaction(pool, returns):
    """A hundred returns with one of them twice: a hundred rows."""
    page = [replace(seen(), amazon_id=f"R-{n}") for n in range(100)]
    assert await returns.save(MINE, [*page, page[3]], NOON) == 100
    assert await pool.fetchval("select count(*) from return_item") == 100


async def test_a_return_finds_its_shipment_also_when_it_comes_later(pool, returns):
    """By Amazon's shipment id, before or after the shipment is known; by an order that has one shipment."""
    await returns.save(MINE, [seen(amazon_shipment="S-1")], NOON)
    made = await store(pool)
    await pool.execute("update return_item set amazon_shipment_id = $1", made.amazon_id)
    await returns.tidy("acme-in", NOON)
    assert await pool.fetchval("select shipment_id from return_item") == made.id
    await returns.save(MINE, [replace(seen(), amazon_id="R-2", order_id=made.order_id)], NOON)
    assert await pool.fetchval("select shipment_id from return_item where amazon_id = 'R-2'") == made.id


async def test_a_password_is_sealed_shown_while_valid_and_every_look_is_recorded(pool, returns):
    """Not in any row or event; the look is, with who looked; afterwards it is forgotten."""
    until = NOON + timedelta(hours=1)
    await returns.save(MINE, [seen(password=Password(WORD, until))], NOON)
    item = return_id("acme-in", "R-1")
    kept = [*await pool.fetch("select * from return_item"), *await pool.fetch("select * from event")]
    assert all(WORD.encode() not in bytes(v) for row in kept for v in row.values() if isinstance(v, bytes))
    assert all(WORD not in str(v) for row in kept for v in row.values())
    assert WORD not in repr(seen(password=Password(WORD, until)))
    desk = desk_of(pool, returns)
    assert (await desk.password(item, by="key_1")).word == WORD
    assert [look["by"] for look in (await views.detail(pool, item))["looks"]] == ["key_1"]
    late = StillClock()
    late.time = until
    with pytest.raises(Denied):
        await ReturnDesk(ReturnDock(pool), returns, late).password(item, by="key_1")
    assert await pool.fetchval("select count(*) from return_look") == 1
    await returns.tidy("acme-in", until)
    assert await pool.fetchval("select otp from return_item") is None


async def test_a_password_is_sealed_again_with_a_new_key(pool, returns):
    """After a rotation the old key is needed no more."""
    await returns.save(MINE, [seen(password=Password(WORD, NOON + timedelta(hours=1)))], NOON)
    both = Returns(pool, Vault({1: b"k" * 32, 2: b"n" * 32}))
    assert (await both.reseal(), await both.reseal()) == (1, 0)
    new = Returns(pool, Vault({2: b"n" * 32}))
    found = await new.password(return_id("acme-in", "R-1"), "me", NOON)
    assert found is not None
    assert found.word == WORD


async def test_units_come_in_by_parts_and_each_part_counts_once(pool, returns):
    """Two sellable, then one damaged; a repetition is known, more than expected is refused whole."""
    await returns.save(MINE, [seen("DELIVERED")], NOON)
    item, desk = return_id("acme-in", "R-1"), desk_of(pool, returns)
    first = await desk.receive(item, [Piece(2, "sellable")], key="a", by="me")
    assert [(one.before, one.after) for one in first.restocked] == [(0, 2)]
    assert (await desk.receive(item, [Piece(2, "sellable")], key="a", by="me")).outcome == "known"
    with pytest.raises(Denied, match="3 units, 2 of them received"):
        await desk.receive(item, [Piece(1, "sellable"), Piece(1, "defective")], by="me")
    last = await desk.receive(item, [Piece(1, "defective", serials=("SN-1",))], by="me")
    assert (last.received_units, last.awaited_units) == (3, 0)
    row = await pool.fetchrow("select on_hand, unsellable from stock_balance")
    assert tuple(row) == (2, 1)
    names = [name for name, _ in await told(pool)]
    assert names[-4:] == ["return.received", "return.restocked", "return.received", "return.restocked"]
    about = (await told(pool))[-1][1]["return"]
    assert (about["received_units"], about["restocked_units"]) == (3, 3)


async def test_what_is_no_unit_of_this_sku_never_gets_into_the_ledger(pool, returns):
    """A wrong item and an empty box are received, and stock stays as it is."""
    await returns.save(MINE, [seen("DELIVERED")], NOON)
    item, desk = return_id("acme-in", "R-1"), desk_of(pool, returns)
    done = await desk.receive(item, [Piece(1, "wrong_item"), Piece(2, "missing")], by="me")
    assert (done.outcome, done.awaited_units, done.restocked) == ("received", 0, ())
    assert await pool.fetchval("select count(*) from stock_entry") == 0
    assert (await desk.restock(item)).outcome == "known"


async def test_two_who_receive_the_same_units_at_once_get_them_once(pool, returns):
    """Two scanners, two keys: one is refused, and the ledger has three units, not six."""
    await returns.save(MINE, [seen("DELIVERED")], NOON)
    item, desk = return_id("acme-in", "R-1"), desk_of(pool, returns)
    told_by = [desk.receive(item, [Piece(3, "sellable")], key=key, by=key) for key in ("a", "b", "c")]
    fates = await asyncio.gather(*told_by, return_exceptions=True)
    assert sum(isinstance(fate, Denied) for fate in fates) == 2
    assert await pool.fetchval("select on_hand from stock_balance") == 3


async def test_bad_input_is_refused_field_by_field(pool, returns):
    """No such condition, no unit, serials that do not fit; an unknown return is not found."""
    desk = desk_of(pool, returns)
    with pytest.raises(Invalid) as refused:
        await desk.receive("ret_x", [Piece(0, "shiny"), Piece(2, "sellable", serials=("A", "A"))])
    assert [fault.pointer for fault in refused.value.errors] == [
        "/pieces/0/units",
        "/pieces/0/condition",
        "/pieces/1/serials",
    ]
    for act in (desk.receive("ret_x", [Piece(1, "sellable")]), desk.restock("ret_x"), desk.password("ret_x", by="me")):
        with pytest.raises(NotFound):
            await act


async def test_a_list_pages_by_key_and_narrows_by_stage(pool, returns):
    """Newest first; what was delivered and not received is what the dock looks for."""
    for n in range(5):
        status = "DELIVERED" if n % 2 else "IN_TRANSIT"
        told_of = replace(seen(status), amazon_id=f"R-{n}")
        await returns.save(MINE, [told_of], NOON + timedelta(minutes=n))
    first = await views.returns(pool, views.ReturnFilters(), limit=3)
    rest = await views.returns(pool, views.ReturnFilters(), limit=3, after=first.next)
    assert [row["amazon_id"] for row in [*first.items, *rest.items]] == ["R-4", "R-3", "R-2", "R-1", "R-0"]
    waiting = await views.returns(pool, views.ReturnFilters(stage="to_receive"))
    assert [row["amazon_id"] for row in waiting.items] == ["R-3", "R-1"]


async def test_what_amazon_processed_waits_until_somebody_here_says_what_became_of_it(pool, returns):
    """No ledger has its units otherwise: taken in elsewhere is an answer too, and lays nothing in. Only what was
    processed before Packline knew the account asks for nobody."""
    await pool.execute("update account set created_at = $1", NOON)
    for name, minutes in (("R-new", 5), ("R-old", -5)):
        told_of = seen("PROCESSED", minutes, amazon_id=name)
        await returns.save(MINE, [told_of], NOON + timedelta(minutes=10))
    stages = {row["amazon_id"]: row["stage"] for row in (await views.returns(pool, views.ReturnFilters())).items}
    assert stages == {"R-new": "expected", "R-old": "past"}
    for stage, name in (("to_receive", "R-new"), ("expected", "R-new"), ("past", "R-old")):
        found = await views.returns(pool, views.ReturnFilters(stage=stage))
        assert [row["amazon_id"] for row in found.items] == [name]
    item = await views.find(pool, "R-new")
    done = await desk_of(pool, returns).receive(item, [Piece(3, "elsewhere")])
    assert (done.outcome, done.awaited_units, done.restocked) == ("received", 0, ())
    assert (await views.returns(pool, views.ReturnFilters(stage="to_receive"))).items == []
    assert await pool.fetchval("select count(*) from stock_entry") == 0
