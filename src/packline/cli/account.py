"""`packline account`: sellers' authorisations."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from packline.cli.consent import join
from packline.cli.failures import FAILED, end
from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services
    from packline.domain.location import Account, Credentials

app = App(name="account", help="Sellers' authorisations: add, list, pause, doctor, import, export.")
join(app)
LIST = ("id", "name", "region", "marketplaces", "usage_plan", "enabled", "paused_reason")
Secret = Annotated[str | None, Parameter(show_default=False)]


@app.command
def add(
    name: str,
    *,
    seller_id: str,
    region: Literal["NA", "EU", "FE"],
    marketplace: tuple[str, ...],
    client_id: Annotated[str, Parameter(env_var="PACKLINE_CLIENT_ID")],
    client_secret: Annotated[Secret, Parameter(env_var="PACKLINE_CLIENT_SECRET")] = None,
    refresh_token: Annotated[Secret, Parameter(env_var="PACKLINE_REFRESH_TOKEN")] = None,
    id: str = "",  # noqa: A002  the word of the flag
    application_id: str = "",
    endpoint: str = "",
    token_url: str = "",
    stock_on: Literal["inventory", "listings"] = "inventory",
    usage_plan: Literal["amazon", "generous", "sdk", "off", "legacy-shared-feed", "legacy-inventory"] = "amazon",
    api: Literal["external_fulfillment", "seller_central"] = "external_fulfillment",
    orders_api: Literal["2026-01-01", "v0"] = "2026-01-01",
    place: Place = HERE,
) -> None:
    """Add a seller's authorisation; secrets that are not given are asked for, and never shown.

    Parameters
    ----------
    name
        The seller's name, as people say it.
    seller_id
        Amazon's merchant id.
    region
        Amazon's region of the marketplaces (India is in EU).
    marketplace
        Marketplace ids; repeat for several.
    client_id
        Login with Amazon: the application's client id.
    client_secret
        Its secret.
    refresh_token
        What the seller's consent gave.
    id
        An id of your own; made from seller and region otherwise.
    application_id
        The application's id in Seller Central.
    endpoint
        Another address than Amazon's, such as a simulator's.
    token_url
        Another sign-in address than Amazon's.
    stock_on
        Where stock is published; with `listings`, new orders arrive as CREATED.
    usage_plan
        How many calls Amazon grants.
    api
        `seller_central` for an Easy Ship seller who is not on SmartConnect.
    orders_api
        The version of the Orders API that is read (Seller Central only).
    """
    from packline.domain.location import Account, Api, Credentials, Region, StockOn

    account = Account(
        id=id, name=name, seller_id=seller_id, region=Region(region), marketplaces=marketplace, endpoint=endpoint,
        token_url=token_url, application_id=application_id, stock_on=StockOn(stock_on), usage_plan=usage_plan,
        api=Api(api), orders_api=orders_api,
    )  # fmt: skip
    credentials = Credentials(
        client_id, client_secret or _asked("Client secret"), refresh_token or _asked("Refresh token")
    )

    _add(place, account, credentials)


def _add(place: Place, account: "Account", credentials: "Credentials") -> None:
    async def work(services: "Services") -> str:
        from packline.commands.accounts import add_account

        return (await add_account(services.accounts, services.wake, account, credentials)).id

    account_id = place.work(work)
    place.printer.one({"id": account_id, "name": account.name})
    place.printer.say(f"Now run `packline account doctor {account_id}`, then set its locations.", "dim")


@app.command
def authorize(
    account: str,
    *,
    client_id: Annotated[str | None, Parameter(env_var="PACKLINE_CLIENT_ID")] = None,
    client_secret: Annotated[Secret, Parameter(env_var="PACKLINE_CLIENT_SECRET")] = None,
    refresh_token: Annotated[Secret, Parameter(env_var="PACKLINE_REFRESH_TOKEN")] = None,
    place: Place = HERE,
) -> None:
    """Store new credentials after a rotated secret or a new consent; what is not given stays as it was.

    A paused account goes on.

    Parameters
    ----------
    client_id
        Login with Amazon: the application's client id.
    client_secret
        Its secret.
    refresh_token
        What the seller's consent gave.
    """
    given = {"client_id": client_id, "client_secret": client_secret, "refresh_token": refresh_token}
    if not any(given.values()):
        given["client_secret"] = _asked("Client secret (empty: as it was)")
        given["refresh_token"] = _asked("Refresh token (empty: as it was)")
    place.work(lambda services: _set_credentials(services, account, {k: v for k, v in given.items() if v}))
    place.printer.say(f"{account} has new credentials; check them with `packline account doctor {account}`.")


@app.command(name="list")
def list_accounts(*, place: Place = HERE) -> None:
    """List accounts."""
    place.printer.rows(place.work(_listed), *LIST, empty="No account yet; `packline account add` stores one.")


@app.command
def show(account: str, *, place: Place = HERE) -> None:
    """Show an account with its locations."""

    async def work(services: "Services") -> tuple[Any, list[Any]]:
        from packline.views import accounts

        return await accounts.account(services.pool, account), await accounts.locations(services.pool, account)

    shown, locations = place.work(work)
    if place.json:
        place.printer.line({**shown, "locations": locations})
        return
    place.printer.one(shown)
    place.printer.rows(
        locations, "id", "name", "timezone", "programs", "auto_confirm", "slot_policy", empty="No location yet."
    )


@app.command
def pause(account: str, *, reason: str = "paused by a person", place: Place = HERE) -> None:
    """Make no more calls for an account until it is resumed."""
    place.work(lambda services: _set_paused(services, account, reason))
    place.printer.say(f"{account} is paused: {reason}.")


@app.command
def resume(account: str, *, place: Place = HERE) -> None:
    """Let a paused account go on."""
    place.work(lambda services: _set_paused(services, account, None))
    place.printer.say(f"{account} goes on.")


@app.command
def enable(account: str, *, place: Place = HERE) -> None:
    """Take an account into service."""
    place.work(lambda services: _set_enabled(services, account, enabled=True))
    place.printer.say(f"{account} is enabled.")


@app.command
def disable(account: str, *, place: Place = HERE) -> None:
    """Take an account out of service; nothing of it is lost."""
    place.work(lambda services: _set_enabled(services, account, enabled=False))
    place.printer.say(f"{account} is disabled.")


@app.command
def remove(account: str, *, yes: Annotated[bool, Parameter(negative="")] = False, place: Place = HERE) -> None:
    """Remove an account with its credentials; its shipments stay as history.

    Parameters
    ----------
    yes
        Do it without asking.
    """
    if not yes and not _agreed(f"Remove {account} with its credentials?"):
        place.printer.say("Nothing was changed.")
        end(FAILED)

    async def work(services: "Services") -> None:
        from packline.commands.accounts import remove_account

        await remove_account(services.accounts, account)

    place.work(work)
    place.printer.say(f"{account} is removed.")


@app.command
def doctor(account: str | None = None, *, place: Place = HERE) -> None:
    """Check one account, or all: sign-in, address, region, locations, roles, clock; each fault with its cure."""
    from packline.cli.doctor import examine

    examine(place, account, with_house=False)


@app.command(name="import")
def import_(file: Path, *, dry_run: Annotated[bool, Parameter(negative="")] = False, place: Place = HERE) -> None:
    """Add or change accounts and locations from a TOML or JSON file, as `account export` writes it.

    Parameters
    ----------
    file
        The file; secrets may stand in it as `${VARIABLE}`.
    dry_run
        Only show what would be done.
    """
    from packline.cli.account_files import read_accounts, store_accounts

    entries = read_accounts(file)
    rows = place.work(lambda services: store_accounts(services, entries, dry_run=dry_run))
    place.printer.rows(rows, "account", "name", "locations", "done")


@app.command
def export(*, place: Place = HERE) -> None:
    """Print all accounts and locations as TOML, without credentials."""
    from packline.cli.account_files import export_accounts

    export_accounts(place)


async def _listed(services: "Services") -> list[Any]:
    from packline.views import accounts

    return list(await accounts.accounts(services.pool))


async def _set_credentials(services: "Services", account: str, given: dict[str, str]) -> None:
    from msgspec.structs import replace

    from packline.commands.accounts import known_account, update_account

    known = await known_account(services.accounts, account)
    credentials = replace(await services.accounts.credentials(account), **given)
    await update_account(services.accounts, services.wake, known, credentials)


async def _set_paused(services: "Services", account: str, reason: str | None) -> None:
    from packline.commands.accounts import set_paused

    await set_paused(services.accounts, services.wake, account, reason)


async def _set_enabled(services: "Services", account: str, *, enabled: bool) -> None:
    from msgspec.structs import replace

    from packline.commands.accounts import known_account, update_account

    known = await known_account(services.accounts, account)
    await update_account(services.accounts, services.wake, replace(known, enabled=enabled))


def _asked(what: str) -> str:
    import getpass

    return getpass.getpass(f"{what}: ")


def _agreed(question: str) -> bool:
    from rich.prompt import Confirm

    return Confirm.ask(question, default=False)
