"""The life of a feed: it waits, is worked on, ends; it can be cancelled, get stuck, die."""

import logging
from typing import TYPE_CHECKING

from packline_sim.agenda import task
from packline_sim.delays import delay_ms, falls_to
from packline_sim.faults import FEED_OPERATION
from packline_sim.feeds.kinds import KINDS, RETIRED, SECONDS, Outcome
from packline_sim.feeds.records import Fate, Feed, Status
from packline_sim.progress import BadMove
from packline_sim.stored_files import StoredFile, store_result

if TYPE_CHECKING:
    from packline_sim.world import World

QUEUED_SHARE = 0.4  # of its time, a feed waits so much and is worked on for the rest
log = logging.getLogger("packline_sim")


def create_feed(
    world: "World",
    *,
    seller_id: str,
    client_id: str,
    feed_type: str,
    marketplace_ids: tuple[str, ...],
    document: StoredFile,
    options: dict[str, str],
) -> Feed:
    """Put a feed into the queue."""
    now = world.clock.now_ms()
    took = delay_ms(world, SECONDS.get(feed_type, "feed_seconds"))
    feed = Feed(
        feed_id=world.streams.digits("feed", 12),
        seller_id=seller_id,
        client_id=client_id,
        feed_type=feed_type,
        marketplace_ids=marketplace_ids,
        input_document_id=document.document_id,
        options=options,
        created_ms=now,
        end_ms=_end(world, seller_id, feed_type, now + took),
        call_seq=world.current_call,
    )
    world.feeds[feed.feed_id] = feed
    document.used_by = [*document.used_by, feed.feed_id]
    _tell(world, feed, None, "createFeed")
    world.agenda.put(world, now + round((feed.end_ms - now) * QUEUED_SHARE), START, feed.feed_id)
    return feed


def cancel(world: "World", feed: Feed, cause: str) -> None:
    """Cancel a feed that waits. Raises BadMove."""
    if feed.status != "IN_QUEUE":
        raise BadMove(f"Feed {feed.feed_id} is {feed.status}; only a feed that is IN_QUEUE can be cancelled.")
    _finish(world, feed, "CANCELLED", cause)


def stick(world: "World", feed: Feed) -> None:
    """Let a feed stay IN_PROGRESS until it is released. Raises BadMove for one that has ended."""
    _check_open(feed)
    feed.fate = "stuck"
    if feed.status == "IN_QUEUE":
        _begin(world, feed)


def kill(world: "World", feed: Feed) -> None:
    """End a feed as FATAL now, without reading it. Raises BadMove for one that has ended."""
    _check_open(feed)
    feed.fate = "fatal"
    _die(world, feed)


def release(world: "World", feed: Feed) -> None:
    """Let a feed go on and end now, as if nothing had been done to it. Raises BadMove for one that has ended."""
    _check_open(feed)
    feed.fate = None
    if feed.status == "IN_QUEUE":
        _begin(world, feed)
    _process(world, feed)


def _end(world: "World", seller_id: str, feed_type: str, end_ms: int) -> int:
    if world.switches["feed_order"] == "free":
        return end_ms
    open_ends = (
        feed.end_ms
        for feed in reversed(world.feeds.values())
        if feed.seller_id == seller_id and feed.feed_type == feed_type
    )
    return max(end_ms, next(open_ends, 0))


def _start_due(world: "World", feed_id: str) -> None:
    feed = world.feeds.get(feed_id)
    if feed is None or feed.status != "IN_QUEUE":
        return
    _begin(world, feed)
    feed.fate = feed.fate or _drawn_fate(world, feed)
    world.agenda.put(world, feed.end_ms, END, feed_id)


def _drawn_fate(world: "World", feed: Feed) -> Fate | None:
    fault = world.faults.strike(FEED_OPERATION, feed.seller_id, feed.feed_type) if world.faults else None
    if fault is not None:
        return "stuck" if fault.rule.kind == "stuck" else "fatal"
    if falls_to(world, "feed_stuck_share"):
        return "stuck"
    return "fatal" if falls_to(world, "feed_fatal_share") else None


def _end_due(world: "World", feed_id: str) -> None:
    feed = world.feeds.get(feed_id)
    if feed is None or feed.status != "IN_PROGRESS" or feed.fate == "stuck":
        return
    if feed.fate == "fatal":
        _die(world, feed)
    else:
        _process(world, feed)


def _begin(world: "World", feed: Feed) -> None:
    feed.status = "IN_PROGRESS"
    feed.started_ms = world.clock.now_ms()
    _tell(world, feed, "IN_QUEUE", "processing")


def _process(world: "World", feed: Feed) -> None:
    outcome = _outcome(world, feed)
    if outcome.result is not None:
        result = store_result(world, feed.seller_id, outcome.result, outcome.content_type)
        feed.result_document_id = result.document_id
    _finish(world, feed, outcome.status, "processing")


def _outcome(world: "World", feed: Feed) -> Outcome:
    document = world.files.find(feed.input_document_id)
    content = None if document is None else document.content
    if document is not None and document.used_by[:1] == [feed.feed_id]:
        world.files.spend(document)
    processor = KINDS.get(feed.feed_type)
    if content is None or processor is None or feed.feed_type in RETIRED:
        return Outcome("FATAL", None)
    try:
        return processor(world, feed, content)
    except Exception:
        log.exception("simulator.feed_failure feed_id=%s feed_type=%s", feed.feed_id, feed.feed_type)
        return Outcome("FATAL", None)


def _die(world: "World", feed: Feed) -> None:
    feed.started_ms = feed.started_ms or world.clock.now_ms()
    if world.switches["fatal_feed_report"] == "text":
        text = b"The feed could not be processed because of an internal error.\n"
        result = store_result(world, feed.seller_id, text, "text/plain; charset=UTF-8")
        feed.result_document_id = result.document_id
    _finish(world, feed, "FATAL", "processing")


def _finish(world: "World", feed: Feed, status: Status, cause: str) -> None:
    before = feed.status
    feed.status = status
    feed.ended_ms = world.clock.now_ms()
    _tell(world, feed, before, cause)


def _check_open(feed: Feed) -> None:
    if feed.status not in ("IN_QUEUE", "IN_PROGRESS"):
        raise BadMove(f"Feed {feed.feed_id} is {feed.status}; what has ended stays as it is.")


def _tell(world: "World", feed: Feed, before: str | None, cause: str) -> None:
    world.tell("feed_status", feed.seller_id, feed.feed_id, cause, before=before, after=feed.status)


START = task("feed_start", _start_due)
END = task("feed_end", _end_due)
