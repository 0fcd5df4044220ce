"""`packline account consent|consented`: a seller's consent by OAuth, with a browser anywhere."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services

BY = "command line"


def join(app: App) -> None:
    """Add the commands of this file to `packline account`."""
    for command in (consent, consented):
        app.command(command)


def consent(
    name: str,
    *,
    application_id: str,
    client_id: Annotated[str, Parameter(env_var="PACKLINE_CLIENT_ID")],
    client_secret: Annotated[str | None, Parameter(env_var="PACKLINE_CLIENT_SECRET", show_default=False)] = None,
    marketplace: tuple[str, ...],
    redirect_uri: str,
    seller_id: str = "",
    api: Literal["external_fulfillment", "seller_central"] = "external_fulfillment",
    draft: Annotated[bool, Parameter(negative="")] = False,
    endpoint: str = "",
    token_url: str = "",
    place: Place = HERE,
) -> None:
    """Give the address at which a seller consents; Amazon leads him back with a code that `consented` takes.

    Parameters
    ----------
    name
        The seller's name, as people say it.
    application_id
        The application's id in Seller Central.
    client_id
        Login with Amazon: the application's client id.
    client_secret
        Its secret; asked for where it is left out.
    marketplace
        Marketplace ids of one region; repeat for several.
    redirect_uri
        Where Amazon leads back to, as registered with the application.
    seller_id
        The merchant id, where no other seller may be taken.
    draft
        The application is not published yet.
    endpoint
        Another address than Amazon's, such as a simulator's.
    token_url
        Another sign-in address than Amazon's; its host shows the consent page.
    """
    import getpass

    from packline.amazon.marketplaces import region_of
    from packline.domain.location import Account, Api
    from packline.errors import FieldError, Invalid

    regions = {region_of(one) for one in marketplace}
    region = regions.pop() if len(regions) == 1 else None
    if region is None:
        fault = FieldError("/marketplace", "Known marketplaces of one region.")
        raise Invalid("The marketplaces are not of one region.", errors=(fault,), hint="Begin once for each region.")
    account = Account(
        id="", name=name, seller_id=seller_id, region=region, marketplaces=marketplace, endpoint=endpoint,
        token_url=token_url, application_id=application_id, api=Api(api),
    )  # fmt: skip
    secret = client_secret or getpass.getpass("Client secret: ")

    async def work(services: "Services") -> str:
        return await services.consents.begin(account, client_id, secret, redirect_uri, BY, is_draft=draft)

    address = place.work(work)
    place.printer.one({"address": address})
    says = "Then run `packline account consented` with the address that Amazon led back to, within five minutes."
    place.printer.say(says, "dim")


def consented(address: str, *, place: Place = HERE) -> None:
    """Take the seller who came back: exchange the code, and store the account or renew the one that he has.

    Parameters
    ----------
    address
        The whole address that Amazon led the browser to.
    """
    from urllib.parse import parse_qs, urlsplit

    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    state, code, seller = (query.get(name, "") for name in ("state", "spapi_oauth_code", "selling_partner_id"))

    async def work(services: "Services") -> Any:
        return await services.consents.finish(state, code, seller, BY)

    made = place.work(work)
    place.printer.one({"id": made.account.id, "name": made.account.name, "is_new": made.is_new})
    place.printer.say(f"Now run `packline account doctor {made.account.id}`, then set its locations.", "dim")
