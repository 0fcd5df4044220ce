"""Wishes for feeds, written beside the shipments that want them: with the label, and gone with it."""

import asyncpg
from msgspec.structs import replace

from builders import INVOICE_FILE, LABEL_FILE, NOON, at, package, shipment
from packline.amazon.programs.easy_ship import EASY_SHIP
from packline.domain import events as ev
from packline.domain.paperwork import came
from packline.domain.reports import Done
from packline.domain.shipment import Goal, Label, Problem, Rejection, Shipment, Status
from packline.domain.step import Step, StepKind
from packline.domain.story import Story
from packline.domain.values import file_of
from packline.ports import Change
from packline.storage.shipments import Shipments
from storage.stores import ACCOUNT, StillClock, own, store

LABEL = Label("TRK-1", "", 1, 1, NOON, awaits="feed")
REJECTION = Rejection("OUT_OF_STOCK", "rej-1", (("L-1", 2),))


async def begin(pool: asyncpg.Pool) -> Shipment:
    """Store an Easy Ship order of Seller Central that is packed."""
    await own(pool)
    made = shipment("ACCEPTED", goal=Goal.LABELED, packages=(package(),), needs_invoice=True, api="seller_central")
    return await store(pool, made)


async def tell(pool: asyncpg.Pool, stored: Shipment, *events: ev.Event, epoch: int = 1) -> Shipment:
    """Write a change with these events and give the shipment as it is stored after it."""
    story = Story(stored)
    story.tell_all(events)
    shipments = Shipments(pool, StillClock())
    files = (LABEL_FILE, INVOICE_FILE)
    change = Change(story.shipment, stored.version, tuple(story.events), at(1), epoch, files=files)
    await shipments.commit([change])
    return (await shipments.load([stored.id]))[stored.id]


async def wishes(pool: asyncpg.Pool, kind: str = "documents") -> list[tuple[str, bool]]:
    rows = await pool.fetch("select payload, state from feed_item where kind = $1 and account_id = $2", kind, ACCOUNT)
    return [(row["state"], b"TRK-2" in row["payload"]) for row in rows]


async def test_a_label_and_its_wish_are_written_together(pool: asyncpg.Pool) -> None:
    """The wish stands when the label does, and neither does where the change is refused."""
    stored = await begin(pool)
    await tell(pool, stored, ev.LabelMade("PKG-1", LABEL), epoch=0)
    assert await wishes(pool) == []
    await tell(pool, stored, ev.LabelMade("PKG-1", LABEL))
    assert await wishes(pool) == [("waiting", False)]


async def test_a_wish_goes_when_label_and_invoice_are_there(pool: asyncpg.Pool) -> None:
    """The label alone is not all that was wished for."""
    stored = await tell(pool, await begin(pool), ev.LabelMade("PKG-1", LABEL))
    held = replace(LABEL, document=LABEL_FILE.document, awaits="")
    stored = await tell(pool, stored, ev.LabelMade("PKG-1", held))
    assert await wishes(pool) == [("waiting", False)]
    await tell(pool, stored, ev.InvoiceStored(INVOICE_FILE.document))
    assert await wishes(pool) == []


async def test_a_label_that_is_asked_for_again_makes_the_wish_again(pool: asyncpg.Pool) -> None:
    """Relabel: the same tracking id, another file."""
    stored = await tell(pool, await begin(pool), ev.LabelMade("PKG-1", LABEL))
    held = replace(LABEL, document=LABEL_FILE.document, awaits="")
    events = (ev.LabelMade("PKG-1", held), ev.InvoiceStored(INVOICE_FILE.document))
    stored = await tell(pool, stored, *events)
    assert await wishes(pool) == []
    await tell(pool, stored, ev.LabelMade("PKG-1", replace(LABEL, round=2)))
    assert await wishes(pool) == [("waiting", False)]


async def test_another_label_makes_a_wish_of_its_own(pool: asyncpg.Pool) -> None:
    """The feed under way would bring the file of a label that is void: the wish waits for a feed again."""
    stored = await tell(pool, await begin(pool), ev.LabelMade("PKG-1", LABEL))
    await pool.execute("update feed_item set state = 'sent', attempts = 1")
    other = replace(LABEL, tracking_id="TRK-2")
    await tell(pool, stored, ev.LabelVoided("PKG-1", "TRK-1", "made anew"), ev.LabelMade("PKG-1", other))
    assert await wishes(pool) == [("waiting", True)]


async def test_a_wish_that_was_given_up_can_be_made_again(pool: asyncpg.Pool) -> None:
    """A person asks for the label once more after Amazon made no documents."""
    stored = await tell(pool, await begin(pool), ev.LabelMade("PKG-1", LABEL))
    await pool.execute("update feed_item set state = 'failed', attempts = 8")
    await tell(pool, stored, ev.LabelMade("PKG-1", replace(LABEL, round=2)))
    assert await wishes(pool) == [("waiting", False)]
    assert await pool.fetchval("select attempts from feed_item") == 0


async def test_a_cancelled_shipment_leaves_no_wish(pool: asyncpg.Pool) -> None:
    """Neither documents nor a rejection are asked for any more."""
    stored = await tell(pool, await begin(pool), ev.LabelMade("PKG-1", LABEL))
    stored = await tell(pool, stored, ev.GoalSet(Goal.REJECTED, NOON, "reject", "cmd_1", rejection=REJECTION))
    assert await wishes(pool, "cancel") == [("waiting", False)]
    cancelled = ev.Moved(Status.CANCELLED, "amazon", NOON)
    await tell(pool, stored, ev.LabelVoided("PKG-1", "TRK-1", "cancelled"), cancelled)
    assert await wishes(pool) == await wishes(pool, "cancel") == []


async def test_a_rejection_that_was_given_up_is_not_sent(pool: asyncpg.Pool) -> None:
    """Who was told no must not find the order cancelled an hour later."""
    rejected = ev.GoalSet(Goal.REJECTED, NOON, "reject", "cmd_1", rejection=REJECTION)
    stored = await tell(pool, await begin(pool), rejected)
    await tell(pool, stored, ev.Stuck(Problem("rejection_closed", "scheduled meanwhile", "ship it", NOON), stop=True))
    assert await wishes(pool, "cancel") == []


async def test_an_invoice_that_takes_anothers_place_leaves_one_to_use(pool: asyncpg.Pool) -> None:
    """An order that was scheduled anew has a new invoice; the old one stays for the record and is void."""
    second = file_of(b"%PDF-1.7 the second", "application/pdf")
    stored = await tell(pool, await begin(pool), ev.InvoiceStored(INVOICE_FILE.document))
    story = Story(stored)
    done = Done(Step(StepKind.FETCH_DOCUMENTS), at(2), invoice=second.document)
    came(story, done, EASY_SHIP)
    change = Change(story.shipment, stored.version, tuple(story.events), at(1), 1, files=(second,))
    await Shipments(pool, StillClock()).commit([change])
    rows = await pool.fetch("select sha256, void from shipment_document where kind = 'invoice'")
    assert {row["sha256"]: row["void"] for row in rows} == {
        INVOICE_FILE.document.sha256: True,
        second.document.sha256: False,
    }
