"""POST_ORDER_ACKNOWLEDGEMENT_DATA and its flat file: the seller's way to cancel orders."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from packline_sim.easy_ship_papers.envelope import Malformed, Message, children, name_of, read_messages, texts
from packline_sim.easy_ship_papers.reports import Failure, Handled, flat_report, order_report
from packline_sim.feeds.kinds import Outcome
from packline_sim.feeds.records import Feed
from packline_sim.orders.progress import cancel_order
from packline_sim.orders.records import Order
from packline_sim.progress import BadMove

if TYPE_CHECKING:
    from packline_sim.world import World

XML_TYPE = "POST_ORDER_ACKNOWLEDGEMENT_DATA"
FLAT_TYPE = "POST_FLAT_FILE_ORDER_ACKNOWLEDGEMENT_DATA"
REASONS = frozenset(
    {
        "NoInventory",
        "BuyerCanceled",
        "GeneralAdjustment",
        "ShippingAddressUndeliverable",
        "CustomerExchange",
        "PricingError",
        # Only older schemas of OrderAcknowledgement have these.
        "CarrierCreditDecision",
        "RiskAssessmentInformationNotValid",
        "CarrierCoverageFailure",
        "CustomerReturn",
        "MerchandiseNotReceived",
    }
)
_COLUMNS = ("order-id", "amazon-order-item-code", "cancellation-reason-code")
# The codes are this simulator's; Amazon's for these feeds are not published.
UNKNOWN_ORDER = "20001"
UNKNOWN_ITEM = "20002"
UNKNOWN_REASON = "20003"
UNKNOWN_STATUS = "20004"
NOT_WHOLE = "20005"
TOO_LATE = "20006"


class Cancellation(NamedTuple):
    """Ask for one order to be cancelled; `items` are pairs of order item id and reason, none means all."""

    message_id: str
    order_id: str
    status: str
    items: tuple[tuple[str, str], ...] = ()


class _Refused(Exception):
    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.failure = Failure(code, text)


def process_xml(world: "World", feed: Feed, content: bytes) -> Outcome:
    """Cancel what the messages with Failure name; Success is noted and changes nothing."""
    return _process(world, feed, lambda: [_of(row) for row in read_messages(content, "OrderAcknowledgement")])


def process_flat(world: "World", feed: Feed, content: bytes) -> Outcome:
    """Cancel what the rows name; rows of one order belong together."""
    return _process(world, feed, lambda: _rows(content))


def _process(world: "World", feed: Feed, read: Callable[[], Sequence[Cancellation]]) -> Outcome:
    try:
        asked = read()
    except Malformed as why:
        with_text = world.switches["fatal_feed_report"] == "text"
        return Outcome("FATAL", f"{why}\n".encode() if with_text else None, "text/plain; charset=UTF-8")
    rows = [Handled(row.message_id, row.order_id, _carry_out(world, feed, row)) for row in asked]
    if feed.feed_type == FLAT_TYPE and world.switches["flat_file_report"] == "text":
        return Outcome("DONE", flat_report(rows), "text/plain; charset=UTF-8")
    return Outcome("DONE", order_report(feed.feed_id, feed.seller_id, rows))


def _carry_out(world: "World", feed: Feed, asked: Cancellation) -> Failure | None:
    try:
        order = _order(world, feed, asked.order_id)
        if asked.status == "success":
            return None
        if asked.status != "failure":
            raise _Refused(UNKNOWN_STATUS, "The status code must be Success or Failure.")
        _check_items(world, order, asked)
        if order.status == "Canceled" and world.switches["repeated_cancellation"] == "success":
            return None
        cancel_order(world, order, "SELLER", asked.items[0][1] if asked.items else None)
    except _Refused as refused:
        return refused.failure
    except BadMove as late:
        return Failure(TOO_LATE, str(late))
    return None


def _order(world: "World", feed: Feed, order_id: str) -> Order:
    order = world.orders.get(order_id)
    if order is None or order.seller_id != feed.seller_id or order.marketplace_id not in feed.marketplace_ids:
        raise _Refused(UNKNOWN_ORDER, f"The order {order_id} does not exist.")
    return order


def _check_items(world: "World", order: Order, asked: Cancellation) -> None:
    for item_id, reason in asked.items:
        if item_id and order.item(item_id) is None:
            raise _Refused(UNKNOWN_ITEM, f"The order {order.order_id} has no item {item_id}.")
        if reason not in REASONS:
            raise _Refused(UNKNOWN_REASON, f"The cancel reason {reason or '(none)'} is not known.")
    named = {item_id for item_id, _ in asked.items if item_id}
    if named and len(named) < len(order.items) and world.switches["partial_cancellation"] == "error":
        raise _Refused(NOT_WHOLE, f"The order {order.order_id} must be cancelled with all its items.")


def _of(message: Message) -> Cancellation:
    content = message.content
    items = [
        (next(texts(row, "AmazonOrderItemCode"), ""), next(texts(row, "CancelReason"), ""))
        for row in children(content)
        if name_of(row) == "item"
    ]
    status = next(texts(content, "StatusCode"), "").lower()
    return Cancellation(message.message_id, next(texts(content, "AmazonOrderID"), ""), status, tuple(items))


def _rows(content: bytes) -> list[Cancellation]:
    lines = [line.split("\t") for line in content.decode("utf-8-sig", "replace").splitlines() if line.strip()]
    # Amazon's templates may begin with a line for the template itself, before the line of column names.
    start = next((at for at, line in enumerate(lines[:3]) if line[0].strip().lower() == "order-id"), None)
    if start is None:
        raise Malformed(f"The file has no line of column names; it must begin with {', '.join(_COLUMNS)}.")
    names = [name.strip().lower() for name in lines[start]]
    missing = [name for name in _COLUMNS if name not in names]
    if missing:
        raise Malformed(f"The file has no column {', '.join(missing)}.")
    at = [names.index(name) for name in _COLUMNS]
    found: dict[str, Cancellation] = {}
    for number, line in enumerate(lines[start + 1 :], 1):
        order_id, item_id, reason = (line[column].strip() if column < len(line) else "" for column in at)
        before = found.get(order_id, Cancellation(str(number), order_id, "failure"))
        found[order_id] = before._replace(items=(*before.items, (item_id, reason)))
    if not found:
        raise Malformed("The file has no row.")
    return list(found.values())
