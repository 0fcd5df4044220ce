"""The OpenAPI description: complete, and kept by the server whatever is sent (schemathesis)."""

import asyncio
import warnings
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.house import House
from builders import at, package
from packline.commands.table import KINDS
from packline.domain import events as ev
from packline.domain.shipment import Goal

EXAMPLES = 12  # of each operation
WAITING = ("/v1/events/stream",)  # never ends by itself
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


async def test_every_command_has_its_route(house: House):
    """The table of commands and the routes agree."""
    paths = (await house.client.get("/openapi.json")).json()["paths"]
    for name in KINDS:
        assert "post" in paths[f"/v1/shipments/{{reference}}/{name}"], name


async def test_every_operation_is_described(house: House):
    """Each operation has a name of its own, a sentence, and its refusals as problem details."""
    schema = (await house.client.get("/openapi.json")).json()
    assert schema["openapi"].startswith("3.1")
    names = [operation["operationId"] for path in schema["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))
    for path in schema["paths"].values():
        for operation in path.values():
            assert operation["description"], operation["operationId"]
    denied = schema["paths"]["/v1/shipments/{reference}/pack"]["post"]["responses"]["409"]
    assert "application/problem+json" in denied["content"]


async def test_every_example_runs(house: House):
    """An example that is copied from the description is taken, or refused for what stands in the database only."""
    schema = (await house.client.get("/openapi.json")).json()
    made = await house.shipment()
    hook = (await house.client.post("/v1/webhooks", json={"url": "https://example.com/x"})).json()["id"]
    places = {"reference": made.id, "account": "acme-in", "location": "EXSB", "webhook": hook, "command": "confirm"}
    tried = 0
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            for example in _examples(schema, operation):
                answer = await house.client.request(method, path.format(**places), json=example)
                assert answer.status_code < 300 or answer.json()["code"] == "denied", (path, answer.text)
                tried += 1
    assert tried >= 12


def _examples(schema: dict[str, Any], operation: dict[str, Any]) -> list[Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    names = [part["$ref"].rpartition("/")[2] for part in (body, *body.get("anyOf", ())) if "$ref" in part]
    return [example for name in names for example in schema["components"]["schemas"][name].get("examples", ())]


async def test_the_server_keeps_its_description(house: House, address: str):
    """Whatever is sent, the answer is one that is described, and never a 500."""
    made = await house.shipment()
    await house.happen(made.id, ev.GoalSet(Goal.LABELED, at(1), packages=(package(),)))
    await house.labeled(made.id)
    await house.called(made.id)
    faults = await asyncio.to_thread(_try_everything, address, house.client.headers["authorization"], made.id)
    assert faults == []


def _try_everything(address: str, authorization: str, shipment: str) -> list[str]:
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json", wait_for_schema=5, timeout=120)
    faults: list[str] = []
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path not in WAITING:
            faults += _try(operation, authorization, shipment)
    return faults


def _try(operation: object, authorization: str, shipment: str) -> list[str]:
    faults: list[str] = []

    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())  # type: ignore[attr-defined]
    def one(case: schemathesis.Case) -> None:
        _aim(case, shipment)
        try:
            response = case.call(headers={"Authorization": authorization})
            case.validate_response(response, checks=CHECKS)
        except (Exception, BaseExceptionGroup) as fault:
            faults.append(f"{case.method} {case.formatted_path} {case.query} {case.body!r}: {fault}"[:900])

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one()
    return faults[:2]


def _aim(case: schemathesis.Case, shipment: str) -> None:
    """Let half of the requests meet a shipment that exists, and none of them wait."""
    if "reference" in (case.path_parameters or {}) and len(str(case.path_parameters["reference"])) % 2:
        case.path_parameters["reference"] = shipment
    for name in ("Prefer", "prefer"):
        (case.headers or {}).pop(name, None)
    (case.query or {}).pop("wait", None)


async def test_a_parameter_that_does_not_exist_is_refused(house: House):
    """A misspelt filter would show everything; the answer names what was probably meant."""
    answer = await house.client.get("/v1/shipments", params={"statuss": "ACCEPTED", "limit": "5", "zzz": "1"})
    assert answer.status_code == 422
    told = {error["pointer"]: error["message"] for error in answer.json()["errors"]}
    assert set(told) == {"/query/statuss", "/query/zzz"}
    assert "`status`" in told["/query/statuss"]
    assert (await house.client.get("/v1/webhooks", params={"limit": "5"})).status_code == 422
