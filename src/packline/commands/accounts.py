"""Add, change, pause and remove accounts and their locations."""

import re
from typing import Protocol
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec.structs import replace

from packline.domain.location import (
    DEFAULT_LOCATION,
    ORDERS_APIS,
    TOKEN_URL,
    USAGE_PLANS,
    Account,
    Api,
    Credentials,
    Location,
    Region,
)
from packline.domain.slot import SlotPolicy
from packline.domain.timezones import timezone_of
from packline.domain.values import stable_id
from packline.errors import Conflict, FieldError, Invalid, NotFound
from packline.ports import AccountStore, Wake

ENDPOINTS = {  # Selling Partner API, "SP-API endpoints"
    Region.NA: "https://sellingpartnerapi-na.amazon.com",
    Region.EU: "https://sellingpartnerapi-eu.amazon.com",
    Region.FE: "https://sellingpartnerapi-fe.amazon.com",
}
CHANGE = "Change it (`packline account authorize` or `import`, PATCH /v1/accounts/...), or remove it first."
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class AccountRegister(AccountStore, Protocol):
    """Accounts and locations that can be written."""

    async def put(self, account: Account, credentials: Credentials | None = None) -> bool:
        """Add or change an account; True where it is new. Credentials stay where none are given."""

    async def pause(self, account_id: str, reason: str | None) -> None:
        """Pause an account with its reason, or let it go on (None)."""

    async def put_location(self, location: Location) -> None:
        """Add or change a location."""

    async def remove(self, account_id: str) -> None:
        """Forget an account; refused while shipments of it are open."""

    async def remove_location(self, account_id: str, location_id: str) -> bool:
        """Forget a location; False where there was none."""


async def add_account(register: AccountRegister, wake: Wake, account: Account, credentials: Credentials) -> Account:
    """Store a new authorisation and begin its intake; an empty id, endpoint or token address gets its default.

    Raises Invalid, or Conflict where the account exists.
    """
    whole = replace(
        account,
        id=account.id or account_id(account.seller_id, account.region),
        endpoint=account.endpoint or ENDPOINTS[account.region],
        token_url=account.token_url or TOKEN_URL,
    )
    _refuse_account(whole)
    if await register.account(whole.id):
        raise Conflict(f"The account {whole.id} exists already.", hint=CHANGE)
    twins = [a for a in await register.accounts() if (a.seller_id, a.region) == (whole.seller_id, whole.region)]
    if twins:
        says = f"Seller {whole.seller_id} in {whole.region} is the account {twins[0].id} already."
        raise Conflict(f"{says} Two would take in every order twice.", hint=CHANGE)
    await register.put(whole, credentials)
    await _place(register, whole)
    await wake.wake([whole.id])
    return whole


async def update_account(
    register: AccountRegister, wake: Wake, account: Account, credentials: Credentials | None = None
) -> Account:
    """Write an account again; new credentials let a paused account go on.

    Raises Invalid or NotFound.
    """
    await known_account(register, account.id)
    _refuse_account(account)
    whole = replace(account, paused_reason=None) if credentials else account
    await register.put(whole, credentials)
    await _place(register, whole)
    await wake.wake([whole.id])
    return whole


async def _place(register: AccountRegister, account: Account) -> None:
    """Give a Seller Central account its one location, in its marketplace's time zone; one that is there stays."""
    if account.api is not Api.SELLER_CENTRAL:
        return
    if any(location.id == DEFAULT_LOCATION for location in await register.locations(account.id)):
        return
    zone = timezone_of(account.marketplaces)
    await register.put_location(
        Location(account.id, DEFAULT_LOCATION, "Seller Central", timezone=zone, programs=("easy_ship",))
    )


async def set_paused(register: AccountRegister, wake: Wake, account_id: str, reason: str | None) -> Account:
    """Pause an account with its reason, or let it go on (None).

    Raises NotFound.
    """
    await known_account(register, account_id)
    await register.pause(account_id, reason)
    await wake.wake([account_id])
    return await known_account(register, account_id)


async def remove_account(register: AccountRegister, account_id: str) -> None:
    """Remove an account with its credentials.

    Raises NotFound.
    """
    await known_account(register, account_id)
    await register.remove(account_id)


async def set_location(register: AccountRegister, wake: Wake, location: Location) -> Location:
    """Add a location, or write it again.

    Raises Invalid or NotFound (its account).
    """
    await known_account(register, location.account)
    _refuse_location(location)
    await register.put_location(location)
    await wake.wake([location.account])
    return location


async def remove_location(register: AccountRegister, account_id: str, location_id: str) -> None:
    """Remove a location.

    Raises NotFound.
    """
    if not await register.remove_location(account_id, location_id):
        raise NotFound(f"Account {account_id} has no location {location_id}.")


async def known_account(register: AccountStore, account_id: str) -> Account:
    """Read an account.

    Raises NotFound.
    """
    account = await register.account(account_id)
    if account is None:
        raise NotFound(f"There is no account {account_id}.", hint="List them with `packline account list`.")
    return account


def account_id(seller_id: str, region: Region) -> str:
    """Name an account by its seller and region."""
    return stable_id("acc", seller_id, region)


def _refuse_account(account: Account) -> None:
    faults = [
        FieldError(f"/{name}", "This must not be empty.")
        for name in ("name", "seller_id", "marketplaces")
        if not getattr(account, name)
    ]
    faults += [
        FieldError(f"/{name}", "An https address (http only on this machine).")
        for name in ("endpoint", "token_url")
        if not _is_safe(getattr(account, name))
    ]
    if account.usage_plan not in USAGE_PLANS:
        faults.append(FieldError("/usage_plan", f"One of {', '.join(USAGE_PLANS)}."))
    if account.orders_api not in ORDERS_APIS:
        faults.append(FieldError("/orders_api", f"One of {', '.join(ORDERS_APIS)}."))
    if faults:
        raise Invalid("The account is not acceptable.", errors=tuple(faults))


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


def _refuse_location(location: Location) -> None:
    faults = [] if location.id else [FieldError("/id", "Amazon's id of the location.")]
    try:
        ZoneInfo(location.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        faults.append(FieldError("/timezone", f"{location.timezone!r} is no time zone, such as Asia/Kolkata."))
    for name in ("slot_from", "slot_to"):
        value = getattr(location, name)
        if value is not None and not _TIME.fullmatch(value):
            faults.append(FieldError(f"/{name}", "A local time such as 14:30."))
    if location.slot_policy is SlotPolicy.WINDOW and not location.slot_from:
        faults.append(
            FieldError("/slot_from", "The policy `window` needs slot_from and slot_to, such as 09:00 and 17:00.")
        )
    if bool(location.slot_from) != bool(location.slot_to):
        faults.append(FieldError("/slot_to", "A window needs both slot_from and slot_to."))
    if faults:
        raise Invalid("The location is not acceptable.", errors=tuple(faults))
