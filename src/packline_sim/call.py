"""One call to a simulated API on its way through a handler, and the reading of what it carries."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl

import msgspec

from packline_sim.auth.credentials import AccessToken
from packline_sim.clock import to_ms
from packline_sim.records import Seller, Shipment
from packline_sim.refusals import Problem, Refusal, bad_request, invalid_input, not_found
from packline_sim.world import World

MAX_BODY_BYTES = 1_048_576
# Lists in queries have commas between their values; a widely used client repeats the parameter instead.
LISTS = frozenset(
    {
        *("feedTypes", "reportTypes", "processingStatuses", "notificationTypes"),
        *("marketplaceIds", "includedData", "fulfillmentStatuses", "fulfilledBy"),
        *("identifiers", "withStatus", "withoutStatus", "withIssueSeverity"),
        *("MarketplaceIds", "OrderStatuses", "FulfillmentChannels", "PaymentMethods", "AmazonOrderIds"),
        *("EasyShipShipmentStatuses", "ElectronicInvoiceStatuses"),
    }
)
T = TypeVar("T")
_encode = msgspec.json.Encoder().encode


class Reply(NamedTuple):
    """Carry what a handler answers; a 204 has no body."""

    status: int
    body: bytes = b""
    content_type: bytes = b"application/json"
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Call:
    """Carry one call: who calls, the path's ids, the query, the body, and the world it is about."""

    __slots__ = ("base_url", "body", "client_id", "content_type", "ids", "query", "seller", "seq", "token", "world")

    def __init__(
        self,
        world: World,
        seller: Seller,
        client_id: str,
        ids: tuple[str, ...] = (),
        *,
        query: dict[str, str] | None = None,
        body: bytes = b"",
        content_type: str = "",
        base_url: str = "",
        seq: int = 0,
        token: AccessToken | None = None,
    ) -> None:
        self.world = world
        self.seller = seller
        self.client_id = client_id
        self.ids = ids
        self.query = query or {}
        self.body = body
        self.content_type = content_type
        self.base_url = base_url
        self.seq = seq
        self.token = token

    def shipment(self) -> Shipment:
        """Give the shipment that the path names, if it is this seller's. Raises Refusal 404."""
        found = self.world.shipments.get(self.ids[0])
        if found is None or found.seller_id != self.seller.seller_id:
            raise not_found("shipmentId", self.ids[0])
        return found


Handler = Callable[[Call], Reply]


def json_reply(content: Any, status: int = 200) -> Reply:
    """Answer with JSON."""
    return Reply(status, _encode(content))


NO_CONTENT = Reply(204)


def read_query(raw: bytes, known: frozenset[str], *, refuse_unknown: bool) -> dict[str, str]:
    """Read a query string. Raises Refusal 400 for a parameter given twice and, if wanted, for an unknown one."""
    query: dict[str, str] = {}
    for name, value in parse_qsl(raw.decode("latin-1"), keep_blank_values=True):
        if name not in known:
            if refuse_unknown:
                raise bad_request(Problem("InvalidInput", f"Unknown query parameter '{name}'"))
            continue
        if name in query and name in LISTS:
            query[name] += f",{value}"
            continue
        if name in query:
            raise bad_request(invalid_input(value, name, "The parameter is given more than once."))
        query[name] = value
    return query


def choice(call: Call, name: str, values: tuple[str, ...]) -> str:
    """Read a required query parameter with a closed set of values. Raises Refusal 400."""
    value = call.query.get(name)
    if value is None:
        raise bad_request(Problem("InvalidInput", f"Missing required parameter '{name}'"))
    if value not in values:
        raise bad_request(invalid_input(value, name, f"Must be one of: {', '.join(values)}."))
    return value


def optional_moment(call: Call, name: str) -> int | None:
    """Read a date-time of the query as milliseconds; without an offset it is UTC. Raises Refusal 400."""
    return moment(call.query.get(name), name)


def moment(text: str | None, name: str) -> int | None:
    """Read a date-time as milliseconds; without an offset it is UTC. Raises Refusal 400."""
    if text is None:
        return None
    try:
        return to_ms(datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text))
    except ValueError:
        raise bad_request(invalid_input(text, name, "Must be an ISO 8601 date-time.")) from None


