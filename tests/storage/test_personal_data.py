"""Every place that may hold a buyer's data: encrypted where it lies, empty when its time is over."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import msgspec
import pytest

from api.house import DETAILS, House, open_house
from builders import at, package
from packline.domain import events as ev
from packline.domain.document_drop import DocumentDrop
from packline.domain.printing import Form, Paper
from packline.domain.returns import Kind, Password, SeenReturn
from packline.domain.shipment import Goal, Label, Status
from packline.domain.values import DocumentKind, file_of
from packline.errors import NotFound
from packline.ports import Change, Ownership
from packline.ports.printing import Print, PrintFile
from packline.storage import partitions, resealing
from packline.storage.document_drops import DocumentDrops
from packline.storage.erasing import Erasing
from packline.storage.idempotency import Answer, Idempotency
from packline.storage.intake import Intake
from packline.storage.prints import Prints
from packline.storage.resealing import Resealing
from packline.storage.return_receipts import ReturnDock
from packline.storage.sealed import is_sealed, opened
from packline.storage.sealing import LATER, Sealing
from packline.storage.secrets import Vault
from packline.views import parked, returns
from storage.stores import own

MARK = "Zuleikha Marker-Test"
TOWN = "560999"
KEYS = {1: b"k" * 32}
VAULT = Vault(KEYS)
KEEP = timedelta(days=30)
SOME_DAYS = {"inbox", "idempotency"}
"""Held as they come, for hours or days: what Amazon notifies names orders only, and answers are to writes."""
HELD = {
    "erased with its shipment": ("shipment.state", "shipment_body.body", "document.content", "document.head"),
    "erased after as many days": ("parked.body", "parked.head", "document_drop.content"),
    "erased after an hour": ("print_file.content",),
    "erased with its own end": ("return_item.otp", "inbox.body", "idempotency.body", "idempotency.headers"),
    "made without personal data": (
        "event.data", "call.request", "call.response", "command.request", "command.problem", "return_item.state",
        "manifest.state", "reconciliation_stated.stated", "reconciliation_item.payload", "print.refused",
    ),
    "a mark of bytes": (
        "shipment_body.hash", "parked.hash", "document_drop_sheet.parked_hash", "idempotency.fingerprint",
        "session.hash", "api_key.hash", "person_link.hash", "sign_in_attempt.name_hash", "consent.state_hash",
        "identity_flow_used.state_hash", "stock_cause.cause",
    ),
    "a secret of the seller's": (
        "account.credentials", "webhook.secret", "notification_queue.credentials", "consent.sealed",
    ),
    "of the seller's goods, accounts or work": (
        "consent.account", "ownership.levels", "lane_snapshot.lanes", "feed_item.payload", "stock_import.content",
        "stock_refusal.row", "listing_import.content", "listing_row.row", "stock_drift_run.seller", "route_order.lines",
        "route_order.short", "route_parcel.lines", "stock_allocation.scanned", "pgqueuer.payload",
    ),
}  # fmt: skip
"""Columns of bytes by what they hold. A new one belongs here, and in what erases it."""


@pytest.fixture
async def house(pool: asyncpg.Pool) -> AsyncIterator[House]:
    async with open_house(pool) as made:
        yield made


def words(value: Any) -> Iterator[bytes]:
    """Give all that a value holds, what is encrypted opened."""
    if isinstance(value, str):
        yield value.encode()
    elif isinstance(value, bytes):
        yield opened(VAULT, value) if is_sealed(value) else value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from words(one)


async def tables(pool: asyncpg.Pool) -> list[str]:
    """Name all tables, those that have parts once."""
    rows = await pool.fetch(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = current_schema() and c.relkind in ('r', 'p') and not c.relispartition order by 1"
    )
    return [row[0] for row in rows]


async def places(pool: asyncpg.Pool, wanted: str, *, plain: bool = False) -> set[str]:
    """Name the tables that hold a text; `plain`: where it can be read without a key."""
    found = set()
    for table in await tables(pool):
        rows = await pool.fetch(f'select * from "{table}"')
        cells = [value for row in rows for value in row if not plain or not sealed(value)]
        if any(wanted.encode() in word for cell in cells for word in words(cell)):
            found.add(table)
    return found


def sealed(value: Any) -> bool:
    return isinstance(value, bytes) and is_sealed(value)


async def plant(house: House) -> str:
    """Let a buyer's name and town come by every way that there is; gives the return's id."""
    pool, now = house.services.pool, house.services.clock.now()
    made = await house.shipment("S-1")
    known = (await house.store.load([made.id]))[made.id]
    body = msgspec.json.encode(msgspec.structs.replace(DETAILS, ship_to={"name": MARK, "postalCode": TOWN}))
    assert (await house.store.commit([Change(known, known.version, (), None, body=body)]))[0].outcome == "written"
    await house.happen(made.id, ev.GoalSet(Goal.LABELED, at(1), packages=(package(),)))
    label = file_of(f"%PDF-1.4 {MARK} {TOWN}".encode(), "application/pdf")
    held = Label("TRK-1", "ATS", 1, 1, at(1), document=label.document)
    await house.happen(made.id, ev.LabelMade("PKG-1", held), files=(label,))
    await house.happen(made.id, ev.Moved(Status("DELIVERED"), "amazon", at(2)))
    await pool.execute("update shipment set as_of = $1, updated_at = $1, received_at = $1", now)
    await pool.execute("update document set created_at = $1", now)
    await Intake(pool, VAULT).park("acme-in", "getShipments", f'{{"name": "{MARK}"}}'.encode(), "Odd.", now)
    await Intake(pool).park("acme-in", "getShipments", f'{{"older": "{MARK} {TOWN}"}}'.encode(), "Odd.", now)
    drop = DocumentDrop("drop_1", "acme-in", now, "pile.pdf", "user: asha")
    await DocumentDrops(pool, VAULT).add(drop, f"%PDF {MARK}".encode())
    file = PrintFile(DocumentKind.SHIP_LABEL, "l.pdf", "application/pdf", 9, now + timedelta(hours=1), MARK.encode())
    sheet = Print("prt_1", now, "user: asha", Form.PDF, Paper.LABEL, "given", False, 1, 0, (), (file,))
    await Prints(pool, VAULT).save(sheet, [])
    await pool.execute("update print set accounts = '{acme-in}', locations = '{EXSB}'")
    told = SeenReturn(
        amazon_id="R-1", status="DELIVERED", kind=Kind.CUSTOMER, as_of=now, location="EXSB", sku="K", units=1,
        rma_id="RMA-1", tracking_id="REV-1", password=Password(MARK, now + timedelta(days=1)),
    )  # fmt: skip
    await own(pool)
    await house.services.returns.save(Ownership("acme-in", 1), [told], now)
    item = await pool.fetchval("select id from return_item")
    photo = file_of(f"\xff\xd8 {MARK}".encode(), "image/jpeg")
    await ReturnDock(pool).keep_photo(item, photo, "box.jpg", "user: asha", now)
    await pool.execute(
        "insert into route_order values"
        " ('acme-in', 'O-1', '[]', 'IN', $1, null, 'done', '[]', '{}', true, '{}', 1, $2, $2)",
        TOWN, now,
    )  # fmt: skip
    idempotency = Idempotency(pool)
    await idempotency.take("key_1", "k", b"f", now)
    await idempotency.keep("key_1", "k", Answer(200, "application/json", MARK.encode()))
    await pool.execute(
        "insert into inbox (account_id, source, dedupe, amazon_id, body, received_at) values"
        " ('acme-in', 'sqs', 'd', 'S-1', $1, $2)", MARK.encode(), now,
    )  # fmt: skip
    await house.client.get(f"/v1/shipments/{made.id}")
    return str(item)


async def test_nothing_of_a_buyer_can_be_read_without_the_key_nor_stays(house: House):
    """Ten minutes later only what lives for days is readable; thirty days later it is nowhere, encrypted or not."""
    pool, now = house.services.pool, house.services.clock.now()
    item = await plant(house)
    assert {"shipment_body", "document", "parked", "document_drop", "print_file"} <= await places(pool, MARK)
    sealing = Sealing(pool, VAULT)
    while await sealing.work(now + LATER + timedelta(minutes=1)):
        pass
    assert await places(pool, MARK, plain=True) == SOME_DAYS
    assert await places(pool, TOWN, plain=True) == {"route_order"}
    photo = await pool.fetchval("select sha256 from return_photo")
    assert MARK.encode() in (await returns.photo(pool, item, photo, lambda held: opened(VAULT, held))).content
    assert b"older" in await parked.body(pool, "2", lambda held: opened(VAULT, held))
    assert [row["size"] for row in (await parked.parked(pool)).items] == [40, 32]
    later = now + KEEP + timedelta(hours=1)
    await clean(pool, house, later)
    assert await places(pool, MARK) == set()
    assert await places(pool, TOWN) == set()
    for read in (returns.photo(pool, item, photo, bytes), parked.body(pool, "2", bytes)):
        with pytest.raises(NotFound) as refused:
            await read
        assert refused.value.reason == "erased"
    assert [row["size"] for row in (await parked.parked(pool)).items] == [40, 32]


async def clean(pool: asyncpg.Pool, house: House, now: datetime) -> None:
    """Do what a worker does while nobody looks."""
    job = Erasing(pool, lambda body, api: house.services.gateway.details(opened(VAULT, body), api), KEEP)
    while await job.work(now):
        pass
    await job.tidy(now)
    await Idempotency(pool).purge(now)
    async with pool.acquire() as connection:
        await partitions.keep(connection, now)


async def test_a_photo_stays_as_long_as_its_return_is_told_of(house: House):
    """What was taken in lately, or is of a return with news, is still needed; of two returns both must be over."""
    pool, now = house.services.pool, house.services.clock.now()
    await plant(house)
    await pool.execute("update return_item set updated_at = $1", now + timedelta(days=20))
    await clean(pool, house, now + KEEP + timedelta(hours=1))
    assert await places(pool, MARK) == {"document"}
    await clean(pool, house, now + KEEP + timedelta(days=21))
    assert await places(pool, MARK) == set()


async def test_every_column_of_bytes_says_what_it_holds(pool: asyncpg.Pool):
    """A new one is nobody's until it stands in the list above: so none is forgotten when data is erased."""
    rows = await pool.fetch(
        "select c.relname || '.' || a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid"
        " join pg_namespace n on n.oid = c.relnamespace where n.nspname = current_schema() and c.relkind in ('r', 'p')"
        " and not c.relispartition and a.attnum > 0 and not a.attisdropped and a.atttypid = 'bytea'::regtype"
    )
    held = [column for columns in HELD.values() for column in columns]
    assert sorted(row[0] for row in rows) == sorted(held)


