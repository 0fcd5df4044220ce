"""What one operation of a simulated API is."""

from typing import NamedTuple

from packline_sim.call import Handler


class Operation(NamedTuple):
    """Describe one operation; `{}` in the path stands for an id, `is_write` for a change of a shipment or order.

    A grantless one names the `scope` that its token must have; the others need a seller's token.
    """

    name: str
    method: str
    path: str
    query: frozenset[str]
    is_write: bool
    handler: Handler
    scope: str | None = None


def operation(name: str, method: str, path: str, query: str, handler: Handler, *, writes: bool = True) -> Operation:
    """Describe an operation; `query` holds the names of its parameters with spaces between."""
    return Operation(name, method, path, frozenset(query.split()), writes, handler)
