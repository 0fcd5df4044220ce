"""The consent page: a seller lets an application act for it, and is led back with a code, as at Seller Central.

Source: Selling Partner API, "Website authorization workflow".
"""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from packline_sim.auth.credentials import Application
from packline_sim.control.stage import Stage
from packline_sim.marketplaces import MARKETPLACES
from packline_sim.page.rendering import render
from packline_sim.specs import LocationSpec, SellerSpec, SkuSpec

PATH = "/apps/authorize/consent"
NEW = "new"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
FIRST_SKUS = (("KURTA-M", "Blue Kurta M"), ("BOTTLE-1", "Steel Bottle 1 l"))
"""What a seller who opens here has on the floor, so that buyers can order at once."""


def consent_routes(stage: Stage) -> list[Route]:
    """Mount the page on a world."""

    async def show(request: Request) -> Response:
        return _shown(stage, request, dict(request.query_params))

    async def consent(request: Request) -> Response:
        return _consented(stage, request, parse_qs((await request.body()).decode()))

    return [Route(PATH, show, methods=["GET"]), Route(PATH, consent, methods=["POST"])]


def _shown(stage: Stage, request: Request, asked: dict[str, str]) -> Response:
    application, wrong = _application(stage, asked), _wrong(request, asked)
    if application is None:
        return _page(400, wrong=f"There is no application {asked.get('application_id') or 'without an id'} here.")
    if wrong:
        return _page(400, wrong=wrong)
    sellers = [(row, _is_authorised(stage, application, row.seller_id)) for row in stage.world.sellers.values()]
    return _page(
        200,
        application=application,
        sellers=sellers,
        asked=asked,
        back=urlsplit(asked["redirect_uri"]).netloc,
        marketplaces=MARKETPLACES.values(),
    )


def _consented(stage: Stage, request: Request, form: dict[str, list[str]]) -> Response:
    asked = {name: values[0] for name, values in form.items()}
    application, wrong = _application(stage, asked), _wrong(request, asked)
    seller_id = asked.get("seller_id", "")
    if seller_id == NEW and application is not None and not wrong:
        seller_id = _open_shop(stage, application, asked)
    if application is None or wrong or seller_id not in stage.world.sellers:
        return _page(400, wrong=wrong or "There is no such application or seller here (any more).")
    code = stage.world.credentials.create_code(application.client_id, seller_id, asked["redirect_uri"])
    told = {"state": asked.get("state", ""), "selling_partner_id": seller_id, "spapi_oauth_code": code.value}
    address = asked["redirect_uri"]
    headers = {"Referrer-Policy": "no-referrer"}
    return RedirectResponse(f"{address}{'&' if '?' in address else '?'}{urlencode(told)}", 303, headers)


def _open_shop(stage: Stage, application: Application, asked: dict[str, str]) -> str:
    """Let a seller open with one location and two products."""
    shop = MARKETPLACES.get(asked.get("marketplace", "")) or next(iter(MARKETPLACES.values()))
    made = stage.world.create_seller(
        SellerSpec(
            name=asked.get("name", "").strip() or "Acme Traders",
            region=shop.region,
            marketplace_ids=(shop.marketplace_id,),
            client_id=application.client_id,
        )
    )
    stage.world.create_location(made.seller_id, LocationSpec())
    for sku, title in FIRST_SKUS:
        stage.world.create_sku(made.seller_id, SkuSpec(sku=sku, title=title))
    return made.seller_id


def _application(stage: Stage, asked: dict[str, str]) -> Application | None:
    applications = stage.world.credentials.applications.values()
    return next((row for row in applications if row.application_id == asked.get("application_id")), None)


def _wrong(request: Request, asked: dict[str, str]) -> str:
    """Say why the browser cannot be led back: a page that leads anywhere would serve strangers."""
    back = urlsplit(asked.get("redirect_uri", ""))
    if back.scheme not in ("http", "https") or not back.hostname:
        return "The address to lead back to (redirect_uri) is missing; at Amazon the application's first one is taken."
    if back.hostname not in (*LOOPBACK, request.url.hostname):
        return f"The simulator leads back to this machine only, not to {back.hostname}."
    return ""


def _is_authorised(stage: Stage, application: Application, seller_id: str) -> bool:
    return any(
        grant.seller_id == seller_id and grant.client_id == application.client_id and not grant.revoked
        for grant in stage.world.credentials.grants.values()
    )


def _page(status: int, **facts: Any) -> Response:
    return HTMLResponse(render("consent.html", **{"wrong": "", **facts}), status, {"cache-control": "no-store"})
