"""Packline and people in SmartHub at once, on the same shipments and the same shelf, in any interleaving."""

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from builders import NOON, at, package
from packline.amazon.programs import PROGRAMS
from packline.domain import events as ev
from packline.domain.apply import receive
from packline.domain.inventory.book import Book
from packline.domain.inventory.journey import Line, News, Stage, Taken, follow
from packline.domain.inventory.ledger import Balance, Entry, Key, Kind, Movement
from packline.domain.panel import Scan
from packline.domain.program import Program
from packline.domain.reconcile import reconcile
from packline.domain.shipment import Goal, Shipment, Status
from packline.domain.story import Story
from property.driving import take_step
from property.small_amazon import SmallAmazon

KEY = Key("pool", "EXSB", "SKU-1")
UNITS = 2
SCANS = (
    (Scan("SKU-1", "A-1", ("SN-1", "SN-2"), UNITS),),
    (Scan("SKU-1", "A-1", ("SN-1",), UNITS),),
    (Scan("SKU-1", "A-2", (), UNITS),),
    (Scan("SKU-1", "", ("SN-7", "SN-8", "SN-9"), UNITS),),
    (Scan("SKU-1", "A-1", (), 1), Scan("SKU-1", "A-2", (), 1)),
)
OURS = st.sampled_from(["rest", "ok", "ok", "ok", "lost_before", "lost_after", "busy", "crash_before", "crash_after"])
THEIRS = st.sampled_from(["rest", "step", "step", "step", "pack", "scan", "ship", "cancel", "repack"])
READS = st.sampled_from(["none", "detail", "list", "stale"])
DAYS = st.lists(st.tuples(OURS, THEIRS, READS, st.sampled_from(SCANS)), max_size=30)
GOALS = st.sampled_from([None, Goal.CONFIRMED, Goal.LABELED, Goal.SHIPPED])


class Shelf:
    """The ledger of one SKU: ten units counted at noon, and what the shipment took from them."""

    def __init__(self) -> None:
        self.book = Book({KEY: Balance()})
        self.taken = Taken("shp", "acme", "EXSB")
        self.lay(Movement("count", (Entry("count", KEY, Kind.COUNTED, 10, NOON),), is_timed=True))
        for bin_, serial in (("A-1", "SN-1"), ("A-1", "SN-2"), ("A-1", ""), ("A-2", ""), ("", "SN-7")):
            self.book.moved_spots[KEY, bin_, serial] = UNITS

    def lay(self, movement: Movement | None) -> None:
        if movement is not None:
            for span in self.book.spans(movement):
                self.book.sums[span] = 0
            self.book.take(movement)

    @property
    def balance(self) -> Balance:
        return self.book.written()[KEY]

    def follow(self, story: Story, version: int, minute: float) -> None:
        """Lay one commit's events as the follower of the feed does."""
        events, shipment = story.events, story.shipment
        told = [e.facts for e in events if isinstance(e, ev.Changed | ev.Received)]
        self.taken, movement = follow(self.taken, News(
            "shp", "acme", "EXSB", shipment.status, version, at(minute),
            is_adopted=any(isinstance(e, ev.Moved) and e.cause == "adopted" for e in events),
            is_handed_over=any(isinstance(e, ev.GoalSet) and e.handed_over for e in events),
            lines=tuple(Line(sku, units, KEY) for sku, units in told[-1].items) if told else None,
            scans=told[-1].scanned if told else (),
        ))  # fmt: skip
        self.lay(movement)


