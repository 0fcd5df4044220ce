"""The sellers of the simulated Amazon become accounts and locations of Packline."""

from typing import Any

from packline.bootstrap import Services
from packline.cli.demo.local_amazon import LocalAmazon
from packline.commands.accounts import add_account, set_location
from packline.domain.location import Account, Credentials, Location, Region, StockOn
from packline.domain.slot import SlotPolicy

_ZONES = {"IN": "Asia/Kolkata", "AE": "Asia/Dubai", "DE": "Europe/Berlin"}


async def add_sellers(services: Services, amazon: LocalAmazon, *, usage_plan: str = "amazon") -> dict[str, str]:
    """Store an account for each seller, with its locations; gives the names of accounts by their ids."""
    names: dict[str, str] = {}
    for seller in (await amazon.get("sellers"))["items"]:
        places = (await amazon.get(f"sellers/{seller['seller_id']}/locations"))["items"]
        account = await _add(services, amazon, seller, places, usage_plan)
        names[account.id] = account.name
    return names


async def _add(
    services: Services, amazon: LocalAmazon, seller: dict[str, Any], places: list[dict[str, Any]], usage_plan: str
) -> Account:
    on_listings = any(place["stock_source"] == "LISTINGS" for place in places)
    account = Account(
        id="",
        name=seller["name"],
        seller_id=seller["seller_id"],
        region=Region(seller["region"]),
        marketplaces=tuple(seller["marketplace_ids"]),
        endpoint=amazon.url,
        token_url=f"{amazon.url}/auth/o2/token",
        application_id=seller["application_id"] or "",
        stock_on=StockOn.LISTINGS if on_listings else StockOn.INVENTORY,
        usage_plan=usage_plan,
    )
    credentials = Credentials(seller["client_id"], seller["client_secret"], seller["refresh_token"])
    added = await add_account(services.accounts, services.wake, account, credentials)
    for place in places:
        await set_location(services.accounts, services.wake, _location(added.id, place))
    return added


def _location(account: str, place: dict[str, Any]) -> Location:
    return Location(
        account=account,
        id=place["location_id"],
        name=place["name"],
        timezone=_ZONES.get(place.get("country", ""), "UTC"),
        auto_confirm="Flex" in place["name"],  # the others are confirmed by the warehouse, so that both can be seen
        slot_policy=SlotPolicy.EARLIEST,
    )
