"""Random lives of Easy Ship orders over Seller Central: whatever comes in whatever order, one label, its own papers."""

from hypothesis import example, given, note, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from builders import at, package
from packline.amazon.seller_central.capabilities import load
from packline.amazon.seller_central.program import easy_ship
from packline.domain import events as ev
from packline.domain.apply import receive
from packline.domain.papers import Found
from packline.domain.paperwork import documents_done
from packline.domain.program import Program
from packline.domain.reconcile import reconcile
from packline.domain.reports import Failed, Report, Seen
from packline.domain.settle import has_documents
from packline.domain.shipment import Failure, Goal, Shipment, Status
from packline.domain.slot import SlotPolicy, SlotPreference
from packline.domain.step import Step, StepKind
from packline.domain.steps import next_step
from packline.domain.story import Story
from packline.domain.values import DocumentKind, file_of
from packline.storage.effects import effects
from property.driving import take_step
from property.small_seller_central import SmallSellerCentral

INDIA = easy_ship(load().of("A21TJRUUN4KGV"))
FATES = st.sampled_from(["ok"] * 5 + ["lost_before", "lost_after", "busy", "crash_after", "crash_before"])
HAPPENINGS = ["sweep", "stale", "papers", "papers_again", "papers_late", "lacking", "given_up", "relabel", "reschedule"]
WORLD = ["panel", "scan", "cancel_label", "night", "touched"]
LIVES = st.lists(st.tuples(FATES, st.sampled_from(["nothing"] * 8 + HAPPENINGS + WORLD)), max_size=60)
OVER = (Status.CANCELLED, Status.DELIVERED)


