"""`create_app(services)`: the REST API as one ASGI app; bootstrap starts and stops what is behind it."""

from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount, Route
from starlette.types import Receive, Scope, Send

from packline.api import (
    accounts,
    api_keys,
    audit,
    bulk,
    commands,
    consents,
    credentials,
    doctor,
    document_drops,
    document_imports,
    events,
    exports,
    feeds,
    flows,
    health,
    inbox,
    kept_routes,
    listings,
    manifests,
    migration,
    notifications,
    prints,
    problems,
    reconciliations,
    records,
    returns,
    routing,
    shipments,
    skus,
    smarthub,
    stock,
    stock_imports,
    stock_publishing,
    users,
    webhooks,
)
from packline.api.access import Access
from packline.api.pages import ProblemDetails
from packline.api.parameters import PROBLEMS, refuse_unknown_parameters
from packline.api.services import Services

DESCRIPTION = """
Orders of Amazon's seller-fulfilment programs, from the order to the carrier's hands.

A command is a POST; it answers 202 with a ticket, or with its outcome where `Prefer: wait=10` asks for it. What happens
is told by the event feed and by webhooks. Lists page by `after` and `next`. Errors are problem details (RFC 9457) with
a `hint`.
"""
METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
_OPEN = (health.router,)
_KEYED = (
    bulk.router,
    commands.router,
    commands.reads,
    shipments.router,
    accounts.reads,
    accounts.router,
    migration.reads,
    migration.router,
    events.router,
    stock.reads,
    stock_imports.reads,
    stock_imports.router,
    stock_publishing.reads,
    stock_publishing.settings,
    stock.router,
    stock.settings,
    document_imports.router,
    document_drops.reads,
    document_drops.router,
    manifests.reads,
    manifests.router,
    prints.reads,
    prints.router,
    listings.reads,
    listings.router,
    routing.reads,
    routing.router,
    kept_routes.reads,
    kept_routes.router,
    reconciliations.reads,
    reconciliations.router,
    returns.reads,
    returns.router,
    exports.router,
    feeds.reads,
    feeds.router,
    flows.reads,
    credentials.reads,
    credentials.router,
    consents.router,
    doctor.router,
    inbox.router,
    notifications.reads,
    notifications.router,
    skus.reads,
    smarthub.reads,
    skus.router,
    webhooks.router,
    api_keys.router,
    users.router,
    audit.reads,
    records.router,
)


class Unknown:
    """Answer what no route of the API takes, so that a misspelt path never meets the console."""

    def __init__(self, app: FastAPI) -> None:
        """Look for the right methods among the routes of an app."""
        self._app = app

    async def __call__(self, scope: Scope, _: Receive, __: Send) -> None:
        """Raise 405 where the path is right, 404 otherwise."""
        allowed = [method for method in METHODS if self._takes({**scope, "method": method})]
        if allowed:
            said = f"{scope['path']} does not take {scope['method']}, but {', '.join(allowed)}."
            raise HTTPException(405, said, {"Allow": ", ".join(allowed)})
        raise HTTPException(404, f"There is no {scope['path']}.")

    def _takes(self, scope: Scope) -> bool:
        routes = [route for route in self._app.router.routes if not isinstance(route, Mount | Route)]
        return any(route.matches(scope)[0] is Match.FULL for route in routes)


def create_app(services: Services) -> FastAPI:
    """Make the app; it holds no state but `app.state.services` and starts nothing by itself."""
    app = FastAPI(
        title="Packline",
        version=services.settings.version,
        description=DESCRIPTION,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_name,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    app.state.services = services
    strict = [Depends(refuse_unknown_parameters)]
    for router in _OPEN:
        app.include_router(router, prefix="/v1", responses=_problems(404, 422), dependencies=strict)
    for router in _KEYED:
        checks = [*strict, Depends(audit.recorded)] if _writes(router) else strict
        app.include_router(router, prefix="/v1", responses=_problems(*PROBLEMS), dependencies=checks)
    app.router.routes.append(Route("/v1/{path:path}", Unknown(app), include_in_schema=False))
    problems.install(app)
    app.add_middleware(Access, services=services)
    _describe_security(app)
    return app


def _writes(router: APIRouter) -> bool:
    return any((route.methods or set()) - {"GET"} for route in router.routes if isinstance(route, APIRoute))


def _name(route: APIRoute) -> str:
    return route.name


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {
        status: {
            **PROBLEMS[status],
            "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
        }
        for status in statuses
    }


def _describe_security(app: FastAPI) -> None:
    """Add to the description what FastAPI cannot know: the key, and the shape of problems."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = generate()
            components = schema.setdefault("components", {})
            components["securitySchemes"] = {"api_key": {"type": "http", "scheme": "bearer"}}
            components.setdefault("schemas", {}).update(_problem_schemas())
            schema["security"] = [{"api_key": []}]
            for path in ("/v1/health", "/v1/errors/{code}"):
                schema["paths"][path]["get"]["security"] = []
        return app.openapi_schema or {}

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way


def _problem_schemas() -> dict[str, Any]:
    schema = TypeAdapter(ProblemDetails).json_schema(ref_template="#/components/schemas/{model}")
    inner = schema.pop("$defs", {})
    return {**inner, "ProblemDetails": schema}
