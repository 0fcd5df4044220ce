"""JSON_LISTINGS_FEED: changes of up to 25,000 listings in one document, with a processing report in JSON."""

from typing import TYPE_CHECKING, Any

import msgspec

from packline_sim.feeds.kinds import Outcome, register
from packline_sim.feeds.records import Feed
from packline_sim.listings.changes import apply
from packline_sim.listings.records import Change, Issue, Patch, Value
from packline_sim.listings.rules import NOT_SUPPORTED, issues_of

if TYPE_CHECKING:
    from packline_sim.world import World

FEED_TYPE = "JSON_LISTINGS_FEED"
MOST_MESSAGES = 25_000
HIGHEST_ID = 2_147_483_647
REPORT_TYPE = "application/json; charset=UTF-8"
KINDS = frozenset({"UPDATE", "PARTIAL_UPDATE", "PATCH", "DELETE"})


class Header(msgspec.Struct, frozen=True, rename="camel"):
    """The head of the document."""

    seller_id: str
    version: str
    issue_locale: str | None = None


class Message(msgspec.Struct, frozen=True, rename="camel"):
    """The change of one listing."""

    message_id: int
    sku: str
    operation_type: str
    product_type: str | None = None
    requirements: str | None = None
    patches: list[Patch] | None = None
    attributes: dict[str, Value] | None = None


class Document(msgspec.Struct, frozen=True):
    """The whole document; messages are read one by one, so that a bad one spoils only itself."""

    header: Header
    messages: list[msgspec.Raw]


_read_document = msgspec.json.Decoder(Document).decode
_read_message = msgspec.json.Decoder(Message).decode


def process(world: "World", feed: Feed, content: bytes) -> Outcome:
    """Do all messages in their order; FATAL when the document as a whole cannot be read."""
    try:
        document = _read_document(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Outcome("FATAL", None)
    if document.header.seller_id != feed.seller_id or not 1 <= len(document.messages) <= MOST_MESSAGES:
        return Outcome("FATAL", None)
    issues: list[dict[str, Any]] = []
    seen: set[int] = set()
    invalid = 0
    for position, raw in enumerate(document.messages, 1):
        found = _do(world, feed, raw, seen, position)
        invalid += any(issue["severity"] == "ERROR" for issue in found)
        issues += found
    return Outcome("DONE", _report(feed, len(document.messages), invalid, issues), REPORT_TYPE)


def _do(world: "World", feed: Feed, raw: msgspec.Raw, seen: set[int], position: int) -> list[dict[str, Any]]:
    try:
        message = _read_message(raw)
    except msgspec.DecodeError as fault:
        return _listed(position, [Issue(NOT_SUPPORTED, f"The message cannot be read: {fault}")])
    number = message.message_id
    if number in seen or not 1 <= number <= HIGHEST_ID:
        return _listed(number, [Issue(NOT_SUPPORTED, f"The messageId {number} is not unique or not a valid number.")])
    seen.add(number)
    if message.operation_type not in KINDS:
        return _listed(number, [Issue(NOT_SUPPORTED, f"'{message.operation_type}' is not an operationType.")])
    change = _change(message)
    issues = issues_of(world, world.listings.get((feed.seller_id, message.sku)), change)
    if not issues:
        apply(world, feed.seller_id, message.sku, change, FEED_TYPE)
    return _listed(number, issues)


def _change(message: Message) -> Change:
    return Change(
        kind=message.operation_type,
        product_type=message.product_type,
        patches=tuple(message.patches or ()) if message.operation_type == "PATCH" else (),
        attributes=message.attributes or {} if message.operation_type in ("UPDATE", "PARTIAL_UPDATE") else {},
    )


def _listed(number: int, issues: list[Issue]) -> list[dict[str, Any]]:
    return [
        {
            "messageId": number,
            "code": issue.code,
            "severity": issue.severity,
            "message": issue.message,
            **({"attributeNames": issue.attribute_names} if issue.attribute_names else {}),
        }
        for issue in issues
    ]


def _report(feed: Feed, processed: int, invalid: int, issues: list[dict[str, Any]]) -> bytes:
    errors = sum(issue["severity"] == "ERROR" for issue in issues)
    return msgspec.json.encode(
        {
            "header": {"sellerId": feed.seller_id, "version": "2.0", "feedId": feed.feed_id},
            "issues": issues,
            "summary": {
                "errors": errors,
                "warnings": len(issues) - errors,
                "messagesProcessed": processed,
                "messagesAccepted": processed - invalid,
                "messagesInvalid": invalid,
            },
        }
    )


register(FEED_TYPE, process, seconds="listings_feed_seconds")
