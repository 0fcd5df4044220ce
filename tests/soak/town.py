"""The town of the long run: the simulator's `rough_week`, its buyers scaled, and two shops with one shelf."""

import asyncio
from typing import Any, NamedTuple

from packline.bootstrap import Services
from packline.commands.accounts import add_account
from packline.commands.stock import StockDesk, StockOrder
from packline.commands.stock_rules import set_rule
from packline.domain.inventory.rules import Rule
from packline.domain.location import Account, Api, Credentials, Location, Region
from packline.errors import AmazonError, PacklineError
from packline.ports.notifications import Queue, QueueKey
from packline.storage.stock import Stock
from packline.storage.stock_settings import StockRules
from packline_sim.control.handles import Amazon, Seller
from soak.clock import grants
from soak.plan import Plan

SET_UP_AT_MOST = 20
AGAIN_S = 35.0
"""Simulated seconds between two of them: a sign-in that failed is not tried again sooner."""
INDIA = "A21TJRUUN4KGV"
SHELF_POOL, SHELF = "twins", "SHELF"
LAMP, SCARCE = "LAMP-SHARED", "LAMP-SCARCE"
CENTRAL, PHARMACY = "AROUGHWEEKSC01", "AROUGHWEEKRX01"
SHARES = {
    "AROUGHWEEKIN01": 0.46, "AROUGHWEEKDE01": 0.18, PHARMACY: 0.06, CENTRAL: 0.06, "ATWINONE000001": 0.13,
    "ATWINTWO000001": 0.11,
}  # fmt: skip
"""Which part of the orders each seller gets."""
TWINS = frozenset({"atwinone000001", "atwintwo000001"})
FEW, PIECES = "LANTERN-LAST", 60
"""A SKU that sells out, and of how many units there are at each place."""
PHARMACY_SHOWN = ("easy_ship", "self_ship", "seller_flex")
"""As what Amazon may show Pharmacy, which it does not say: seeds take them in turn."""
AT_AMAZON = 5_000_000
"""Units that the simulator's floors begin with, of SKUs that never run out."""


class Shop(NamedTuple):
    """One seller of the simulator with its account here."""

    seller: Seller
    account: Account
    locations: tuple[str, ...]
    skus: tuple[str, ...]

    @property
    def is_central(self) -> bool:
        """Tell whether it works over the Seller Central APIs."""
        return self.account.api is Api.SELLER_CENTRAL


class Town(NamedTuple):
    """The simulator and all shops; `laid` are the units counted at the beginning, by (pool, location, SKU)."""

    sim: Amazon
    shops: tuple[Shop, ...]
    laid: dict[tuple[str, str, str], int]
    crowds: dict[str, dict[str, Any]]

    def shelf(self, account: str, location: str, sku: str) -> tuple[str, str, str]:
        """Name the shelf that a place of an account takes a SKU from."""
        return (SHELF_POOL, SHELF, sku) if account in TWINS else (account, location, sku)


async def open_town(services: Services, sim: Amazon, plan: Plan) -> Town:
    """Set everything up in a world whose time stands still, with all stock counted; buyers begin when it goes on."""
    await asyncio.to_thread(sim.play, "rough_week", seed=plan.seed, speed=0)
    crowds = await asyncio.to_thread(_crowds, sim)
    await asyncio.to_thread(_open_twins, sim)
    # Addresses of files that live for minutes would be dead in a quarter of a real second.
    lives = {"file_url_seconds": "3600", "document_url_seconds": "3600", "bulk_url_seconds": "3600"}
    shown = PHARMACY_SHOWN[plan.seed % len(PHARMACY_SHOWN)]
    # Nobody looks at the drawings; by a mark behind its end each file is one of its own all the same.
    await asyncio.to_thread(lambda: sim.set_switches(pharmacy_channel=shown, documents="shared", **lives))
    await asyncio.to_thread(_grant, sim, plan.fastest)
    await asyncio.to_thread(_hurry, sim, plan.haste)
    if plan.is_calm:
        await asyncio.to_thread(_calm, sim)
    sellers = await asyncio.to_thread(sim.sellers)
    made = await asyncio.to_thread(sim.notifications.create_queue, "packline")
    await services.notices.put_queue(Queue("main", "", made.arn, "", sim.url), QueueKey("any", "any"))
    shops = [await _open(services, sim, seller) for seller in sellers]
    await asyncio.to_thread(_fill_floors, sim, shops)
    laid = await _count(services, shops, plan)
    return Town(sim, tuple(shops), laid, crowds)


async def subscribe(services: Services, town: Town) -> None:
    """Have Amazon send notifications; calls fail in this town, so they are made again."""
    for shop in town.shops:
        for attempt in range(SET_UP_AT_MOST):
            try:
                await services.notices.set_up(shop.account.id)
                break
            except AmazonError:
                if attempt == SET_UP_AT_MOST - 1:
                    raise
                await services.clock.sleep(AGAIN_S)


def units_laid(sku: str) -> int:
    """Tell how many units of a SKU lie on each floor of the simulator at the beginning."""
    return PIECES if sku == FEW else AT_AMAZON


def _crowds(sim: Amazon) -> dict[str, dict[str, Any]]:
    """Take the scenario's buyers away, and give their settings by seller."""
    found = {row["settings"]["seller_id"]: row["settings"] for row in sim.control.get("buyers")["items"]}
    sim.control.delete("buyers")
    return found