class Life:
    """One shipment between two panels."""

    def __init__(self, program: Program, goal: Goal | None, needs_invoice: bool) -> None:
        self.program, self.amazon = program, SmallAmazon(program, needs_invoice)
        self.shelf, self.version, self.old = Shelf(), 1, []
        seen = self.amazon.read("list")
        story = Story(receive("acme", ev.Received(seen.facts, program.code, seen.read_at)))
        story.events.append(ev.Received(seen.facts, program.code, seen.read_at))
        if goal is not None:
            packed = (package(),) if goal is not Goal.CONFIRMED else ()
            story.tell(ev.GoalSet(goal, NOON, ticket="cmd_1", packages=packed, handed_over=goal is Goal.SHIPPED))
        self.shipment: Shipment = story.shipment
        self.commit(story)

    def commit(self, story: Story) -> None:
        self.shipment = story.shipment
        if story.events:
            self.version += 1
            self.shelf.follow(story, self.version, self.amazon.minute)
        assert self.shelf.balance.on_hand in (10, 10 - UNITS), "taken twice, or laid back twice"

    def report(self, report: Any) -> None:
        self.commit(reconcile(self.shipment, report, self.program))

    def act(self, fate: str) -> bool:
        """Let Packline take its next step."""
        return take_step(self, fate, self.amazon.read)

    def others(self, what: str, scan: tuple[Scan, ...]) -> None:
        amazon = self.amazon
        {
            "rest": lambda: None,
            "step": amazon.other_panel,
            "pack": amazon.pack_in_panel,
            "scan": lambda: amazon.scan_in_panel(*scan),
            "ship": amazon.ship_in_panel,
            "cancel": amazon.cancel if amazon.status in ("CONFIRMED", "SHIPLABEL_GENERATED") else lambda: None,
            "repack": lambda: None,
        }[what]()

    def look(self, how: str) -> None:
        if how == "stale" and self.old:
            self.report(self.old[len(self.old) // 2])
        elif how in ("detail", "list"):
            self.old.append(self.amazon.read("sweep" if how == "detail" else "list"))
            self.report(self.old[-1])

    def end(self) -> None:
        """Let Amazon be read once more, and Packline do what is left."""
        for _ in range(40):
            self.report(self.amazon.read("list"))
            if not self.act("ok"):
                return
        raise AssertionError(f"no end in sight: {self.amazon.log} {self.shipment}")

    def gone(self) -> Counter[tuple[str, str]]:
        """Tell how many units left each bin, by serial number."""
        at_first = Shelf().book.moved_spots
        now = self.shelf.book.moved_spots
        return Counter({(b, s): at_first.get((k, b, s), 0) - n for (k, b, s), n in now.items()
                        if at_first.get((k, b, s), 0) != n})  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(list(PROGRAMS.values())), GOALS, st.booleans(), DAYS)
def test_whoever_takes_which_step_the_units_leave_the_shelf_once(program, goal, needs_invoice, day):
    """At no moment more or less than the shipment's units; in the end as Amazon's status says, by what was scanned."""
    life = Life(program, goal, needs_invoice)
    for ours, theirs, read, scan in day:
        life.others(theirs, scan)
        life.look(read)
        if ours != "rest":
            life.act(ours)
    life.end()
    stage, balance = life.shelf.taken.stage, life.shelf.balance
    assert life.shipment.status == Status(life.amazon.status)
    expected = 10 - (UNITS if stage in (Stage.LABELLED, Stage.SHIPPED) else 0)
    assert balance.on_hand == expected
    assert (balance.reserved, balance.picked) == {
        Stage.SOLD: (UNITS, 0), Stage.PICKED: (UNITS, UNITS)
    }.get(stage, (0, 0))  # fmt: skip
    scanned = life.amazon.scans if stage in (Stage.LABELLED, Stage.SHIPPED) else ()
    serials = [serial for scan in scanned for serial in scan.serials][:UNITS]
    gone = life.gone()
    assert sorted(serial for (_, serial), n in gone.items() if serial for _ in range(n)) == sorted(serials)
    binned = sum(min(scan.units, UNITS) for scan in scanned if scan.bin)
    assert sum(n for (bin_, _), n in gone.items() if bin_) == binned
    assert all(n > 0 for n in gone.values())


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(list(PROGRAMS.values())), GOALS, st.booleans(), DAYS)
def test_nothing_is_made_twice_and_what_they_labelled_gets_its_papers(program, goal, needs_invoice, day):
    """One label for one packing, whoever asked; in the end its file is here, or Amazon refused it."""
    life = Life(program, goal, needs_invoice)
    for ours, theirs, read, scan in day:
        life.others("rest" if theirs == "cancel" else theirs, scan)
        life.look(read)
        if ours != "rest":
            life.act(ours)
    life.end()
    assert life.amazon.labels_made <= 1
    if life.amazon.status in ("SHIPLABEL_GENERATED", "SHIPPED"):
        (box,) = life.shipment.packages
        assert box.label is not None
        assert box.label.document is not None
        assert life.shipment.invoice is not None or not needs_invoice


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(list(PROGRAMS.values())), st.sampled_from([None, Goal.CONFIRMED]), st.booleans())
def test_units_that_nobody_scanned_are_flagged_until_somebody_does(program, goal, scans_later):
    """SmartHub alone: the balance asks for a count, and the shipment's line says how many units it is about."""
    life = Life(program, goal, needs_invoice=False)
    life.amazon.other_panel()
    life.amazon.pack_in_panel()
    for _ in range(2):
        life.amazon.other_panel()
    life.end()
    assert life.shelf.balance.to_count
    assert [line.unscanned for line in life.shelf.taken.lines] == [UNITS]
    if scans_later:
        life.amazon.scan_in_panel(*SCANS[0])
        life.end()
        assert [line.unscanned for line in life.shelf.taken.lines] == [0]
        assert life.gone() == Counter({("A-1", "SN-1"): 1, ("A-1", "SN-2"): 1})


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(PROGRAMS.values())))
def test_a_label_that_amazon_does_not_give_out_again_is_said_and_asked_for_once(program):
    """No problem for a person, no second try: the package says that its label is not available."""
    life = Life(program, None, needs_invoice=False)
    life.amazon.refuses_copies = True
    life.amazon.other_panel()
    life.amazon.pack_in_panel()
    for _ in range(2):
        life.amazon.other_panel()
    life.end()
    (box,) = life.shipment.packages
    assert box.label_error == "InvalidInput: not available: no copy of it"
    assert life.shipment.problem is None
    assert replace(life.shipment, pending=None) == life.shipment
    assert life.amazon.log.count("regenerate_labels") <= 1


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(PROGRAMS.values())), st.sampled_from(["invoices", "none"]))
def test_labels_of_others_are_left_to_them_where_the_seller_says_so(program, afterwards):
    """A label that is given out again may be a new one: the setting keeps hands off it."""
    life = Life(replace(program, afterwards=afterwards), None, needs_invoice=True)
    life.amazon.other_panel()
    life.amazon.pack_in_panel()
    for _ in range(3):
        life.amazon.other_panel()
    life.end()
    assert life.amazon.status == "SHIPLABEL_GENERATED"
    assert life.amazon.log.count("regenerate_labels") == 0
    assert (life.shipment.invoice is not None) is (afterwards == "invoices")
