"""Amazon's specifications as a judge of what we send: paths, parameters and bodies of the APIs of Seller Central."""

import functools
import json
import re
from urllib.parse import parse_qs

import jsonschema_rs
import msgspec

from contract.specification import FOLDER, Exchange

FILES = (
    "easyShip_2022-03-23.json",
    "orders_2026-01-01.json",
    "ordersV0.json",
    "feeds_2021-06-30.json",
    "reports_2021-06-30.json",
    "listingsItems_2021-08-01.json",
    "tokens_2021-03-01.json",
)
ABSENT = f"Amazon's specifications are not beside the project (../shared/specs): nothing was checked against {FILES}"


_LIKE = {("updateScheduledPackages", 405): 404}
"""The model's list of codes gives OrderNotEligibleForRescheduling the status 405, its list of answers leaves it out."""


def is_present() -> bool:
    """Tell whether the specifications are there to be checked against."""
    return all((FOLDER / name).is_file() for name in FILES)


class Asked(msgspec.Struct, frozen=True):
    """One operation as it wants to be asked and as it answers."""

    name: str
    method: str
    pattern: re.Pattern[str]
    parameters: dict[str, dict]
    body: jsonschema_rs.Draft4Validator | None
    needs_body: bool
    answers: dict[int, jsonschema_rs.Draft4Validator | None]


@functools.cache
def operations() -> tuple[Asked, ...]:
    """Read every operation of the seven APIs; `getOrder` of v0 is named `getOrderV0`, as its quota is."""
    return tuple(one for file in FILES for one in _read(file))


def operation_of(exchange: Exchange) -> Asked | None:
    """Find the operation that an exchange is of; None for what is not in the specifications."""
    return next((o for o in operations() if o.method == exchange.method and o.pattern.fullmatch(exchange.path)), None)


def complaints(exchange: Exchange) -> list[str]:
    """List how a request and its answer depart from the specification."""
    operation = operation_of(exchange)
    if operation is None:
        return []
    found = [*_of_query(operation, exchange), *_of_body(operation, exchange)]
    status = _LIKE.get((operation.name, exchange.status), exchange.status)
    if status not in operation.answers:
        return [*found, f"{operation.name}: status {exchange.status} is not documented"]
    judge = operation.answers[status]
    if judge is not None:
        errors = judge.iter_errors(json.loads(exchange.body))
        found += [f"{operation.name} {exchange.status} answers {list(e.instance_path)}: {e.message}" for e in errors]
    return found


def _of_query(operation: Asked, exchange: Exchange) -> list[str]:
    given = {name: values[0] for name, values in parse_qs(exchange.query, keep_blank_values=True).items()}
    found = [f"{operation.name}: unknown parameter {name}" for name in given.keys() - operation.parameters.keys()]
    for name, declared in operation.parameters.items():
        if name not in given:
            found += [f"{operation.name}: parameter {name} is missing"] if declared.get("required") else []
            continue
        allowed = declared.get("items", declared).get("enum")
        strange = [value for value in given[name].split(",") if allowed and value not in allowed]
        found += [f"{operation.name}: {name} must not be {value}" for value in strange]
        if len(given[name].split(",")) > declared.get("maxItems", 10_000):
            found.append(f"{operation.name}: too many of {name}")
    return found


def _of_body(operation: Asked, exchange: Exchange) -> list[str]:
    if operation.body is None:
        return [f"{operation.name}: a body that nobody asked for"] if exchange.request else []
    if not exchange.request:
        return [f"{operation.name}: the body is missing"] if operation.needs_body else []
    errors = operation.body.iter_errors(json.loads(exchange.request))
    return [f"{operation.name} is asked {list(e.instance_path)}: {e.message}" for e in errors]


def _read(file: str) -> list[Asked]:
    specification = json.loads((FOLDER / file).read_text("utf-8"))
    shared = specification.get("parameters", {})
    found = []
    for path, methods in specification["paths"].items():
        for method, declared in methods.items():
            if method == "parameters":
                continue
            parameters = [
                shared[p["$ref"].rpartition("/")[2]] if "$ref" in p else p
                for p in [*methods.get("parameters", ()), *declared.get("parameters", ())]
            ]
            body = next((p for p in parameters if p["in"] == "body"), None)
            name = "getOrderV0" if file == "ordersV0.json" and declared["operationId"] == "getOrder" else None
            found.append(
                Asked(
                    name or declared["operationId"],
                    method.upper(),
                    re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))),
                    {p["name"]: p for p in parameters if p["in"] == "query"},
                    _judge(body["schema"], specification) if body else None,
                    bool(body and body.get("required")),
                    {
                        int(status): _judge(answer.get("schema"), specification)
                        for status, answer in declared["responses"].items()
                    },
                )
            )
    return found


def _judge(schema: dict | None, specification: dict) -> jsonschema_rs.Draft4Validator | None:
    if schema is None:
        return None
    return jsonschema_rs.Draft4Validator({**schema, "definitions": specification["definitions"]}, validate_formats=True)
