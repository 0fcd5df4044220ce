"""What a call's end means for the shipment, also where no report came of it: throttled, refused sign-in, misfit."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from packline.domain import events as ev
from packline.domain.program import Program
from packline.domain.reconcile import reconcile
from packline.domain.settle import give_up
from packline.domain.shipment import Failure, Problem, Shipment
from packline.domain.step import Step, StepKind
from packline.domain.story import Story
from packline.domain.values import File
from packline.errors import AmazonError, Throttled, Unauthorized, Unavailable
from packline.ports import Call, Performed


class Outcome(NamedTuple):
    """How a call ended: a story that can be told again on a shipment that moved on meanwhile, files and calls."""

    tell: Callable[[Shipment], Story]
    files: tuple[File, ...] = ()
    calls: tuple[Call, ...] = ()


def answered(performed: Performed, program: Program) -> Outcome:
    """Tell what the report means."""
    return Outcome(lambda s: reconcile(s, performed.report, program), performed.files, performed.calls)


def raised(error: AmazonError, step: Step, now: datetime) -> Outcome:
    """Tell what a call without a report means: either it did not happen, or a probe must find out."""
    calls: tuple[Call, ...] = error.calls
    if isinstance(error, Throttled | Unauthorized | Unavailable):
        return Outcome(lambda s: not_made(s, step, error.message), calls=calls)
    return Outcome(lambda s: _unclear(s, step, error, now), calls=calls)


def not_made(shipment: Shipment, step: Step, reason: str) -> Story:
    """Tell that the call had no effect, because it was not made or not executed: it may be made again."""
    story = Story(shipment)
    if step.kind is not StepKind.PROBE and shipment.pending is not None and shipment.pending.step == step:
        story.tell(ev.CallCleared(step, reason))
    return story


def crashed(shipment: Shipment, error: Exception, now: datetime) -> Story:
    """Tell that our own code failed on this shipment: its command ends, and a person must look."""
    story = Story(shipment)
    problem = Problem(
        "internal_error",
        f"Packline failed on this shipment: {type(error).__name__}: {error}",
        "Give the command again. If it fails again, report the traceback from the log; other shipments go on.",
        now,
    )
    story.tell_all(give_up(shipment, problem))
    return story


def _unclear(shipment: Shipment, step: Step, error: AmazonError, now: datetime) -> Story:
    story = Story(shipment)
    code = error.amazon_code or error.code
    if step.kind is not StepKind.PROBE:
        failure = Failure("unclear", error.operation, error.status, code, error.message, error.request_id)
        story.tell(ev.CallFailed(step, failure, now))
    if shipment.is_over:
        return story  # it was cancelled while the answer was on its way: nobody has to look
    problem = Problem("unexpected_answer", error.message, error.hint, now)
    if shipment.problem is None or shipment.problem.code != problem.code:
        story.tell(ev.Stuck(problem, stop=False))
    return story
