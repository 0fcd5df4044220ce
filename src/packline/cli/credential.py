"""`packline credential`: how old credentials are, and when Amazon stops taking them."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services

app = App(name="credential", help="How old credentials are, and when Amazon stops taking them.")
LIST = ("account", "credential", "state", "since", "is_told", "ends_at", "days", "says")


@app.command(name="list")
def list_credentials(account: str | None = None, *, place: Place = HERE) -> None:
    """List client secrets (180 days) and sellers' consents (365 days) with their age; never the secrets themselves.

    Parameters
    ----------
    account
        Of this account; of all otherwise.
    """

    async def work(services: "Services") -> list[Any]:
        from packline.views import credentials

        return [
            dict(row) for row in await credentials.credentials(services.pool, services.clock.now(), account=account)
        ]

    place.printer.rows(place.work(work), *LIST, empty="No account has credentials; `packline account add` stores them.")


@app.command
def date(
    account: str,
    *,
    secret_since: datetime | None = None,
    consent_since: datetime | None = None,
    consent_ends: Annotated[bool | None, Parameter(negative="--consent-stays")] = None,
    place: Place = HERE,
) -> None:
    """Tell when a secret was rotated or a seller consented: Packline only knows since when it has had them.

    Parameters
    ----------
    secret_since
        When the application's client secret was last rotated (UTC unless it says otherwise).
    consent_since
        When the seller authorised the application.
    consent_ends
        Whether that ends; a private application's own authorisation stays.
    """

    async def work(services: "Services") -> None:
        from packline.commands.credentials import date_credentials
        from packline.storage.credentials import CredentialAges

        await date_credentials(
            services.accounts, CredentialAges(services.pool), account, services.clock.now(),
            secret_since=_aware(secret_since), consent_since=_aware(consent_since), consent_ends=consent_ends,
        )  # fmt: skip

    place.work(work)
    place.printer.say(f"Noted; `packline credential list {account}` shows when they end.")


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