class Life:
    """An order on its way to its documents, with the feed wishes that are stored beside it."""

    def __init__(self, program: Program = INDIA) -> None:
        self.program, self.amazon = program, SmallSellerCentral(program)
        first = self.amazon.read()
        made = receive("acme", ev.Received(first.facts, program.code, first.read_at))
        self.shipment: Shipment = replace(made, goal=Goal.LABELED, ticket="cmd_1", packages=(package(),))
        self.old_reads: list[Seen] = [first]
        self.old_papers: list[tuple[str, Report]] = []
        self.wishes: dict[str, bytes] = {}
        self.outcomes: dict[str, str] = {}
        self.tickets = 1

    def write(self, events: list[ev.Event], shipment: Shipment) -> None:
        """Be the store: the row, and what is written beside it."""
        for row in effects(shipment, events).feeds:
            if row.payload is None:
                self.wishes.pop(row.kind, None)
            else:
                self.wishes[row.kind] = row.payload
        for event in events:
            if isinstance(event, ev.Settled):
                assert event.ticket not in self.outcomes, "a command was told twice"
                self.outcomes[event.ticket] = event.outcome
        self.shipment = shipment
        self.check()

    def report(self, report: Report) -> None:
        story = reconcile(self.shipment, report, self.program)
        self.write(story.events, story.shipment)

    def check(self) -> None:
        """What must hold after every change."""
        labels = [p.label for p in self.shipment.packages if p.label and not p.label.void]
        assert len(labels) <= 1
        for label in labels:
            papers = label.document is None or label.document == _paper(label.tracking_id).document
            assert papers, "a label holds another label's file"
        lacks = any(label.document is None for label in labels) or (bool(labels) and self.shipment.invoice is None)
        assert ("documents" in self.wishes) == lacks, (self.wishes, self.shipment)

    def command(self, what: str) -> None:
        """Give a command as the desk does."""
        shipment, now = self.shipment, at(self.amazon.minute)
        labels = [p.label for p in shipment.packages if p.label and not p.label.void]
        if shipment.status is not Status.SHIPLABEL_GENERATED or (what == "reschedule" and not labels):
            return
        self.tickets += 1
        ticket = f"cmd_{self.tickets}"
        if shipment.ticket:
            self.outcomes[shipment.ticket] = "superseded"
        slot = SlotPreference(SlotPolicy.EARLIEST) if what == "reschedule" else None
        flags = {"relabel": True} if what == "relabel" else {"reschedule": True}
        story = Story(shipment)
        story.tell(ev.GoalSet(Goal.LABELED, now, what, ticket, slot=slot, **flags))
        self.write(story.events, story.shipment)

    def papers(self, *, again: bool = False) -> None:
        """Let the document feed of the moment end; `again` brings those of an earlier feed once more."""
        if again:
            for _, report in self.old_papers[-2:]:
                self.report(report)
            return
        live = self.amazon.live
        if "documents" not in self.wishes or live is None:
            return
        report = self._made(live.tracking)
        if f'"{live.tracking}"'.encode() in self.wishes["documents"]:
            self.old_papers.append((live.tracking, report))
            self.report(report)

    def _made(self, tracking: str) -> Report:
        found = [Found("O", DocumentKind.SHIP_LABEL, _paper(tracking), (1,))]
        found.append(Found("O", DocumentKind.INVOICE, file_of(b"%PDF invoice", "application/pdf"), (2,)))
        return documents_done(self.shipment, found, self.amazon.tick(), tracking)

    def happen(self, what: str) -> None:
        amazon = self.amazon
        match what:
            case "sweep":
                self.old_reads.append(amazon.read())
                self.report(self.old_reads[-1])
            case "stale":
                self.report(self.old_reads[len(self.old_reads) // 2])
            case "papers":
                self.papers()
            case "papers_again":
                self.papers(again=True)
            case "papers_late" if amazon.live is not None and "documents" in self.wishes:
                late = self._made(amazon.live.tracking)  # Amazon's file was made, and Amazon cancels the label
                amazon.cancel_label()
                self.old_papers.append(("late", late))
            case "lacking" | "given_up" if "documents" in self.wishes:
                failure = Failure("refused", "createFeed", 0, "610013", "internal failure")
                self.report(Failed(Step(StepKind.FETCH_DOCUMENTS), amazon.tick(), failure))
            case "relabel" | "reschedule":
                self.command(what)
            case "panel":
                amazon.panel()
            case "scan":
                amazon.scan()
            case "cancel_label":
                amazon.cancel_label()
            case "night":
                amazon.tick(100)
            case "touched":
                amazon.touch()

    def step(self, fate: str) -> bool:
        """Be the driver for one call."""
        return take_step(self, fate, lambda: self.amazon.probe(self.shipment))

    def finish(self) -> None:
        """Let an undisturbed day follow, with sweeps and papers."""
        for round_ in range(80):
            if round_ % 20 == 19:
                self.happen("sweep")
            if not self.step("ok"):
                self.happen("sweep")
                self.papers()
                if next_step(self.shipment, self.program, at(self.amazon.minute)) is None and not self.wishes:
                    return
        raise AssertionError(f"no end in sight: {self.amazon.log[-12:]} {self.shipment}")


def _paper(tracking: str):
    return file_of(f"%PDF label {tracking}".encode(), "application/pdf")


A_LABEL_THAT_NEVER_WAS_HERE = [
    ("ok", "nothing"),
    ("ok", "nothing"),
    ("lost_before", "nothing"),
    ("ok", "panel"),
    ("ok", "cancel_label"),
]


@settings(max_examples=120, deadline=None)
@example(life=A_LABEL_THAT_NEVER_WAS_HERE)
@given(life=LIVES)
def test_whatever_the_life_the_order_ends_with_its_own_papers_or_a_reason(life):
    """Lost answers, crashes, people at Seller Central, cancelled labels, papers early, late and twice: all mend."""
    walk = Life()
    note(life)
    for fate, happening in life:
        walk.happen(happening)
        walk.step(fate)
    walk.finish()
    walk.happen("sweep")
    shipment = walk.shipment
    assert shipment.pending is None
    if shipment.status is Status.SHIPLABEL_GENERATED and shipment.problem is None:
        label = shipment.packages[0].label
        assert label is not None
        assert not label.void
        assert walk.amazon.live is not None
        assert label.tracking_id == walk.amazon.live.tracking
        assert has_documents(shipment)
        assert shipment.ticket is None
    else:
        assert shipment.status in (Status.SHIPPED, *OVER) or shipment.problem is not None


@settings(max_examples=120, deadline=None)
@given(life=LIVES, cancel_at=st.integers(0, 30))
def test_a_cancellation_in_any_gap_leaves_neither_label_nor_wish(life, cancel_at):
    """Wherever the buyer's cancellation strikes: no live label, nothing asked of a feed, every command told."""
    walk = Life()
    note(life)
    for index, (fate, happening) in enumerate(life):
        if index == cancel_at:
            walk.amazon.cancel()
        walk.happen(happening)
        walk.step(fate)
    walk.amazon.cancel()
    walk.finish()
    walk.happen("sweep")
    if walk.amazon.cancelled:
        assert walk.shipment.status is Status.CANCELLED
        assert not any(p.label and not p.label.void for p in walk.shipment.packages)
        assert walk.wishes == {}
        assert walk.shipment.goal is None
        assert walk.shipment.ticket is None
        assert len(walk.outcomes) == walk.tickets
        walk.happen("papers_again")
        assert walk.shipment.problem is None or walk.shipment.problem.code != "documents_failed"
