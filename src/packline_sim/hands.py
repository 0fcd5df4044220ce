"""Work on a seller's orders that no connector asked for: by the seller's people in a panel, or by another program.

It goes through the same handlers as API calls, so that what a call may not do, nobody may do.
"""

from typing import Any

import msgspec

from packline_sim.call import Call, Reply
from packline_sim.directory import OPERATIONS
from packline_sim.progress import BadMove
from packline_sim.refusals import Refusal
from packline_sim.world import World

SMARTHUB = "smarthub:"
FORMER_INTEGRATOR = "former_integrator:"
SELLER_CENTRAL = "seller_central:"
_HANDLERS = {operation.name: operation.handler for operation in OPERATIONS}


def act(
    world: World, hand: str, seller_id: str, operation: str, /, *ids: str, body: object = None, **query: str
) -> Reply:
    """Do what an API call of that operation does; causes in histories begin with `hand`. Raises BadMove.

    It takes no quota, meets no fault and is not in the journal: it is nobody's API call.
    """
    if ids and ids[0] in world.busy:
        raise BadMove(f"{world.busy[ids[0]]} is under way for {ids[0]}; try again when it has been answered.")
    world.agenda.run_due(world)  # what Amazon does by itself is nobody's hand
    raw = b"" if body is None else msgspec.json.encode(body)
    call = Call(world, world.seller(seller_id), hand, ids, query=query, body=raw, content_type="application/json")
    before, world.hand = world.hand, hand
    try:
        return _HANDLERS[operation](call)
    except Refusal as refusal:
        raise BadMove(f"{operation} was refused: {_told(refusal)}") from refusal
    finally:
        world.hand = before


def answer(reply: Reply) -> Any:
    """Read what a handler answered."""
    return msgspec.json.decode(reply.body)


def _told(refusal: Refusal) -> str:
    return "; ".join(" ".join(filter(None, (row.message, row.details))) for row in refusal.problems)
