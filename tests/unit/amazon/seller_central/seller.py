"""A Seller Central account over a scripted Amazon: orders, packages and slots as its APIs tell them."""

from __future__ import annotations

import json
from typing import Any

from builders import BOX, at
from packline.amazon.seller_central.capabilities import load
from packline.amazon.seller_central.gateway import SellerCentralGateway
from packline.amazon.seller_central.kept_fields import KEPT_FIELDS
from packline.amazon.seller_central.papers.records import Split
from packline.amazon.spapi.doors import Doors
from packline.domain.location import Account, Credentials, Region
from packline.domain.shipment import Package, PackageLine, Pending, Shipment, Status
from packline.domain.slot import ShippingOption
from packline.domain.step import Step, StepKind
from packline.domain.values import Window
from unit.amazon.driven_clock import DrivenClock
from unit.amazon.scripted_transport import Reply, ScriptedTransport, answer

INDIA, UAE, POLAND, JAPAN, BRAZIL = (
    "A21TJRUUN4KGV",
    "A2VIGQ35RCS4UG",
    "A1C3SOZRARQ6R3",
    "A1VC38T7YXB528",
    "A2Q3Y263D00KWC",
)
ORDER_ID = "403-1234567-1234567"


def account(orders_api: str = "2026-01-01", marketplace: str = INDIA, usage_plan: str = "off") -> Account:
    """Build the account; by default nothing is counted, so that no test waits for a lane."""
    return Account(
        id="acme-in",
        name="Acme",
        seller_id="A1SELLER",
        region=Region.EU,
        marketplaces=(marketplace,),
        endpoint="http://amazon.test",
        token_url="http://amazon.test/auth/o2/token",
        application_id="app",
        usage_plan=usage_plan,
        api="seller_central",
        orders_api=orders_api,
    )


def doors_of(
    transport: ScriptedTransport,
    clock: DrivenClock,
    orders_api: str = "2026-01-01",
    market: str = INDIA,
    usage_plan: str = "off",
) -> Doors:
    """Open the account's door over a scripted transport."""

    async def directory(_: str) -> tuple[Account, Credentials]:
        return account(orders_api, market, usage_plan), Credentials("client", "secret", "refresh")

    return Doors(transport, clock, directory, KEPT_FIELDS)


async def no_papers(_content: bytes, _expected: Any) -> Split:
    """Find nothing."""
    return Split((), ())


def gateway(
    *replies: Reply, orders_api: str = "2026-01-01", market: str = INDIA
) -> tuple[SellerCentralGateway, ScriptedTransport]:
    """Build a gateway whose calls get these replies, one after the other."""
    transport, clock = ScriptedTransport(*replies), DrivenClock()
    return SellerCentralGateway(doors_of(transport, clock, orders_api, market), clock, load(), no_papers), transport


def order(status: str = "UNSHIPPED", detailed: str | None = "PENDING_SCHEDULE", **given: Any) -> dict[str, Any]:
    """Build an order of 2026-01-01."""
    packages = [{"packageReferenceId": "1", "packageStatus": {"status": "PENDING", "detailedStatus": detailed}}]
    base: dict[str, Any] = {
        "orderId": ORDER_ID,
        "createdTime": "2026-11-21T10:00:00Z",
        "lastUpdatedTime": "2026-11-21T12:00:00Z",
        "programs": ["AMAZON_EASY_SHIP"],
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": INDIA},
        "fulfillment": {
            "fulfillmentStatus": status,
            "fulfilledBy": "MERCHANT",
            "shipByWindow": {"earliestDateTime": "2026-11-21T18:30:00Z", "latestDateTime": "2026-11-22T18:29:59Z"},
        },
        "orderItems": [item("L-1", "MUG RED/1", 2)],
    }
    return base | ({"packages": packages} if detailed else {}) | given


def item(item_id: str, sku: str, quantity: int, *, serials: bool = False) -> dict[str, Any]:
    """Build an order item of 2026-01-01."""
    packing = {"packing": {"serialNumberRequirement": {"requirementType": "REQUIRED"}}} if serials else {}
    product = {"asin": "B0TEST", "title": "A mug", "sellerSku": sku}
    return {"orderItemId": item_id, "quantityOrdered": quantity, "product": product, "fulfillment": packing}


def order_v0(status: str = "Unshipped", easy_ship: str | None = "PendingSchedule", **given: Any) -> dict[str, Any]:
    """Build an order of v0."""
    base = {
        "AmazonOrderId": ORDER_ID,
        "LastUpdateDate": "2026-11-21T12:00:00Z",
        "OrderStatus": status,
        "FulfillmentChannel": "MFN",
        "MarketplaceId": INDIA,
        "LatestShipDate": "2026-11-22T18:29:59Z",
        "EasyShipShipmentStatus": easy_ship,
    }
    return {name: value for name, value in {**base, **given}.items() if value is not None}


def package(status: str = "ReadyForPickup", slot: str = "SLOT-1", **given: Any) -> dict[str, Any]:
    """Build a scheduled package of Easy Ship."""
    return {
        "scheduledPackageId": {"amazonOrderId": ORDER_ID, "packageId": "f0e1"},
        "packageDimensions": {"length": 30, "width": 20, "height": 10, "unit": "cm"},
        "packageWeight": {"value": 850, "unit": "g"},
        "packageTimeSlot": time_slot(slot),
        "packageStatus": status,
        "trackingDetails": {"trackingId": "1652969339691"},
        **given,
    }


def time_slot(slot: str = "SLOT-1", start: str = "2026-11-22T10:00:00+05:30", **given: Any) -> dict[str, Any]:
    """Build a slot of two and a half hours in India."""
    return {
        "slotId": slot,
        "startTime": start,
        "endTime": start.replace("10:00", "12:30"),
        "handoverMethod": "PICKUP",
        **given,
    }


def shipment(status: Status = Status.PICKUP_SLOT_RETRIEVED, pending: Step | None = None, **given: Any) -> Shipment:
    """Build an order that was packed and whose slots were read."""
    span = Window(at(990), at(1140), "PICKUP")
    packed = Package(
        "PKG-1", BOX, (PackageLine("L-1", 2),), options=(ShippingOption("SLOT-1", "MARKETPLACE", "", span),)
    )
    values: dict[str, Any] = {
        "id": "shp_1",
        "account": "acme-in",
        "amazon_id": ORDER_ID,
        "location": "DEFAULT",
        "marketplace": INDIA,
        "program": "easy_ship",
        "order_id": ORDER_ID,
        "status": status,
        "as_of": at(0),
        "received_at": at(0),
        "items": (("MUG RED/1", 2),),
        "packages": (packed,),
        "api": "seller_central",
        "pending": Pending(pending, at(0)) if pending else None,
    }
    return Shipment(**(values | given))


def step(kind: StepKind, option: str | None = None) -> Step:
    """Build a step for the order's package."""
    return Step(kind, (("PKG-1", 1),), option)


def told(body: Any, status: int = 200) -> Any:
    """Answer with a JSON body."""
    return answer(status, json.dumps(body).encode())


def asked(transport: ScriptedTransport, number: int = -1) -> Any:
    """Read the body of a call."""
    return json.loads(transport.calls[number].body)
