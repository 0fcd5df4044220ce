"""What the demo's house still lacks before it is photographed: hands that rest, returns, shelves, files, people."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Mapping
from typing import Any

import httpx

from packline.cli.demo.show import Stage
from packline.commands.api_keys import create_api_key
from packline.domain.events import Stuck
from packline.domain.shipment import Problem
from packline.domain.story import Story
from packline.ports import Change

FAILING: tuple[tuple[str, str, int], ...] = (
    (
        "refused_by_amazon",
        "Amazon refused createPackages: InvalidInput: The weight is beyond what the carrier takes.",
        3,
    ),
    ("label_failed", "Amazon made no label for package PKG-1: PackageTooLarge: The package is too long.", 2),
    ("impossible_move", "Amazon shows CONFIRMED after SHIPPED; no journey leads from the one to the other.", 1),
)
SKUS = ("MUG-TERRACOTTA", "LAMP-CANE", "SPEAKER-MINI", "TABLE-MANGO")
PLACES = {"SFBL": ("560001", 10, "16:00"), "ESMU": ("400001", 20, "17:30"), "SSDL": ("110001", 30, None)}
CENTROIDS = (
    b"postal_code,country,latitude,longitude\n560001,IN,12.97,77.59\n400001,IN,18.93,72.83\n110001,IN,28.63,77.21\n"
)
LISTINGS = b"""clientSkuId,channelSerialNo,channelSkuId,marketplace
MUG-TERRACOTTA,B0MUGTERR1,MUG-TERRACOTTA,A21TJRUUN4KGV
LAMP-CANE,B0LAMPCAN1,LAMP-CANE,A21TJRUUN4KGV
SPEAKER-MINI,no asin,SPEAKER-MINI,A21TJRUUN4KGV
"""
PEOPLE = (("asha", "Asha Rao", "manager"), ("imran", "Imran Shaikh", "packer"), ("lena", "Lena Vogt", "viewer"))
SHIPPED = "select amazon_id from shipment where status in ('SHIPPED', 'DELIVERED') order by received_at limit 6"
LABELED = """
select l.tracking_id, s.account_id, s.location_id, s.id from package_label l join shipment s on s.id = l.shipment_id
where s.status = 'SHIPLABEL_GENERATED' and coalesce(s.goal, 'labeled') = 'labeled' and not l.void
order by s.location_id, s.id
"""
PATIENCE_S = 60


class House:
    """The demo's house, and how to ask it for something over REST."""

    def __init__(self, stage: Stage, rest: httpx.AsyncClient) -> None:
        """Keep both."""
        self.stage, self.rest = stage, rest
        self.account = next(key for key, name in stage.accounts.items() if name == "Marigold Home")

    async def ask(self, path: str, body: Any, *, method: str = "POST", **query: str) -> Any:
        """Write something; what is refused ends the run with its reason."""
        given: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"json": body}
        answer = await self.rest.request(method, f"/v1/{path}", params=query, **given)
        if answer.status_code >= 400:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None


async def furnish(stage: Stage) -> str:
    """Do what people do in a week, then let the hands rest so that work piles up; gives the account's id."""
    key = await create_api_key(stage.services.api_keys, stage.services.clock, "pictures", "admin")
    headers = {"Authorization": f"Bearer {key.secret}"}
    async with httpx.AsyncClient(base_url=str(stage.running.url), headers=headers, timeout=60) as rest:
        house = House(stage, rest)
        await _shelves(house)
        await _routes(house)
        await _returns(house)
        await _files(house)
        await _people(house)
        await _rest(house)
        await _paper(house)
        await _let_fail(stage)
        await house.ask("reconciliations", {"account": house.account, "what": "orders", "side": "amazon"})
        await asyncio.sleep(6)
    return house.account


