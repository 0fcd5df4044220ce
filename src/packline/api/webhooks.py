"""`/v1/webhooks`: endpoints of the seller's systems, their deliveries, replay and test."""

from typing import Any

from fastapi import APIRouter, Request, Response

from packline.api.access import needs, refuse_bound_key, services_of
from packline.api.answers import Json
from packline.api.idempotent import KEYED, IdempotentRoute
from packline.api.pages import DeliveryPage, DeliveryRow, NewWebhookRow, WebhookList, WebhookRow
from packline.api.parameters import After, Limit
from packline.api.requests import ReplayIn, WebhookIn, WebhookPatch
from packline.commands import webhooks
from packline.domain.api_key import Role
from packline.domain.endpoint import Delivery, Endpoint
from packline.views.events import parse
from packline.views.paging import decode_cursor, encode_cursor, moment_of

router = APIRouter(
    prefix="/webhooks", tags=["webhooks"], route_class=IdempotentRoute, dependencies=[needs(Role.OPERATOR), KEYED]
)


@router.get("", response_model=WebhookList)
async def list_webhooks(request: Request) -> Any:
    """List endpoints, the newest first; secrets are not shown."""
    refuse_bound_key(request)
    return Json({"items": [_row(e) for e in await services_of(request).webhooks.endpoints()]})


@router.post("", status_code=201, response_model=NewWebhookRow)
async def add_webhook(request: Request, body: WebhookIn) -> Any:
    """Add an endpoint; its secret is shown this once (Standard Webhooks)."""
    refuse_bound_key(request)
    services = services_of(request)
    endpoint = await webhooks.add_webhook(
        services.webhooks,
        services.clock,
        body.url,
        events=tuple(body.events),
        accounts=tuple(body.accounts),
        description=body.description,
        allow_private=services.settings.webhook_allow_private,
    )
    return Json({**_row(endpoint), "secret": endpoint.secret}, 201, headers={"Cache-Control": "no-store"})


@router.get("/{webhook}", response_model=WebhookRow)
async def show_webhook(request: Request, webhook: str) -> Any:
    """Show one endpoint."""
    refuse_bound_key(request)
    return Json(_row(await webhooks.known_endpoint(services_of(request).webhooks, webhook)))


@router.patch("/{webhook}", response_model=WebhookRow)
async def change_webhook(request: Request, webhook: str, body: WebhookPatch) -> Any:
    """Start or stop an endpoint; starting forgets why it was paused and goes on where it stood."""
    refuse_bound_key(request)
    return Json(_row(await webhooks.set_enabled(services_of(request).webhooks, webhook, enabled=body.enabled)))


@router.delete("/{webhook}", status_code=204)
async def remove_webhook(request: Request, webhook: str) -> Response:
    """Remove an endpoint."""
    refuse_bound_key(request)
    await webhooks.remove_webhook(services_of(request).webhooks, webhook)
    return Response(status_code=204)


@router.get("/{webhook}/deliveries", response_model=DeliveryPage)
async def list_deliveries(request: Request, webhook: str, limit: Limit = 50, after: After = None) -> Any:
    """List attempts, the newest first."""
    refuse_bound_key(request)
    services = services_of(request)
    await webhooks.known_endpoint(services.webhooks, webhook)
    before = moment_of(decode_cursor(after)[0]) if after else None
    rows = await services.webhooks.attempts(webhook, before, limit)
    following = encode_cursor(rows[-1]["at"]) if len(rows) == limit else None
    return Json({"items": rows, "next": following})


@router.post("/{webhook}/replay", response_model=WebhookRow)
async def replay_webhook(request: Request, webhook: str, body: ReplayIn) -> Any:
    """Send every event after a cursor again."""
    refuse_bound_key(request)
    parse(body.after)
    services = services_of(request)
    return Json(_row(await webhooks.replay_webhook(services.webhooks, services.clock, webhook, body.after)))


@router.post("/{webhook}/test", response_model=DeliveryRow)
async def try_webhook(request: Request, webhook: str) -> Any:
    """Send one event `webhook.test` at once, and tell what came back."""
    refuse_bound_key(request)
    services = services_of(request)
    endpoint = await webhooks.known_endpoint(services.webhooks, webhook)
    return Json(_delivery(await services.sender.test(endpoint)))


def _row(endpoint: Endpoint) -> dict[str, Any]:
    names = WebhookRow.__annotations__
    return {name: getattr(endpoint, name) for name in names} | {"enabled": endpoint.is_on}


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "at": delivery.at,
        "event": delivery.event.id,
        "type": delivery.event.name,
        "shipment": delivery.event.shipment,
        "attempt": delivery.attempt,
        "status": delivery.status,
        "ms": delivery.ms,
        "error": delivery.error,
    }