async def versions(pool: asyncpg.Pool) -> set[int]:
    """Tell which keys protect what is encrypted."""
    found: set[int] = set()
    for shelf in resealing.SHELVES:
        rows = await pool.fetch(f"select {shelf.content} from {shelf.table}")
        found |= {int.from_bytes(row[0][1:3], "big") for row in rows if is_sealed(row[0])}
    return found


async def test_a_new_key_protects_the_older_data_too(house: House, monkeypatch: pytest.MonkeyPatch):
    """Set by set; whoever ends in the middle goes on from there, and everything can be read at every moment."""
    pool, now = house.services.pool, house.services.clock.now() + LATER + timedelta(minutes=1)
    await plant(house)
    for number in range(5):
        await Intake(pool, VAULT).park("acme-in", "getShipments", f"{number} {MARK}".encode(), "Odd.", now)
    while await Sealing(pool, VAULT).work(now):
        pass
    assert await versions(pool) == {1}
    monkeypatch.setattr(resealing, "AT_ONCE", 2)
    newer = Vault({**KEYS, 2: b"n" * 32})
    assert await Resealing(pool, newer).work(now)
    assert await versions(pool) == {1, 2}
    bodies = [await parked.body(pool, str(n), lambda held: opened(newer, held)) for n in range(1, 8)]
    assert all(MARK.encode() in body for body in bodies)
    await asyncio.gather(*(drained(Resealing(pool, newer), now) for _ in range(2)))  # both began anew
    assert await versions(pool) == {2}
    assert [await parked.body(pool, str(n), lambda held: opened(newer, held)) for n in range(1, 8)] == bodies
    before = await pool.fetch("select body from parked order by id")
    await drained(Resealing(pool, newer), now + timedelta(days=2))
    assert await pool.fetch("select body from parked order by id") == before


async def drained(job: Resealing, now: datetime) -> None:
    while await job.work(now):
        pass


async def test_a_process_with_the_old_key_is_caught_up_with(house: House):
    """It wrote after the look through: a day later there is another, and whoever rotates looks at once."""
    pool, now = house.services.pool, house.services.clock.now()
    newer = Vault({**KEYS, 2: b"n" * 32})
    await drained(Resealing(pool, newer), now)
    await Intake(pool, VAULT).park("acme-in", "getShipments", MARK.encode(), "Odd.", now)
    await Intake(pool, VAULT).park("acme-in", "getShipments", b"broken", "Odd.", now)
    await pool.execute("update parked set body = substring(body for 20) where hash = sha256('broken')")
    await drained(Resealing(pool, newer), now + timedelta(hours=1))
    assert await versions(pool) == {1}
    await drained(Resealing(pool, newer), now + timedelta(days=1, hours=1))
    assert MARK.encode() in await parked.body(pool, "1", lambda held: opened(newer, held))
    assert await Resealing(pool, newer).all(now) == 0  # what nobody can open stops nothing
