"""The OpenAPI 3.1 description of the control API, generated from its operations and structs."""

import re
import typing
from collections.abc import Sequence
from typing import Any

import msgspec

from packline_sim.control.endpoint import PREFIX, Endpoint
from packline_sim.control.problems import ProblemDetails

VERSION = "1.0.0"
_REF = "#/components/schemas/{name}"


def describe(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """Build the OpenAPI document of these operations."""
    kinds = _kinds(endpoints)
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    by_kind = {_key(kind): schema for kind, schema in zip(kinds, schemas, strict=True)}
    paths: dict[str, Any] = {}
    for endpoint in endpoints:
        path = PREFIX + re.sub(r":\w+}", "}", endpoint.path)
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint, by_kind)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "packline_sim control API",
            "version": VERSION,
            "summary": "Create, watch and disturb the simulated Amazon while it runs.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {"schemas": components},
    }


def _kinds(endpoints: Sequence[Endpoint]) -> list[Any]:
    kinds: dict[str, Any] = {_key(ProblemDetails): ProblemDetails}
    for endpoint in endpoints:
        for name in ("body", "return"):
            if name in endpoint.types:
                kinds[_key(endpoint.types[name])] = endpoint.types[name]
        for field in _query_fields(endpoint):
            kinds[_key(field.type)] = field.type
    return list(kinds.values())


def _key(kind: Any) -> str:
    return repr(kind)


def _query_fields(endpoint: Endpoint) -> tuple[msgspec.structs.FieldInfo, ...]:
    query = endpoint.types.get("query")
    return msgspec.structs.fields(query) if query is not None else ()


def _operation(endpoint: Endpoint, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": [endpoint.path.split("/")[1]],
        "parameters": _parameters(endpoint, schemas),
        "responses": {
            str(endpoint.status): _content(schemas[_key(endpoint.types["return"])], endpoint.summary),
            "default": _content(schemas[_key(ProblemDetails)], "What was wrong and what to do", "problem+json"),
        },
    }
    if endpoint.description:
        operation["description"] = endpoint.description
    if "body" in endpoint.types:
        operation["requestBody"] = _content(schemas[_key(endpoint.types["body"])], "")
        operation["requestBody"].pop("description")
    return operation


def _content(schema: Any, description: str, media: str = "json") -> dict[str, Any]:
    return {"description": description, "content": {f"application/{media}": {"schema": schema}}}


def _parameters(endpoint: Endpoint, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in endpoint.path_parameters
    ]
    in_query = [
        {
            "name": field.encode_name,
            "in": "query",
            "required": field.required,
            "schema": _with_default(schemas[_key(field.type)], field),
        }
        for field in _query_fields(endpoint)
    ]
    return [*in_path, *in_query]


def _with_default(schema: Any, field: msgspec.structs.FieldInfo) -> Any:
    if field.default in (msgspec.NODEFAULT, None) or typing.get_origin(field.default):
        return schema
    return {**schema, "default": field.default}
