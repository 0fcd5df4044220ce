"""Sellers and the credentials that let a connector act for them."""

from typing import Annotated

import msgspec

from packline_sim.auth.credentials import AUTHORIZATION_CODE_SECONDS, Application, Grant
from packline_sim.control.endpoint import Endpoint, get, post
from packline_sim.control.paging import Page
from packline_sim.control.problems import Refused, not_found
from packline_sim.control.stage import Stage
from packline_sim.records import Seller
from packline_sim.specs import Region, SellerSpec


class SellerView(msgspec.Struct, frozen=True, kw_only=True):
    """Show a seller with what a connector needs to act for it: the latest authorisation that was not revoked.

    The secrets are the simulator's inventions. They are None when the seller has revoked every authorisation.
    """

    seller_id: str
    name: str
    region: Region
    marketplace_ids: tuple[str, ...]
    tax_number: str
    application_id: str | None = None
    client_id: str | None = None
    client_secret: str | None = None
    refresh_token: str | None = None


class ApplicationSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describe an application; id and secret that are left out are made from the seed."""

    name: str
    client_id: str | None = None
    client_secret: str | None = None


class ApplicationView(msgspec.Struct, frozen=True, kw_only=True):
    """Show an application that sellers authorise; `client_secret` is the newest."""

    application_id: str
    client_id: str
    name: str
    client_secret: str


class CodeRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Name the application that the seller consents to; None is the one that it authorised last."""

    client_id: str | None = None


class CodeView(msgspec.Struct, frozen=True, kw_only=True):
    """Show a code of the consent page; the token endpoint takes it once, until it expires on the simulator's clock."""

    code: str
    seller_id: str
    client_id: str
    expires_in_s: int = AUTHORIZATION_CODE_SECONDS


class Rotation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Say how long the old secret stays good, in simulated seconds; Amazon gives it seven days."""

    keep_old_s: Annotated[float, msgspec.Meta(ge=0)] = 604_800.0


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """Tell how many things an action touched."""

    count: int


def create_seller(stage: Stage, body: SellerSpec) -> SellerView:
    """Create a seller who has authorised an application, and answer the credentials."""
    created = stage.world.create_seller(body)
    return _view(stage, stage.seller(created.seller_id))


def list_sellers(stage: Stage) -> Page[SellerView]:
    """List all sellers with their credentials."""
    return Page([_view(stage, seller) for seller in stage.world.sellers.values()])


def show_seller(stage: Stage, seller_id: str) -> SellerView:
    """Show one seller with its credentials."""
    return _view(stage, stage.seller(seller_id))


def create_authorization_code(stage: Stage, seller_id: str, body: CodeRequest) -> CodeView:
    """Have a seller consent: answers the code that the consent page would send to the application."""
    stage.seller(seller_id)
    client_id = body.client_id or _client_of(stage, seller_id)
    _application(stage, client_id)
    code = stage.world.credentials.create_code(client_id, seller_id)
    return CodeView(code=code.value, seller_id=seller_id, client_id=client_id)


def authorize_application(stage: Stage, seller_id: str, body: CodeRequest) -> SellerView:
    """Have a seller authorise an application (again), and answer the new refresh token."""
    seller = stage.seller(seller_id)
    client_id = body.client_id or _client_of(stage, seller_id)
    _application(stage, client_id)
    stage.world.credentials.authorize(client_id, seller_id)
    return _view(stage, seller)


def revoke_tokens(stage: Stage, seller_id: str) -> Count:
    """Have a seller revoke every authorisation: its refresh and access tokens are refused from now on."""
    stage.seller(seller_id)
    return Count(count=stage.world.credentials.revoke_seller(seller_id))


def expire_tokens(stage: Stage, seller_id: str) -> Count:
    """Let a seller's access tokens be expired now; the refresh token stays good."""
    stage.seller(seller_id)
    return Count(count=stage.world.credentials.expire_tokens(seller_id))


def create_application(stage: Stage, body: ApplicationSpec) -> ApplicationView:
    """Register an application."""
    credentials = stage.world.credentials
    if body.client_id in credentials.applications:
        raise Refused(409, "Exists already", f"There is an application with client id {body.client_id!r} already.")
    return _application_view(
        credentials.create_application(body.name, client_id=body.client_id, client_secret=body.client_secret)
    )


def list_applications(stage: Stage) -> Page[ApplicationView]:
    """List all applications."""
    return Page([_application_view(row) for row in stage.world.credentials.applications.values()])


def rotate_secret(stage: Stage, client_id: str, body: Rotation) -> ApplicationView:
    """Give an application a new secret; the old ones end after a while, or at once."""
    application = _application(stage, client_id)
    stage.world.credentials.rotate_secret(client_id, keep_old_seconds=body.keep_old_s)
    return _application_view(application)


def _application(stage: Stage, client_id: str) -> Application:
    application = stage.world.credentials.applications.get(client_id)
    if application is None:
        raise not_found("application", client_id, "GET /_sim/applications lists them.")
    return application


def _client_of(stage: Stage, seller_id: str) -> str:
    grants = [grant for grant in stage.world.credentials.grants.values() if grant.seller_id == seller_id]
    if not grants:
        raise Refused(409, "No application", f"Seller {seller_id} never authorised one.", "Name one in `client_id`.")
    return grants[-1].client_id


def _live_grant(stage: Stage, seller_id: str) -> Grant | None:
    grants = stage.world.credentials.grants.values()
    return next((row for row in reversed(grants) if row.seller_id == seller_id and not row.revoked), None)


def _view(stage: Stage, seller: Seller) -> SellerView:
    bare = SellerView(
        seller_id=seller.seller_id,
        name=seller.name,
        region=seller.region,
        marketplace_ids=seller.marketplace_ids,
        tax_number=seller.tax_number,
    )
    grant = _live_grant(stage, seller.seller_id)
    if grant is None:
        return bare
    application = _application(stage, grant.client_id)
    return msgspec.structs.replace(
        bare,
        application_id=application.application_id,
        client_id=application.client_id,
        client_secret=application.secrets[-1].value,
        refresh_token=grant.refresh_token,
    )


def _application_view(application: Application) -> ApplicationView:
    return ApplicationView(
        application_id=application.application_id,
        client_id=application.client_id,
        name=application.name,
        client_secret=application.secrets[-1].value,
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    post("/sellers", create_seller, status=201),
    get("/sellers", list_sellers),
    get("/sellers/{seller_id}", show_seller),
    post("/sellers/{seller_id}/authorization_codes", create_authorization_code, status=201),
    post("/sellers/{seller_id}/authorize", authorize_application),
    post("/sellers/{seller_id}/revoke_tokens", revoke_tokens),
    post("/sellers/{seller_id}/expire_tokens", expire_tokens),
    post("/applications", create_application, status=201),
    get("/applications", list_applications),
    post("/applications/{client_id}/rotate_secret", rotate_secret),
)
