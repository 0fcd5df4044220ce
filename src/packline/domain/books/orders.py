"""Orders of two books: Amazon's judged by the rules of reconciling, others by their stages, units and labels."""

from collections.abc import Iterable, Mapping, Sequence

from packline.domain import events as ev
from packline.domain.books.entries import Cause, Difference, Kind, OurOrder, Repair, Side, Stated
from packline.domain.books.made import of_ours, of_theirs
from packline.domain.books.stages import agrees, is_behind, stage_of
from packline.domain.program import Program
from packline.domain.reconcile import reconcile
from packline.domain.reports import Seen
from packline.domain.shipment import Shipment

READ_AGAIN = "Reading it again takes in what Amazon says."


def by_amazon(stated: Stated, ours: OurOrder | None, shipment: Shipment | None, program: Program | None) -> bool:
    """Tell whether what Amazon says would change what we have: the same rules as for every other report.

    What was written after Amazon was asked is not judged: one of the two is on its way.
    """
    facts, read_at = stated.facts, stated.read_at
    if facts is None or read_at is None or ours is None or shipment is None or program is None:
        return False
    if ours.updated_at > read_at:
        return False
    story = reconcile(shipment, Seen(facts, read_at), program)
    return any(isinstance(event, ev.Moved | ev.Changed | ev.AnomalyFound) for event in story.events)


def differs_from_amazon(stated: Stated, ours: OurOrder) -> Difference:
    """Say that Amazon shows something else than we have."""
    words = (
        f"Amazon has it as {stated.word}, Packline as {ours.status}: no listing and no notification told of it yet, or"
        f" what they told was lost. {READ_AGAIN}"
    )
    return of_ours(ours, Kind.DIFFERENT, Cause.NOT_SEEN, words, Repair.READ, told=stated.word, field="status")


def missing(stated: Stated, side: Side, parked: str, elsewhere: str, *, can_read: bool) -> Difference:
    """Say that they have an order and we do not; `parked` is why it was not taken in, `elsewhere` whose it is."""
    who = {Side.SELLER: "The seller's system", Side.AMAZON: "Amazon"}.get(side, "Amazon's report")
    repair = Repair.READ if can_read else Repair.NONE
    if parked:
        cause, words = Cause.PARKED, f"{who} has it. It came and was parked: {parked} Mend that, then read it again."
    elif elsewhere:
        cause, repair = Cause.OTHER_ACCOUNT, Repair.NONE
        words = f"{who} has it under this account, Packline under {elsewhere}: mend the account in that system."
    else:
        cause, words = Cause.NOT_SEEN, f"{who} has it, and no listing and no notification told of it. {READ_AGAIN}"
    return of_theirs(stated, Kind.MISSING, cause, words, repair)


def surplus(ours: OurOrder, side: Side, *, was_asked: bool, silent: str) -> Difference:
    """Say that we have an order which they do not; `silent` is why the seller's system hears nothing."""
    if side is Side.SELLER:
        cause = Cause.NOT_DELIVERED if silent else Cause.NOT_TOLD
        why = silent or "It was told when it came in; the seller's system did not take it, or its file is older."
        words, repair = f"The seller's system does not have it. {why} Telling it again sends an event.", Repair.TELL
    elif side is Side.AMAZON and was_asked:
        cause, repair = Cause.UNKNOWN_AT_AMAZON, Repair.NONE
        words = "Amazon was asked for it by its id and does not know it; look for it in Seller Central."
    else:
        cause, repair = Cause.NOT_LISTED, Repair.READ
        words = f"Amazon's {'listings do' if side is Side.AMAZON else 'report does'} not show it. {READ_AGAIN}"
    return of_ours(ours, Kind.EXTRA, cause, words, repair)


def differences(stated: Stated, ours: OurOrder, side: Side, silent: str) -> list[Difference]:
    """Compare one entry of the seller's system or of a report with ours."""
    found = []
    stage = stage_of(ours.status)
    if not agrees(stated.stage, stage):
        found.append(_stage(stated, ours, stage, side, silent))
    if stated.units and _sum(stated.units) != _sum(ours.units):
        words = "The units are not the same; Amazon's count is what Packline has."
        repair = Repair.TELL if side is Side.SELLER else Repair.READ
        said, told = _listed(ours.units), _listed(stated.units)
        cause = Cause.COUNTED_DIFFERENTLY
        found.append(of_ours(ours, Kind.DIFFERENT, cause, words, repair, said=said, told=told, field="units"))
    if stated.tracking_id and ours.tracking_ids and stated.tracking_id not in ours.tracking_ids:
        words = "The tracking id is not of a label that is good: the label was made again since."
        repair = Repair.TELL if side is Side.SELLER else Repair.READ
        told = ", ".join(ours.tracking_ids)
        cause = Cause.LABEL_CHANGED
        theirs = stated.tracking_id
        found.append(of_ours(ours, Kind.DIFFERENT, cause, words, repair, said=told, told=theirs, field="tracking_id"))
    return found


def grouped(rows: Iterable[OurOrder]) -> tuple[Mapping[str, OurOrder], Mapping[str, Sequence[OurOrder]]]:
    """Lay orders out by Amazon's shipment id, and by order id, which may name several."""
    by_id: dict[str, OurOrder] = {}
    by_order: dict[str, list[OurOrder]] = {}
    for row in rows:
        by_id[row.amazon_id] = row
        by_order.setdefault(row.order_id, []).append(row)
    return by_id, by_order


def _stage(stated: Stated, ours: OurOrder, stage: str, side: Side, silent: str) -> Difference:
    if side is not Side.SELLER:
        words = f"Amazon's report has it as {stated.stage}, Packline as {ours.status}. {READ_AGAIN}"
        return _in_status(ours, stated, Cause.NOT_SEEN, words, Repair.READ)
    if stage == "cancelled":
        words = "It was cancelled, and the seller's system goes on with it: stop it there. Telling it again says so."
        return _told(stated, ours, words, silent)
    if stated.stage == "cancelled":
        words = "The seller's system cancelled it, Packline goes on: reject it with `packline shipment reject`."
        return _in_status(ours, stated, Cause.CONTRADICTED, words, Repair.NONE)
    if is_behind(stated.stage, stage):
        return _told(stated, ours, "The seller's system is behind. Telling it again sends an event.", silent)
    if stated.stage == "shipped" and ours.status == "SHIPLABEL_GENERATED":
        words = "The parcels have left, as the seller's system says; Packline was not told. Hand it over."
        repair = Repair.HAND_OVER
    else:
        words = "The seller's system is further than Packline: it was done elsewhere. Do it here too, or read it again."
        repair = Repair.READ
    return _in_status(ours, stated, Cause.DONE_ELSEWHERE, words, repair)


def _told(stated: Stated, ours: OurOrder, words: str, silent: str) -> Difference:
    cause = Cause.NOT_DELIVERED if silent else Cause.NOT_TOLD
    words = f"{words} {silent}".strip()
    return _in_status(ours, stated, cause, words, Repair.TELL)


def _in_status(ours: OurOrder, stated: Stated, cause: Cause, words: str, repair: Repair) -> Difference:
    return of_ours(ours, Kind.DIFFERENT, cause, words, repair, told=stated.word, field="status")


def _sum(units: Iterable[tuple[str, int]]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for sku, count in units:
        counted[sku] = counted.get(sku, 0) + count
    return counted


def _listed(units: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{count} {sku}" for sku, count in sorted(_sum(units).items()))
