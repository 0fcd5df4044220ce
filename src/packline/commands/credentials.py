"""Tell since when credentials are in use: Packline knows only since when it has had them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from packline.commands.accounts import known_account
from packline.domain.credentials import Life, Secret
from packline.errors import FieldError, Invalid
from packline.ports import AccountStore


class Ages(Protocol):
    """Where the age of credentials is kept."""

    async def date(self, lives: Sequence[Life]) -> None:
        """Note since when credentials are in use, and whether they end."""


async def date_credentials(
    accounts: AccountStore,
    ages: Ages,
    account: str,
    now: datetime,
    *,
    secret_since: datetime | None = None,
    consent_since: datetime | None = None,
    consent_ends: bool | None = None,
) -> None:
    """Note when the client secret was rotated and when the seller consented; `consent_ends` is False where it does not.

    A private application's own authorisation does not end. Raises Invalid for a time to come, or where nothing is
    given; NotFound.
    """
    known = await known_account(accounts, account)
    if secret_since is None and consent_since is None and consent_ends is not False:
        raise Invalid("No date is told.", hint="Give secret_since or consent_since, or that the consent does not end.")
    told = {"secret_since": secret_since, "consent_since": consent_since}
    faults = tuple(FieldError(f"/{name}", "A time that is past.") for name, at in told.items() if at and at > now)
    if faults:
        raise Invalid("A credential cannot be younger than now.", errors=faults)
    lives = [Life(known.id, Secret.CLIENT_SECRET, secret_since)] if secret_since else []
    if consent_since is not None or consent_ends is False:
        lives.append(Life(known.id, Secret.CONSENT, consent_since or now, ends=consent_ends is not False))
    await ages.date(lives)
