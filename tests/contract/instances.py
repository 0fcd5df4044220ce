"""Answers made up from Amazon's specifications: everything that may be there, as little as may be, and in odd dress."""

import functools
import json
from collections.abc import Iterator
from typing import Any

from contract.specification import FOLDER

DEPTH_AT_MOST = 14
MOMENT = "2026-11-21T12:00:00Z"
FULL, BARE, NULLS, EMPTY, CASES, STRANGE = "full", "bare", "nulls", "empty lists", "letter cases", "strange values"
DRESSES = (FULL, BARE, NULLS, EMPTY, CASES, STRANGE)
"""All fields; required ones only; optional ones null; lists empty; enumerations in lower case; unknown enumeration
values, unknown fields, numbers as text."""
_TELLING = {
    "orderId": "403-1234567-1234567",
    "AmazonOrderId": "403-1234567-1234567",
    "amazonOrderId": "403-1234567-1234567",
}


@functools.cache
def _specification(file: str) -> Any:
    return json.loads((FOLDER / file).read_text("utf-8"))


def answers(file: str) -> Iterator[tuple[str, int, str]]:
    """List every answer with a body of a specification: (operationId, status, dress)."""
    for methods in _specification(file)["paths"].values():
        for declared in methods.values():
            for status, response in declared.get("responses", {}).items() if isinstance(declared, dict) else ():
                if "schema" in response:
                    yield from ((declared["operationId"], int(status), dress) for dress in DRESSES)


def instance(file: str, operation: str, status: int, dress: str) -> Any:
    """Make up one answer."""
    for methods in _specification(file)["paths"].values():
        for declared in methods.values():
            if isinstance(declared, dict) and declared.get("operationId") == operation:
                schema = declared["responses"][str(status)]["schema"]
                return _value(schema, _specification(file)["definitions"], dress, "", 0)
    raise LookupError(operation)


def _value(schema: Any, known: Any, dress: str, name: str, depth: int) -> Any:
    if "$ref" in schema:
        return _value(known[schema["$ref"].rpartition("/")[2]], known, dress, name, depth)
    if "enum" in schema:
        return _word(schema["enum"], dress)
    match schema.get("type", "object"):
        case "object":
            return _object(schema, known, dress, depth)
        case "array":
            many = 0 if dress == EMPTY or depth > DEPTH_AT_MOST else 2
            return [_value(schema["items"], known, dress, name, depth + 1) for _ in range(many)]
        case "boolean":
            return True
        case "integer":
            return "3" if dress == STRANGE else 3
        case "number":
            return "12.5" if dress == STRANGE else 12.5
    return MOMENT if schema.get("format") == "date-time" else _TELLING.get(name, "12")


def _object(schema: Any, known: Any, dress: str, depth: int) -> dict[str, Any]:
    required = schema.get("required", [])
    made = {}
    for name, field in schema.get("properties", {}).items():
        if name not in required and (dress == BARE or depth > DEPTH_AT_MOST):
            continue
        is_null = dress == NULLS and name not in required
        made[name] = None if is_null else _value(field, known, dress, name, depth + 1)
    return made | ({"neverSeenBefore": {"deep": [None]}} if dress == STRANGE else {})


def _word(words: list[str], dress: str) -> str:
    if dress == STRANGE:
        return "NEVER_SEEN_BEFORE"
    return words[0].lower() if dress == CASES else words[0]
