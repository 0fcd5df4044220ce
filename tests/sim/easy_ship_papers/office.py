"""A seller who schedules orders and asks for their papers as a connector does."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import pypdfium2
import zxingcpp
from lxml import etree

from packline_sim.orders.records import Order
from packline_sim.server import Simulator
from packline_sim.specs import SkuSpec
from packline_sim.world import World
from sim.core.driving import Client
from sim.easy_ship.shop import Shop, open_shop
from sim.feeds.desk import REPORTS, Desk

INDIA, BRAZIL, EMIRATES, TURKEY = "A21TJRUUN4KGV", "A2Q3Y263D00KWC", "A2VIGQ35RCS4UG", "A33AVAJ2PDY3EV"
FEED = "POST_EASYSHIP_DOCUMENTS"
LABEL, INVOICE, WARRANTY = "ShippingLabel", "Invoice", "Warranty"


class Told(NamedTuple):
    """A processing report of the document feed, read."""

    processed: int
    successful: int
    failed: int
    references: list[str]
    errors: dict[str, str]
    root: Any


class Office:
    """Speak for one seller."""

    def __init__(self, client: Client, marketplace_id: str) -> None:
        self.world = client.world
        self.shop = Shop(client, marketplace_id)
        self.desk = Desk(client)
        self.client = client
        self.seller_id = client.credentials.seller_id
        self.marketplace_id = marketplace_id

    @classmethod
    def open(cls, world: World, marketplace_id: str, region: Any) -> "Office":
        credentials = open_shop(world, marketplace_id, region)
        camera = SkuSpec(sku="CAMERA", title="Small camera", serial_required=True)
        world.create_sku(credentials.seller_id, camera)
        return cls(Client(Simulator(world), credentials), marketplace_id)

    async def scheduled(self, count: int = 1, *, sku: str = "KETTLE", **spec: Any) -> list[Order]:
        """Have buyers order, and schedule all."""
        orders = self.shop.orders(count, sku=sku, **spec)
        for number, order in enumerate(orders):
            details: dict[str, Any] = {"packageIdentifier": f"BIN-{number}"} if number % 2 else {}
            if sku == "CAMERA":
                serials = [f"SN-{order.order_id[-4:]}-{unit}" for unit in range(order.items[0].quantity)]
                item = {"orderItemId": order.items[0].order_item_id, "orderItemSerialNumbers": serials}
                details["packageItems"] = [item]
            await self.shop.scheduled(order, **details)
        return orders

    async def feed(self, content: bytes, feed_type: str = FEED, **changes: Any) -> str:
        """Make a feed and give its id; it has ended when feeds take no time."""
        changes.setdefault("marketplaceIds", [self.marketplace_id])
        answer = await self.desk.create(feed_type, await self.desk.uploaded(content), **changes)
        assert answer.status == 202, answer.text
        return answer.json()["feedId"]

    async def ask(self, *orders: Order, kinds: Sequence[str] = (LABEL,), **changes: Any) -> Told:
        """Ask for papers in one feed and read its processing report."""
        feed_id = await self.feed(request([(order.order_id, kinds) for order in orders]), **changes)
        assert (await self.desk.show(feed_id))["processingStatus"] == "DONE"
        return told(await self.desk.result(feed_id))

    async def papers(self, reference: str) -> bytes:
        """Fetch the document of a report, with a restricted token."""
        report = (await self.client.call("GET", f"{REPORTS}/reports/{reference}")).json()
        assert (report["reportType"], report["processingStatus"]) == ("GET_EASYSHIP_DOCUMENTS", "DONE")
        self.world.switches.update({"report_restricted_token": "off"})
        path = f"{REPORTS}/documents/{report['reportDocumentId']}"
        return await self.desk.content((await self.client.call("GET", path)).json())

    async def bound(self, *orders: Order, kinds: Sequence[str] = (LABEL,)) -> bytes:
        """Ask for papers and fetch them."""
        answer = await self.ask(*orders, kinds=kinds)
        assert answer.errors == {}
        return await self.papers(answer.references[0])


def request(rows: Sequence[tuple[str, Sequence[str]]], *, header: bool = True, kind: str = "EasyShipDocument") -> bytes:
    """Write a document feed as Amazon's guide shows it."""
    head = "<Header><DocumentVersion>1.01</DocumentVersion><MerchantIdentifier>A1</MerchantIdentifier></Header>"
    messages = "".join(
        f"<Message><MessageID>{number}</MessageID><{kind}><AmazonOrderID>{order_id}</AmazonOrderID>"
        + "".join(f"<DocumentType>{name}</DocumentType>" for name in kinds)
        + f"</{kind}></Message>"
        for number, (order_id, kinds) in enumerate(rows, 1)
    )
    body = f"{head if header else ''}<MessageType>{kind}</MessageType>{messages}"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<AmazonEnvelope>{body}</AmazonEnvelope>'.encode()


def told(report: bytes) -> Told:
    """Read the processing report of a document feed."""
    root = etree.fromstring(report)
    assert root.tag == "EasyShipProcessingReport"
    counts = [int(root.findtext(f"Messages{name}")) for name in ("Processed", "Successful", "WithError")]
    references = [row.text for row in root.iter() if row.tag.lower() == "documentreportreferenceid"]
    errors = {
        row.findtext("AmazonOrderID"): row.findtext("Error/ErrorCode")
        for row in root.iter("ErrorMessage")
        if row.find("MessageID") is not None
    }
    return Told(*counts, references, errors, root)


def page_texts(pdf: bytes) -> list[str]:
    """Read the text of every page."""
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]


def page_codes(pdf: bytes) -> list[dict[str, str]]:
    """Scan every page at a label printer's resolution."""
    return [
        {code.format.name: code.text for code in zxingcpp.read_barcodes(page.render(scale=203 / 72).to_pil())}
        for page in pypdfium2.PdfDocument(pdf)
    ]
