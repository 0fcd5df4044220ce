"""Random days: lost answers, crashes, other panels, cancellations, stale reads, in any order."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from builders import NOON, package
from packline.amazon.programs import PROGRAMS
from packline.domain import events as ev
from packline.domain.apply import receive
from packline.domain.program import Program
from packline.domain.reconcile import reconcile
from packline.domain.reports import Seen
from packline.domain.shipment import Goal, Shipment, Status
from property.driving import take_step
from property.small_amazon import SmallAmazon

FATES = st.sampled_from(["ok"] * 4 + ["lost_before", "lost_after", "busy", "crash_after", "crash_before"])
HAPPENINGS = st.sampled_from(["nothing"] * 6 + ["sweep", "stale", "panel", "scan"])
DAYS = st.lists(st.tuples(FATES, HAPPENINGS), max_size=40)


class Walk:
    """A shipment on its way to SHIPPED through a random day."""

    def __init__(self, program: Program, needs_invoice: bool) -> None:
        self.program = program
        self.amazon = SmallAmazon(program, needs_invoice)
        first = self.amazon.read("sweep")
        self.shipment: Shipment = receive("acme", ev.Received(first.facts, program.code, first.read_at))
        self.shipment = replace(
            self.shipment, goal=Goal.SHIPPED, ticket="cmd_1", packages=(package(),), handed_over_at=NOON
        )
        self.old_reads: list[Seen] = []
        self.outcomes: list[str] = []

    def report(self, report: object) -> None:
        story = reconcile(self.shipment, report, self.program)
        again = reconcile(story.shipment, report, self.program) if isinstance(report, Seen) else None
        assert again is None or not [e for e in again.events if isinstance(e, ev.Moved)], "a repeated read moved it"
        self.outcomes += [e.outcome for e in story.events if isinstance(e, ev.Settled)]
        self.shipment = story.shipment

    def happen(self, what: str) -> None:
        match what:
            case "sweep":
                self.old_reads.append(self.amazon.read("sweep"))
                self.report(self.old_reads[-1])
            case "stale" if self.old_reads:
                self.report(self.old_reads[len(self.old_reads) // 2])
            case "panel":
                self.amazon.other_panel()
            case "scan" if not self.program.tells_shipped:
                self.amazon.scan()

    def step(self, fate: str) -> bool:
        return take_step(self, fate, self.amazon.read)

    def finish(self) -> None:
        for _ in range(60):
            if not self.step("ok"):
                return
        raise AssertionError(f"no end in sight: {self.amazon.log}")


@settings(max_examples=400, deadline=None)
@given(program=st.sampled_from(list(PROGRAMS.values())), needs_invoice=st.booleans(), day=DAYS)
def test_whatever_the_day_the_shipment_gets_there_with_one_label(program, needs_invoice, day):
    """Answers lost before and after their effect, crashes, other panels: the goal is reached, one label is made."""
    walk = Walk(program, needs_invoice)
    for fate, happening in day:
        walk.happen(happening)
        walk.step(fate)
    walk.finish()
    assert walk.amazon.labels_made == 1
    assert walk.outcomes == ["succeeded"]
    assert walk.shipment.packages[0].label.document is not None
    assert walk.shipment.pending is None


@settings(max_examples=300, deadline=None)
@given(
    program=st.sampled_from(list(PROGRAMS.values())),
    needs_invoice=st.booleans(),
    day=DAYS,
    cancel_at=st.integers(0, 20),
)
def test_a_cancellation_at_any_moment_leaves_nothing_behind(program, needs_invoice, day, cancel_at):
    """Wherever it strikes: the shipment ends CANCELLED, no label stays live, the command is told."""
    walk = Walk(program, needs_invoice)
    for index, (fate, happening) in enumerate(day):
        if index == cancel_at:
            walk.amazon.cancel()
        walk.happen(happening)
        walk.step(fate)
    walk.amazon.cancel()
    walk.finish()
    walk.report(walk.amazon.read("sweep"))
    if walk.amazon.status == "CANCELLED":
        assert walk.shipment.status is Status.CANCELLED
        assert not any(p.label and not p.label.void for p in walk.shipment.packages)
        assert walk.shipment.goal is None
    assert len(walk.outcomes) == 1
