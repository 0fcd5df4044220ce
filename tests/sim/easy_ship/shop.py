"""A seller of Seller Central who lists slots, schedules and reads orders."""

from typing import Any

from packline_sim.orders.records import Order
from packline_sim.orders.specs import OrderSpec
from packline_sim.specs import Credentials, SellerSpec, SkuSpec
from packline_sim.world import World
from sim.core.driving import Answer, Client

INDIA = "A21TJRUUN4KGV"
EASY_SHIP = "/easyShip/2022-03-23"
ORDERS = "/orders/2026-01-01/orders"
ORDERS_V0 = "/orders/v0/orders"
BOX = {"length": 20.0, "width": 15.0, "height": 10.0, "unit": "cm"}
WEIGHT = {"value": 500.0, "unit": "g"}


def open_shop(world: World, marketplace_id: str = INDIA, region: Any = "EU") -> Credentials:
    """Create a seller with the SKU KETTLE and give its credentials."""
    made = world.create_seller(SellerSpec(name="Blue Kettle Trading", region=region, marketplace_ids=(marketplace_id,)))
    world.create_sku(made.seller_id, SkuSpec(sku="KETTLE", title="Blue kettle, 1.5 l"))
    return made


class Shop:
    """Call the Orders and Easy Ship APIs as a connector does."""

    def __init__(self, client: Client, marketplace_id: str = INDIA) -> None:
        self.client = client
        self.call = client.call
        self.world = client.world
        self.seller_id = client.credentials.seller_id
        self.marketplace_id = marketplace_id

    def order(self, **spec: Any) -> Order:
        """Have a buyer order one KETTLE."""
        return self.orders(1, **spec)[0]

    def orders(self, count: int, **spec: Any) -> list[Order]:
        """Have buyers order."""
        spec.setdefault("sku", None if spec.get("lines") else "KETTLE")
        return self.world.create_orders(self.seller_id, OrderSpec(count=count, **spec))

    def wait(self, seconds: float) -> None:
        """Let time pass; access tokens end within an hour, so that the next call signs in again."""
        self.world.clock.advance(seconds)
        self.client.token = None

    def wait_until(self, moment_ms: int) -> None:
        """Let time pass up to a moment."""
        self.wait((moment_ms - self.world.clock.now_ms()) / 1000)

    async def slots(self, order: Order, *, box: Any = None, weight: Any = None, **changes: Any) -> Answer:
        body = {
            "marketplaceId": self.marketplace_id,
            "amazonOrderId": order.order_id,
            "packageDimensions": box or BOX,
            "packageWeight": weight or WEIGHT,
        }
        return await self.call("POST", f"{EASY_SHIP}/timeSlot", {**body, **changes})

    async def slot_id(self, order: Order, at: int = 0, method: str | None = None) -> str:
        """List the slots and give one's id."""
        answer = await self.slots(order)
        assert answer.status == 200, answer.text
        rows = [row for row in answer.json()["timeSlots"] if method in (None, row["handoverMethod"])]
        return rows[at]["slotId"]

    async def schedule(self, order: Order, slot_id: str | None = None, **details: Any) -> Answer:
        """Schedule an order, in its first slot unless told."""
        slot = slot_id or await self.slot_id(order)
        body = {
            "amazonOrderId": order.order_id,
            "marketplaceId": self.marketplace_id,
            "packageDetails": {"packageTimeSlot": {"slotId": slot}, **details},
        }
        return await self.call("POST", f"{EASY_SHIP}/package", body)

    async def scheduled(self, order: Order, **details: Any) -> dict[str, Any]:
        """Schedule an order and give its package."""
        answer = await self.schedule(order, **details)
        assert answer.status == 200, answer.text
        return answer.json()

    async def package(self, order: Order) -> Answer:
        return await self.call(
            "GET", f"{EASY_SHIP}/package", amazonOrderId=order.order_id, marketplaceId=self.marketplace_id
        )

    async def reschedule(self, *moves: tuple[Order, str], **package: Any) -> Answer:
        entries = [
            {
                "scheduledPackageId": {"amazonOrderId": order.order_id, **package},
                "packageTimeSlot": {"slotId": slot_id},
            }
            for order, slot_id in moves
        ]
        body = {"marketplaceId": self.marketplace_id, "updatePackageDetailsList": entries}
        return await self.call("PATCH", f"{EASY_SHIP}/package", body)

    async def bulk(self, *orders: Order, label_format: str = "PDF", **details: Any) -> Answer:
        rows = [{"amazonOrderId": order.order_id, **details} for order in orders]
        body = {
            "marketplaceId": self.marketplace_id,
            "orderScheduleDetailsList": rows,
            "labelFormat": label_format,
        }
        return await self.call("POST", f"{EASY_SHIP}/packages/bulk", body)

    async def show(self, order: Order, *included: str) -> dict[str, Any]:
        """Read an order by getOrder 2026-01-01."""
        answer = await self.call("GET", f"{ORDERS}/{order.order_id}", includedData=",".join(included) or None)
        assert answer.status == 200, answer.text
        return answer.json()["order"]

    async def search(self, **query: Any) -> Answer:
        return await self.call("GET", ORDERS, **query)