def _open_twins(sim: Amazon) -> None:
    """Open two shops that sell the same units; of one SKU there are fewer than will be ordered."""
    client = "amzn1.application-oa2-client.roughweek"
    for seller_id, name, place in (("ATWINONE000001", "One Lamps", "TWA1"), ("ATWINTWO000001", "Two Lamps", "TWB1")):
        seller = sim.create_seller(name, region="EU", marketplace_ids=[INDIA], seller_id=seller_id, client_id=client)
        seller.add_location(place)
        for sku in (LAMP, SCARCE):
            seller.add_sku(sku, stock=AT_AMAZON)


def _grant(sim: Amazon, speed: float) -> None:
    for operation, plan in grants(speed).items():
        sim.set_quota(operation, plan.rate, round(plan.burst))


def _hurry(sim: Amazon, haste: float) -> None:
    settings = sim.control.get("carriers")["settings"]
    slow = ("pickup_after_s", "deliver_after_s", "return_step_s", "process_after_s")
    sim.set_carriers(only_printed=True, **{name: settings[name] / haste for name in slow})


def _calm(sim: Amazon) -> None:
    sim.clear_faults()
    for row in sim.control.get("timetable")["items"]:
        sim.control.delete("timetable", row["appointment_id"])
    for what, key in (("operators", "operator_id"), ("integrators", "integrator_id")):
        for row in sim.control.get(what)["items"]:
            sim.control.delete(what, row[key])


async def _open(services: Services, sim: Amazon, seller: Seller) -> Shop:
    is_central = seller.seller_id == CENTRAL
    account = Account(
        id=seller.seller_id.lower(),
        name=seller.name,
        seller_id=seller.seller_id,
        region=Region.EU,
        marketplaces=seller.marketplace_ids,
        endpoint=sim.url,
        token_url=sim.token_url,
        application_id="app",
        usage_plan="amazon",
        api=Api.SELLER_CENTRAL if is_central else Api.EXTERNAL_FULFILLMENT,
    )
    keys = Credentials(seller.client_id, seller.client_secret, seller.refresh_token)
    await add_account(services.accounts, services.wake, account, keys)
    places = await asyncio.to_thread(lambda: seller.location_ids)
    if not is_central:
        for place in places:
            programs = ("pharmacy",) if seller.seller_id == PHARMACY else ()
            await services.accounts.put_location(Location(account.id, place, programs=programs, auto_confirm=True))
    skus = await asyncio.to_thread(lambda: seller.skus)
    return Shop(seller, account, places, skus)


async def _count(services: Services, shops: list[Shop], plan: Plan) -> dict[tuple[str, str, str], int]:
    """Count every shelf; the twins' is one, and has too few of one SKU."""
    rules = StockRules(services.pool)
    orders: list[StockOrder] = []
    for shop in shops:
        if shop.is_central:
            continue
        if shop.seller.seller_id.startswith("ATWIN"):
            rule = Rule(shop.account.id, shop.locations[0], pool=SHELF_POOL, at=SHELF, buffer_units=0)
            await set_rule(rules, services.accounts, services.clock, rule, "soak")
            continue
        orders += [
            StockOrder("set", sku, units_laid(sku), place, account=shop.account.id)
            for place in shop.locations
            for sku in shop.skus
        ]
    scarce = plan.orders(SHARES["ATWINONE000001"] + SHARES["ATWINTWO000001"]) // 4
    for sku, units in ((LAMP, AT_AMAZON), (SCARCE, scarce)):
        orders.append(StockOrder("set", sku, units, SHELF, pool=SHELF_POOL))
    desk = StockDesk(Stock(services.pool), services.accounts, services.clock)
    for answer in await desk.say_many(orders):
        if isinstance(answer, PacklineError):
            raise answer
    return {(order.pool or order.account, order.location, order.sku): order.quantity for order in orders}


def _fill_floors(sim: Amazon, shops: list[Shop]) -> None:
    """Let the floors hold what the long run counts; the scenario's are for a smaller week."""
    for shop in shops:
        for place in () if shop.is_central else shop.locations:
            for sku in shop.skus:
                body = {"location_id": place, "sku": sku, "on_hand": units_laid(sku), "publish": True}
                sim.control.patch("sellers", shop.seller.seller_id, "stock", body=body)


def send_buyers(town: Town, plan: Plan) -> None:
    """Let buyers order, each crowd its share."""
    sim, india = town.sim, town.crowds["AROUGHWEEKIN01"]
    for shop in town.shops:
        name = shop.seller.seller_id
        twins = {**india, "seller_id": name, "programs": {"SELLER_FLEX": 1}, "most_lines": 1}
        settings = dict(town.crowds.get(name) or twins)
        few = tuple(sku for sku in shop.skus if sku == FEW)
        if few:  # most buyers want what there is: else half of the orders would wait for goods for ever
            _send(sim, plan, {**settings, "skus": few, "most_lines": 1}, SHARES[name] * 0.02)
            settings["skus"] = tuple(sku for sku in shop.skus if sku not in few)
        _send(sim, plan, settings, SHARES[name] * (0.98 if few else 1.0))


def _send(sim: Amazon, plan: Plan, settings: dict[str, Any], share: float) -> None:
    rate = plan.orders_per_minute(share, tuple(settings.get("hours") or ()))
    changes: dict[str, Any] = {"orders_per_minute": rate, "stop_after": plan.orders(share)}
    changes |= {"return_after_s": settings["return_after_s"] / plan.haste}
    if plan.is_calm:
        changes |= {"cancel_share": 0.0, "refuse_share": 0.0, "return_share": 0.0, "replace_share": 0.0}
    sim.control.post("buyers", body={**settings, **changes})
