"""Returns of two books."""

import msgspec
from msgspec.structs import replace

from packline.domain.books.entries import Cause, Difference, Kind, OurReturn, Repair, Side, Stated
from packline.domain.books.made import of_ours, of_theirs
from packline.domain.returns import CALLED_OFF, SeenReturn


def missing(stated: Stated, side: Side) -> Difference:
    """Say that they have a return which we do not."""
    if side is Side.AMAZON and stated.seen is not None:
        words = "Amazon has it, and no sweep told of it yet. Taking it writes what Amazon said."
        return of_theirs(
            stated, Kind.MISSING, Cause.NOT_SEEN, words, Repair.TAKE, sku=_sku(stated), payload=_payload(stated.seen)
        )
    words = "The seller's system has it, Packline does not: Amazon told of no such return to this account."
    return of_theirs(stated, Kind.MISSING, Cause.NOT_SEEN, words, Repair.NONE, sku=_sku(stated))


def surplus(ours: OurReturn, side: Side, silent: str) -> Difference:
    """Say that we have a return which they do not."""
    if side is Side.SELLER:
        cause = Cause.NOT_DELIVERED if silent else Cause.NOT_TOLD
        words = f"The seller's system does not have it. {silent} Telling it again sends an event.".replace("  ", " ")
        return of_ours(ours, Kind.EXTRA, cause, words, Repair.TELL)
    words = "Amazon's list does not show it in any status; look for it in Seller Central."
    return of_ours(ours, Kind.EXTRA, Cause.UNKNOWN_AT_AMAZON, words)


def differences(stated: Stated, ours: OurReturn, side: Side, silent: str) -> list[Difference]:
    """Compare one return."""
    if side is Side.AMAZON:
        return _with_amazon(stated, ours)
    found = []
    stage = stage_of(ours)
    cause = Cause.NOT_DELIVERED if silent else Cause.NOT_TOLD
    if stated.stage and stated.stage != stage:
        behind = stated.stage == "expected"
        words = "The seller's system is behind. Telling it again sends an event." if behind else (
            "The seller's system took it in, Packline was not told: receive it with `packline return receive`."
            if stated.stage == "received"
            else "The seller's system called it off; it still comes. Telling it again says so."
        )  # fmt: skip
        repair = Repair.NONE if stated.stage == "received" else Repair.TELL
        reason = Cause.DONE_ELSEWHERE if stated.stage == "received" else cause
        told = stated.word
        found.append(of_ours(ours, Kind.DIFFERENT, reason, words, repair, said=stage, told=told, field="stage"))
    elif stated.received is not None and stated.received != ours.received:
        words = "The units that came in are not the same: count them."
        said, told = str(ours.received), str(stated.received)
        cause = Cause.COUNTED_DIFFERENTLY
        found.append(of_ours(ours, Kind.DIFFERENT, cause, words, said=said, told=told, field="received"))
    return found


def stage_of(ours: OurReturn) -> str:
    """Give the stage that a seller's system would show."""
    if ours.received >= ours.units:
        return "received"
    return "called_off" if ours.status in CALLED_OFF and not ours.received else "expected"


def _with_amazon(stated: Stated, ours: OurReturn) -> list[Difference]:
    seen, read_at = stated.seen, stated.read_at
    if seen is None or read_at is None or ours.updated_at > read_at or seen.as_of <= ours.as_of:
        return []
    if (seen.status, seen.units) == (ours.status, ours.units):
        return []
    words = f"Amazon has it as {seen.status}, Packline as {ours.status}. Taking it writes what Amazon said."
    told, kept = seen.status, _payload(seen)
    one = of_ours(ours, Kind.DIFFERENT, Cause.NOT_SEEN, words, Repair.TAKE, told=told, field="status", payload=kept)
    return [one]


def _sku(stated: Stated) -> str:
    return stated.units[0][0] if stated.units else ""


def _payload(seen: SeenReturn) -> bytes:
    """Keep what Amazon said without its password: the next sweep brings that."""
    return msgspec.msgpack.encode(replace(seen, password=None))
