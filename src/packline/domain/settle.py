"""When a goal is reached, can no longer be reached, or needs a person."""

from datetime import datetime

from packline.domain import events as ev
from packline.domain.program import Program
from packline.domain.shipment import Goal, PackageStatus, Problem, Shipment, Status

LEFT = (Status.SHIPPED, Status.DELIVERED)
LABELED_OR_LATER = (Status.SHIPLABEL_GENERATED, *LEFT)
PERSISTENT = 6  # attempts of one call after which a person is told, while Packline goes on trying


def is_reached(shipment: Shipment, program: Program) -> bool:
    """Tell whether Amazon's status and our documents are where the goal wants them.

    Once the buyer has the parcel, whatever was wanted on its way is past: a label that never came is needed no more.
    """
    if shipment.status is Status.DELIVERED and shipment.goal not in (None, Goal.REJECTED):
        return True
    match shipment.goal:
        case None:
            return False
        case Goal.REJECTED:
            return shipment.status is Status.CANCELLED
        case Goal.CONFIRMED:
            return program.rank(shipment.status) >= program.rank(Status.CONFIRMED)
        case Goal.PACKED:
            return bool(shipment.packages) and all(p.sent >= p.revision for p in shipment.packages)
        case Goal.LABELED:
            return has_documents(shipment) and not any(p.reslot for p in shipment.packages)
        case Goal.SHIPPED:
            return _is_shipped(shipment, program)
        case Goal.OUT_FOR_DELIVERY:
            return bool(shipment.packages) and all(_is_out(p.status) for p in shipment.packages)
        case Goal.DELIVERED:
            return shipment.status is Status.DELIVERED


def has_documents(shipment: Shipment) -> bool:
    """Tell whether every document that this shipment needs is in the store, or known not to exist."""
    return shipment.status in LABELED_OR_LATER and shipment.is_labeled and holds_papers(shipment)


def holds_papers(shipment: Shipment) -> bool:
    """Tell whether the live labels that there are have their files, and the invoice is there where one is needed."""
    if shipment.needs_invoice and not (shipment.invoice or shipment.invoice_missing):
        return False
    return all(p.label is not None and not p.label.void and p.label.document is not None for p in shipment.packages)


def settle(shipment: Shipment, program: Program, now: datetime) -> tuple[ev.Event, ...]:
    """Tell the outcome of the command whose goal is decided; nothing while it is still under way."""
    if shipment.goal is None:
        return ()
    needless = _too_late(shipment, now)
    if needless:
        return (ev.Settled(shipment.ticket, shipment.goal, "rejected", needless),) if shipment.ticket else ()
    if is_reached(shipment, program):
        return (ev.Settled(shipment.ticket, shipment.goal, "succeeded"),) if shipment.ticket else ()
    problem = _out_of_reach(shipment, now)
    return give_up(shipment, problem) if problem else ()


def give_up(shipment: Shipment, problem: Problem) -> tuple[ev.Event, ...]:
    """Stop: the command is rejected, and a person sees why."""
    stop = ev.Stuck(problem, stop=True)
    if shipment.ticket is None or shipment.goal is None:
        return (stop,)
    return (ev.Settled(shipment.ticket, shipment.goal, "rejected", problem), stop)


def _too_late(shipment: Shipment, now: datetime) -> Problem | None:
    """Say that the parcel left before its new label or slot was there: whoever asked is told, and nobody has to look.

    The shipment goes on: its invoice may still be to come.
    """
    if shipment.goal is not Goal.LABELED or shipment.status not in LEFT or shipment.pending is not None:
        return None
    late = next((p for p in shipment.packages if p.label_error or p.reslot), None)
    if late is None:
        return None
    why = f"Amazon made no label for it: {late.label_error}" if late.label_error else "its slot can no longer be moved."
    return Problem(
        "parcel_has_left",
        f"Package {late.id} is with the carrier already; {why}",
        "Nothing is to be done: a parcel on its way needs neither a label nor a slot.",
        now,
    )


def _out_of_reach(shipment: Shipment, now: datetime) -> Problem | None:
    if shipment.pending is not None:
        return None
    if shipment.goal is Goal.REJECTED and shipment.status not in shipment.rejectable:
        return Problem(
            "rejection_closed",
            f"Amazon no longer lets the seller reject this shipment: it is {shipment.status}, and rejection is possible"
            f" only in {', '.join(shipment.rejectable) or 'no status'}.",
            "Ship it, or ask the buyer to cancel; Amazon's cancellation will arrive here by itself.",
            now,
        )
    failed = [p for p in shipment.packages if p.label_error and shipment.status not in LEFT]
    others = [p for p in shipment.packages if not p.label_error]
    if failed and all(p.has_live_label(shipment.label_round) for p in others):
        return Problem(
            "label_failed",
            f"Amazon made no label for package {failed[0].id}: {failed[0].label_error}",
            "Correct the package (repack) or ask for the label again (relabel). The other packages keep their labels.",
            now,
        )
    return None


def _is_shipped(shipment: Shipment, program: Program) -> bool:
    if shipment.status in LEFT:
        return True
    return not program.tells(shipment) and shipment.handed_over_at is not None and has_documents(shipment)


def _is_out(status: PackageStatus) -> bool:
    return status in (PackageStatus.OUT_FOR_DELIVERY, PackageStatus.DELIVERED)
