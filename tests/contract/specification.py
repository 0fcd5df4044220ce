"""Amazon's machine-readable specifications as a judge of what goes over the wire."""

import functools
import json
import re
from pathlib import Path

import jsonschema_rs
import msgspec

FOLDER = Path(__file__).parents[2].parent / "shared" / "specs"
FILES = (
    "externalFulfillmentShipments_2024-09-11.json",
    "externalFulfillmentInventory_2024-09-11.json",
    "externalFulfillmentReturns_2024-09-11.json",
)
SELLER_CENTRAL = (
    "feeds_2021-06-30.json",
    "reports_2021-06-30.json",
    "tokens_2021-03-01.json",
    "listingsItems_2021-08-01.json",
)
ORDERS_AND_EASY_SHIP = ("orders_2026-01-01.json", "ordersV0.json", "easyShip_2022-03-23.json")
NOTIFICATIONS = ("notifications_v1.json",)
EVERY = FILES + SELLER_CENTRAL + ORDERS_AND_EASY_SHIP + NOTIFICATIONS
# The model's table of codes gives OrderNotEligibleForRescheduling 405; the operation's list of responses leaves it out.
ELSEWHERE_DOCUMENTED = {("updateScheduledPackages", 405)}
ABSENT = f"Amazon's specifications are not beside the project (../shared/specs): nothing was checked against {EVERY}"


def is_present() -> bool:
    """Tell whether the specifications are there to be checked against."""
    return all((FOLDER / name).is_file() for name in EVERY)


class Exchange(msgspec.Struct, frozen=True):
    """Hold one call as it went over the wire; `path` is without the query."""

    method: str
    path: str
    query: str
    request: bytes
    status: int
    headers: dict[str, str]
    body: bytes

    def __str__(self) -> str:
        return f"{self.method} {self.path}?{self.query} -> {self.status} {self.body[:300]!r}"


class Operation(msgspec.Struct, frozen=True):
    """Hold one operation of a specification, with a judge for each documented status."""

    operation_id: str
    method: str
    pattern: re.Pattern[str]
    judges: dict[int, jsonschema_rs.Draft4Validator | None]


@functools.cache
def operations(files: tuple[str, ...] = FILES) -> tuple[Operation, ...]:
    """Read every operation of some specifications, by default of the three External Fulfillment APIs."""
    return tuple(
        operation for name in files for operation in _operations(json.loads((FOLDER / name).read_text("utf-8")))
    )


def operation_of(exchange: Exchange) -> Operation | None:
    """Find the operation that an exchange is of; None for what is not in the specifications."""
    return next(
        (
            operation
            for operation in operations(EVERY)
            if operation.method == exchange.method and operation.pattern.fullmatch(exchange.path)
        ),
        None,
    )


def complaints(exchange: Exchange) -> list[str]:
    """List how an answer departs from its specification: status, schema, headers."""
    operation = operation_of(exchange)
    if operation is None:
        return []
    if (operation.operation_id, exchange.status) in ELSEWHERE_DOCUMENTED:
        return _header_complaints(operation, exchange)
    if exchange.status not in operation.judges:
        return [f"{operation.operation_id}: status {exchange.status} is not documented: {exchange}"]
    found = _header_complaints(operation, exchange)
    judge = operation.judges[exchange.status]
    if judge is None:
        return (
            [*found, f"{operation.operation_id}: {exchange.status} has a body: {exchange}"] if exchange.body else found
        )
    try:
        document = json.loads(exchange.body)
    except ValueError:
        return [*found, f"{operation.operation_id}: the body is not JSON: {exchange}"]
    errors = judge.iter_errors(document)
    return [
        *found,
        *(f"{operation.operation_id} {exchange.status} {list(e.instance_path)}: {e.message}" for e in errors),
    ]


def _header_complaints(operation: Operation, exchange: Exchange) -> list[str]:
    found = []
    if not exchange.headers.get("x-amzn-requestid"):
        found.append(f"{operation.operation_id}: no x-amzn-RequestId: {exchange}")
    if exchange.status < 300 and not exchange.headers.get("x-amzn-ratelimit-limit"):
        found.append(f"{operation.operation_id}: no x-amzn-RateLimit-Limit: {exchange}")
    if exchange.body and not exchange.headers.get("content-type", "").startswith("application/json"):
        found.append(f"{operation.operation_id}: content type {exchange.headers.get('content-type')}: {exchange}")
    return found


def _operations(specification: dict) -> list[Operation]:
    return [
        Operation(
            declared["operationId"],
            method.upper(),
            re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))),
            {
                int(status): _judge(response.get("schema"), specification["definitions"])
                for status, response in declared["responses"].items()
            },
        )
        for path, methods in specification["paths"].items()
        for method, declared in methods.items()
        if isinstance(declared, dict)
    ]


def _judge(schema: dict | None, definitions: dict) -> jsonschema_rs.Draft4Validator | None:
    if schema is None:
        return None
    return jsonschema_rs.Draft4Validator({**schema, "definitions": definitions}, validate_formats=True)