async def _shelves(house: House) -> None:
    for number, sku in enumerate(SKUS):
        for place, location in enumerate(PLACES):
            body = {
                "account": house.account,
                "location": location,
                "sku": sku,
                "quantity": 40 + 17 * number - 9 * place,
            }
            await house.ask("stock/set", body)
    damaged = {"account": house.account, "location": "SFBL", "sku": SKUS[0], "quantity": -2, "reason": "broken"}
    await house.ask("stock/adjust", damaged)


async def _routes(house: House) -> None:
    await house.ask("routing/centroids", CENTROIDS, name="centroids.csv")
    for location, (postal_code, priority, cut_off) in PLACES.items():
        body = {"account": house.account, "location": location, "country": "IN", "postal_code": postal_code}
        await house.ask("routing/locations", {**body, "priority": priority, "cut_off": cut_off}, method="PUT")
    wanted: tuple[Mapping[str, Any], ...] = (
        {"reference": "WEB-10412", "lines": [{"line": "1", "sku": SKUS[0], "units": 2}]},
        {"reference": "WEB-10413", "lines": [_line(1), _line(2)]},
        {"reference": "WEB-10414", "lines": [{"line": "1", "sku": SKUS[3], "units": 95}]},
        {"reference": "WEB-10415", "lines": [{"line": "1", "sku": "CURTAIN-LINEN", "units": 1}]},
    )
    orders = [{**order, "country": "IN", "postal_code": "560001"} for order in wanted]
    await house.ask("routing/orders", {"account": house.account, "orders": orders})


def _line(number: int) -> dict[str, Any]:
    return {"line": str(number), "sku": SKUS[number], "units": 1}


async def _returns(house: House) -> None:
    names = [row["amazon_id"] for row in await house.stage.services.pool.fetch(SHIPPED)]
    for number, name in enumerate(names):
        made = await house.stage.amazon.post("returns", {"shipment_id": name})
        for status in ("IN_TRANSIT", "DELIVERED")[: number % 3]:
            with contextlib.suppress(Exception):  # a carrier that was quicker is as good
                await house.stage.amazon.post(f"returns/{made['return_id']}/move", {"status": status})


async def _files(house: House) -> None:
    await house.ask("listings/imports", LISTINGS, account=house.account, mode="partial", name="catalogue.csv")


async def _people(house: House) -> None:
    for name, full_name, role in PEOPLE:
        await house.ask("users", {"name": name, "full_name": full_name, "role": role})


async def _rest(house: House) -> None:
    """Let the warehouse fall behind: its hands rest, buyers go on."""
    house.stage.warehouse.haste_s = 3600.0
    await asyncio.sleep(25)


async def _paper(house: House) -> None:
    rows = await house.stage.services.pool.fetch(LABELED)
    if not rows:
        return
    counted = Counter((row["account_id"], row["location_id"]) for row in rows)
    account, location = counted.most_common(1)[0][0]
    here = [row for row in rows if (row["account_id"], row["location_id"]) == (account, location)]
    await house.ask("prints", {"shipments": [row["id"] for row in here[: len(here) // 2 or 1]]})
    opened = await house.ask("manifests", {"account": account, "location": location})
    await house.ask(f"manifests/{opened['id']}/packages", {"packages": [row["tracking_id"] for row in here[:5]]})


async def _let_fail(stage: Stage) -> None:
    """Stop some shipments as the driver does where a person must look."""
    store, clock = stage.services.shipments, stage.services.clock
    rows = await stage.services.pool.fetch(
        "select id from shipment where problem is null and status = 'CONFIRMED' order by received_at desc limit 20"
    )
    names = [row["id"] for row in rows]
    for code, message, count in FAILING:
        for _ in range(min(count, len(names))):
            shipment = (await store.load([names[0]]))[names.pop(0)]
            stuck = Stuck(Problem(code, message, "Correct what Amazon names, then try again.", clock.now()), stop=True)
            story = Story(shipment)
            story.tell_all([stuck])
            await store.commit([Change(story.shipment, shipment.version, (stuck,))])
