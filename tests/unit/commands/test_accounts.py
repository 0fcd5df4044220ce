"""Adding and changing accounts of Seller Central: the one location that each has."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from packline.amazon.marketplaces import MARKETPLACES
from packline.commands.accounts import add_account, update_account
from packline.domain.location import Account, Api, Credentials, Location, Region
from packline.domain.timezones import TIMEZONES, timezone_of

KEYS = Credentials("client", "secret", "token")
INDIA = "A21TJRUUN4KGV"


class Register:
    """Accounts in memory."""

    def __init__(self) -> None:
        self.rows: dict[str, Account] = {}
        self.places: dict[tuple[str, str], Location] = {}

    async def account(self, account_id: str) -> Account | None:
        return self.rows.get(account_id)

    async def accounts(self) -> list[Account]:
        return list(self.rows.values())

    async def locations(self, account_id: str) -> list[Location]:
        return [place for (account, _), place in self.places.items() if account == account_id]

    async def put(self, account: Account, credentials: Credentials | None = None) -> bool:
        self.rows[account.id] = account
        return True

    async def put_location(self, location: Location) -> None:
        self.places[location.account, location.id] = location

    async def wake(self, accounts: Any) -> None:
        """Ring nobody."""


def account(*marketplaces: str, api: Api = Api.SELLER_CENTRAL) -> Account:
    return Account("acme", "Acme", "A1", Region.EU, marketplaces, "", "", "app", api=api)


@pytest.mark.parametrize("marketplace", MARKETPLACES)
def test_every_marketplace_has_a_time_zone_that_exists(marketplace: str) -> None:
    """Slots between two hours of a day mean the seller's day."""
    assert ZoneInfo(TIMEZONES[marketplace]).key == timezone_of([marketplace])


async def test_an_account_of_seller_central_gets_its_location_in_its_own_time_zone() -> None:
    """Without it every order would be parked as one from a strange location."""
    register = Register()
    await add_account(register, register, account(INDIA), KEYS)  # type: ignore[arg-type]
    place = register.places["acme", "DEFAULT"]
    assert (place.timezone, place.programs) == ("Asia/Kolkata", ("easy_ship",))


async def test_an_unknown_marketplace_leaves_the_location_in_utc() -> None:
    """Better a zone that is plainly none than a wrong one."""
    register = Register()
    await add_account(register, register, account("NEW"), KEYS)  # type: ignore[arg-type]
    assert register.places["acme", "DEFAULT"].timezone == "UTC"


async def test_an_account_that_changes_to_seller_central_gets_its_location_too() -> None:
    """An import or a PATCH that changes the API must not leave the account without a place."""
    register = Register()
    smart = await add_account(register, register, account(INDIA, api=Api.EXTERNAL_FULFILLMENT), KEYS)  # type: ignore[arg-type]
    assert register.places == {}
    await update_account(register, register, replace(smart, api=Api.SELLER_CENTRAL))  # type: ignore[arg-type]
    assert ("acme", "DEFAULT") in register.places


async def test_a_location_that_a_person_set_stays_as_it_is() -> None:
    """Writing the account again does not undo its slots and its zone."""
    register = Register()
    added = await add_account(register, register, account(INDIA), KEYS)  # type: ignore[arg-type]
    await register.put_location(replace(register.places["acme", "DEFAULT"], timezone="Asia/Dubai", auto_confirm=True))
    await update_account(register, register, replace(added, name="Acme Two"))  # type: ignore[arg-type]
    assert register.places["acme", "DEFAULT"].timezone == "Asia/Dubai"
