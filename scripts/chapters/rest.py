"""docs/reference/rest.md, from the OpenAPI description that the server itself gives."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, cast

from chapters.tables import table

INTRODUCTION = """\
# REST API

Made from the server's own description, which it gives at `/openapi.json`. Every request but the two marked *open*
carries an API key (`Authorization: Bearer pk_...`); keys have a role (reader, packer, operator, admin: each may all
that the ones before it may) and may be bound to accounts and locations. Errors are problem documents; see
[errors](errors.md).

A write may carry `Idempotency-Key`: the same key within 24 hours is the same request and gets the same answer. A
command answers 202 with a ticket; with `Prefer: wait=10` it answers with the outcome when there is one within ten
seconds. Lists page by `limit` and `after`: pass `next` of a page as `after` of the following one, until it is null.

"""
_VERBS = ("get", "post", "put", "patch", "delete")
_SHARED = {"idempotency-key", "prefer", "limit", "after"}
Schema = dict[str, Any]


def rest() -> str:
    """Write each operation, grouped by tag, then the shapes that they take and give."""
    description = describe()
    groups: dict[str, list[str]] = {}
    for path, verbs in description["paths"].items():
        for verb in (verb for verb in _VERBS if verb in verbs):
            groups.setdefault(verbs[verb]["tags"][0], []).append("".join(_operation(path, verb, verbs[verb])))
    parts = [INTRODUCTION]
    for tag, entries in groups.items():
        parts += [f"## {tag.replace('_', ' ').capitalize()}\n\n", *entries]
    return "".join(parts) + "## Shapes\n\n" + "".join(_shapes(description["components"]["schemas"]))


def describe() -> Schema:
    """Give the OpenAPI description; nothing behind the API is needed for it."""
    from packline.api.app import create_app
    from packline.api.services import ApiSettings, Services

    nothing = cast(Any, None)
    names = [field.name for field in fields(Services) if field.init and field.name != "settings"]
    return create_app(Services(**dict.fromkeys(names, nothing), settings=ApiSettings())).openapi()


def _taken(content: Schema) -> str:
    if "application/json" in content:
        return _kind(content["application/json"]["schema"])
    return " or ".join(f"`{media}`" for media in content)


def _operation(path: str, verb: str, operation: Schema) -> Iterator[str]:
    yield f"### {verb.upper()} {path}\n\n"
    is_open = operation.get("security") == []
    yield " ".join(operation.get("description", "").split()) + (" *Open.*" if is_open else "") + "\n\n"
    parameters = [p for p in operation.get("parameters", ()) if p["name"] not in _SHARED]
    if parameters:
        rows = [(f"`{p['name']}`", p["in"], _kind(p["schema"]), p.get("description", "")) for p in parameters]
        yield table(("Parameter", "In", "Type", "Meaning"), rows) + "\n"
    body = operation.get("requestBody")
    if body:
        yield f"Takes {_taken(body['content'])}. "
    yield f"Gives {', '.join(_answers(operation['responses']))}.\n\n"


def _answers(responses: Schema) -> Iterator[str]:
    for status in sorted(responses):
        if not status.startswith("2"):
            continue
        content = responses[status].get("content", {})
        kinds = [_kind(entry["schema"]) if entry.get("schema") else f"`{media}`" for media, entry in content.items()]
        yield f"{status} {' or '.join(kinds)}".strip()


def _shapes(schemas: Schema) -> Iterator[str]:
    for name in sorted(schemas):
        schema = schemas[name]
        if "enum" in schema:
            yield f"### {name}\n\n{_kind(schema)}\n\n"
        if "properties" not in schema or name in ("HTTPValidationError", "ValidationError"):
            continue
        required = set(schema.get("required", ()))
        rows = [
            (f"`{field}`", _kind(inner), "yes" if field in required else _default(inner), _remark(inner))
            for field, inner in schema["properties"].items()
        ]
        yield f"### {name}\n\n{' '.join(schema.get('description', '').split())}\n\n"
        yield table(("Field", "Type", "Required", "Meaning"), rows) + "\n"


def _default(schema: Schema) -> str:
    default = schema.get("default")
    return "no" if default in (None, "", [], {}) else f"no; `{str(default).lower()}`"


def _remark(schema: Schema) -> str:
    examples = schema.get("examples")
    said = " ".join(schema.get("description", "").split())
    return f"{said} Such as `{examples[0]}`.".strip() if examples else said


def _kind(schema: Schema) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema or "oneOf" in schema:
        return " or ".join(_kind(inner) for inner in schema.get("anyOf") or schema["oneOf"])
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type", "any"))
