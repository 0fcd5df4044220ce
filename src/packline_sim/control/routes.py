"""All operations of the control API, and their mounting on one world."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from packline_sim.control import (
    catalogue,
    clock,
    easy_ship,
    faults,
    journal,
    listings,
    notifications,
    orders,
    people,
    planning,
    queues,
    quotas,
    returns,
    scenarios,
    sellers,
    shipments,
    smarthub,
    staff,
    state,
    switches,
    work,
)
from packline_sim.control.endpoint import PREFIX, Endpoint, route
from packline_sim.control.openapi import describe
from packline_sim.control.stage import stage_of
from packline_sim.world import World

ENDPOINTS: tuple[Endpoint, ...] = (
    *sellers.ENDPOINTS,
    *catalogue.ENDPOINTS,
    *listings.ENDPOINTS,
    *shipments.ENDPOINTS,
    *returns.ENDPOINTS,
    *smarthub.ENDPOINTS,
    *orders.ENDPOINTS,
    *easy_ship.ENDPOINTS,
    *work.ENDPOINTS,
    *notifications.ENDPOINTS,
    *queues.ENDPOINTS,
    *people.ENDPOINTS,
    *staff.ENDPOINTS,
    *planning.ENDPOINTS,
    *quotas.ENDPOINTS,
    *switches.ENDPOINTS,
    *clock.ENDPOINTS,
    *faults.ENDPOINTS,
    *journal.ENDPOINTS,
    *scenarios.ENDPOINTS,
    *state.ENDPOINTS,
)


def routes(world: World) -> list[Route]:
    """Mount the control API on a world, under /_sim."""
    stage = stage_of(world)
    description = msgspec.json.encode(describe(ENDPOINTS))

    async def openapi(_: Request) -> Response:
        return Response(description, media_type="application/json")

    return [Route(f"{PREFIX}/openapi.json", openapi), *(route(endpoint, stage) for endpoint in ENDPOINTS)]