def page_size(call: Call, *, default: int = 10, highest: int = 100) -> int:
    """Read maxResults. Raises Refusal 400."""
    text = call.query.get("maxResults")
    if text is None:
        return default
    digits = text.lstrip("0")
    if not (text.isascii() and text.isdigit()) or not digits:
        raise bad_request(invalid_input(text, "maxResults", f"Must be a whole number from 1 to {highest}."))
    if len(digits) > 9 or int(digits) > highest:  # Python reads no number of thousands of digits
        message = f"Invalid input, 'maxResults': '{text}' can't be higher than '{highest}'"
        raise bad_request(Problem("InvalidInput", message))
    return int(digits)


def read_body(call: Call, decoder: "msgspec.json.Decoder[T]") -> T:
    """Read a body against Amazon's schema. Raises Refusal 400 (does not fit), 413 (too large), 415 (not JSON)."""
    return _read(call, decoder, _spelled_out)


def read_plain(call: Call, decoder: "msgspec.json.Decoder[T]") -> T:
    """Read a body whose numbers are numbers: every API but External Fulfillment. Raises Refusal as `read_body`."""
    return _read(call, decoder, lambda call: call.body)


def _read(call: Call, decoder: "msgspec.json.Decoder[T]", content_of: Callable[[Call], bytes]) -> T:
    if not call.body:
        raise bad_request(Problem("InvalidInput", "At least one field is mandatory in the input payload"))
    if len(call.body) > MAX_BODY_BYTES:
        raise Refusal(413, Problem("RequestTooLarge", "The request size exceeded the maximum accepted size."))
    if call.content_type.partition(";")[0].strip().lower() != "application/json":
        raise Refusal(
            415,
            Problem("UnsupportedMediaType", "The entity of the request is in a format not supported by the resource."),
        )
    try:
        content = decoder.decode(content_of(call))
    except msgspec.ValidationError as fault:
        what, _, where = str(fault).partition(" - at ")
        raise bad_request(invalid_input(where.strip("`") or "body", "body", what)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise bad_request(Problem("InvalidInput", "The request body is not valid JSON.", str(fault))) from None
    except RecursionError:
        raise bad_request(Problem("InvalidInput", "The request body is nested too deeply.")) from None
    if call.world.switches["unknown_fields"] == "refuse":
        _refuse_unknown(msgspec.json.decode(call.body), content, "$")
    return content


def _spelled_out(call: Call) -> bytes:
    if call.world.switches["decimal_numbers"] == "refuse":
        return call.body
    return _encode(_with_decimals_as_text(msgspec.json.decode(call.body)))


def _with_decimals_as_text(raw: Any) -> Any:
    # Every decimal of the External Fulfillment bodies is a field named "value" (version 2024-09-11).
    if isinstance(raw, list):
        return [_with_decimals_as_text(item) for item in raw]
    if not isinstance(raw, dict):
        return raw
    return {
        name: str(value) if name == "value" and type(value) in (int, float) else _with_decimals_as_text(value)
        for name, value in raw.items()
    }


def has_body(call: Call) -> bool:
    """Tell whether an optional body was sent; an empty object or null counts as none."""
    return call.body.strip() not in (b"", b"{}", b"null")


def _refuse_unknown(raw: Any, read: Any, path: str) -> None:
    if isinstance(raw, list) and isinstance(read, (list, tuple)):
        for at, (raw_item, read_item) in enumerate(zip(raw, read, strict=False)):
            _refuse_unknown(raw_item, read_item, f"{path}[{at}]")
    if not isinstance(raw, dict) or not isinstance(read, msgspec.Struct):
        return
    fields = {field.encode_name: field.name for field in msgspec.structs.fields(read)}
    for name, value in raw.items():
        if name not in fields:
            raise bad_request(invalid_input(f"{path}.{name}", "body", "The field is not part of the schema."))
        _refuse_unknown(value, getattr(read, fields[name]), f"{path}.{name}")
