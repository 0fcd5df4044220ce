"""The page of the documentation that lists the control API's operations, made from the operations themselves."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from packline_sim.control.endpoint import PREFIX, Endpoint
from packline_sim.control.openapi import VERSION
from packline_sim.control.routes import ENDPOINTS

INTRODUCTION = f"""# Control API

Version {VERSION}. Everything under `{PREFIX}/` belongs to the simulator and not to Amazon: with it you create sellers
and orders, move the time, make calls go wrong, and ask what happened. `packline sim ...` and the pytest fixtures use
nothing else. The full description, with every field, is served as OpenAPI 3.1 at `{PREFIX}/openapi.json`. The surface
is stable: fields and operations are added, never renamed.

- Bodies and answers are JSON. Times are RFC 3339; names that end in `_ms` are milliseconds since 1970, `_s` are
  seconds of the simulator's clock.
- What is wrong is answered as problem details (RFC 9457). Bad input is 422 and lists every field at fault in `errors`,
  by JSON pointer; an unknown id is 404; a move that is impossible now is 409.
- Lists are `{{"items": [...], "next": ...}}`. Where there is a `next`, send it as `after` for the next page.
- There is no password: the simulator listens on 127.0.0.1 unless told otherwise.

```
curl -s localhost:8181{PREFIX}/sellers -d '{{"name": "Blue Goods"}}'
curl -s localhost:8181{PREFIX}/clock/advance -d '{{"seconds": 3600}}'
curl -s localhost:8181{PREFIX}/invariants
```
"""


def markdown(endpoints: Iterable[Endpoint] = ENDPOINTS) -> str:
    """Write the page: the introduction, then one table for each resource."""
    return "\n".join([INTRODUCTION, *_tables(endpoints)])


def _tables(endpoints: Iterable[Endpoint]) -> Iterator[str]:
    by_resource = sorted(endpoints, key=_resource)
    for resource, rows in groupby(by_resource, key=_resource):
        yield f"## {resource.replace('_', ' ').capitalize()}\n"
        yield "| Operation | What it does | Body or query |\n|---|---|---|"
        yield from (_row(endpoint) for endpoint in rows)
        yield ""


def _resource(endpoint: Endpoint) -> str:
    return endpoint.path.split("/")[1]


def _row(endpoint: Endpoint) -> str:
    kind = endpoint.types.get("body") or endpoint.types.get("query")
    fields = getattr(kind, "__struct_encode_fields__", ())
    given = ", ".join(f"`{name}`" for name in fields) or ("name: value" if kind else "")
    return f"| `{endpoint.method} {PREFIX}{endpoint.path}` | {endpoint.summary} | {given} |"


if __name__ == "__main__":
    import sys

    sys.stdout.write(markdown())
