"""One Easy Ship order's day over Seller Central: domain, gateway, feeds and papers against the simulator."""

from collections.abc import Sequence

from msgspec.structs import replace

from conformance.day import Day, SimulatorTime
from packline.amazon.external_fulfillment import kept_fields as smart_connect
from packline.amazon.seller_central import kept_fields
from packline.amazon.seller_central.capabilities import load
from packline.amazon.seller_central.feeds import SellerCentralFeeds
from packline.amazon.seller_central.gateway import SellerCentralGateway
from packline.amazon.seller_central.papers import split
from packline.amazon.spapi.doors import Doors
from packline.domain import events as ev
from packline.domain.apply import receive
from packline.domain.feed_wishes import CancelWish, documents_wish
from packline.domain.feeds import FeedItem, FeedKind, FeedResult, FeedState
from packline.domain.location import Api
from packline.domain.papers import Expected
from packline.domain.paperwork import documents_done
from packline.domain.recommendation import by_sku
from packline.domain.reconcile import reconcile
from packline.domain.reports import Done, Failed, Report, Seen
from packline.domain.shipment import Failure, Package
from packline.domain.step import Step, StepKind
from packline.domain.values import Box
from packline.ports import Call, Query
from packline.storage.codec import encode_json
from packline_sim.control.handles import Amazon, Seller

SIZE = Box(20, 15, 10, 400)
OVER = ("DONE", "FATAL", "CANCELLED")
FEEDS_AT_MOST = 4


class EasyDay(Day):
    """Drive one order as driver and feeds errand do."""

    def __init__(self, amazon: Amazon, seller: Seller, orders_api: str = "2026-01-01") -> None:
        super().__init__(amazon, seller)
        self.amazon = amazon
        self._account = replace(self._account, api=Api.SELLER_CENTRAL, orders_api=orders_api)
        kept = {**smart_connect.KEPT_FIELDS, **kept_fields.KEPT_FIELDS}
        doors = Doors(self._transport, self.clock, self._directory, kept)
        self.gateway = SellerCentralGateway(doors, self.clock, load(), _split)  # type: ignore[assignment]
        self.feeds = SellerCentralFeeds(doors, self.clock, _no_log)
        self.reasons: list[str] = []

    def advance(self, seconds: float) -> None:
        """Let time pass at Amazon and here."""
        self.amazon.clock.advance(seconds)
        self.clock.__init__(self.amazon)  # type: ignore[misc]

    async def meet(self, order_id: str) -> bool:
        """Find the order by the listing; False where it is not told of."""
        self.advance(150)
        token: str | None = None
        while True:
            page = await self.gateway.list_page("acme", Query("orders", None), token)
            found = [entry for entry in page.entries if entry[0].amazon_id == order_id]
            if found:
                facts, self.body = found[0]
                break
            token = page.next_token
            if token is None:
                return False
        program = self.gateway.program_of(facts)
        assert program is not None
        self.shipment = _received(facts, program.code, self.clock)
        return True

    async def look_again(self) -> None:
        """See the order in the listing, as intake does."""
        self.advance(150)
        page = await self.gateway.list_page("acme", Query("orders", None), None)
        facts, self.body = next(entry for entry in page.entries if entry[0].amazon_id == self.shipment.amazon_id)
        self.tell(Seen(facts, page.read_at))

    def packages(self, serials: Sequence[str] = ()) -> tuple[Package, ...]:
        """Pack by the sizes of SKUs; serial numbers go where they are wanted."""
        details = self.gateway.details(self.body)
        made = by_sku(
            replace(details, lines=tuple(replace(line, serial_numbers="") for line in details.lines)),
            {line.sku: SIZE for line in details.lines},
        )
        wanting = {line.id for line in details.lines if line.serial_numbers == "REQUIRED"}
        lines = tuple(
            replace(line, serial_numbers=tuple(serials[: line.quantity])) if line.line_id in wanting else line
            for line in made[0].lines
        )
        return (replace(made[0], lines=lines),)

    def tell(self, report: Report) -> None:
        """Follow what a report means."""
        story = reconcile(self.shipment, report, self.gateway.program_for(self.shipment))
        self.shipment, self.events = story.shipment, [*self.events, *story.events]

    async def fetch_papers(self) -> bool:
        """Ask for the order's documents by feeds until they are all there; every failure leaves its words."""
        label = self.shipment.packages[0].label
        assert label is not None
        wish = documents_wish(label.tracking_id, self.shipment.marketplace, invoice=self.shipment.needs_invoice)
        item = FeedItem(self.shipment.id, self.shipment.amazon_id, encode_json(wish))
        expected = Expected(self.shipment.amazon_id, label.tracking_id, wants=wish.documents)
        for _ in range(FEEDS_AT_MOST):
            result = await self._feed(FeedKind.DOCUMENTS, item)
            self.reasons += [f"{told.code}: {told.message}" for told in result.items if not told.ok]
            for reference in result.references:
                content = await self._report(reference)
                papers = split(content, [expected]) if content else None
                if papers:
                    self.reasons += [left.why for left in papers.unmatched]
                    done = documents_done(self.shipment, papers.found, self.clock.now(), label.tracking_id)
                    self.tell(done)
            if self.outcome is not None:
                return True
        failure = Failure("refused", "createFeed", 0, "NoDocuments", "; ".join(self.reasons) or "nothing came")
        self.tell(Failed(Step(StepKind.FETCH_DOCUMENTS), self.clock.now(), failure))
        return False

    async def reject(self) -> FeedResult:
        """Tell Amazon the seller's no, by a feed."""
        rejection = self.shipment.rejection
        assert rejection is not None
        wish = CancelWish(self.shipment.marketplace, rejection.reason, tuple(line for line, _ in rejection.lines))
        item = FeedItem(self.shipment.id, self.shipment.amazon_id, encode_json(wish))
        result = await self._feed(FeedKind.CANCEL, item)
        step, now, told = Step(StepKind.REJECT), self.clock.now(), result.items[0]
        failure = Failure("refused", "createFeed", 0, told.code, told.message)
        self.tell(Done(step, now) if told.ok else Failed(step, now, failure))
        return result

    async def _feed(self, kind: FeedKind, item: FeedItem) -> FeedResult:
        feed = await self.feeds.submit("acme", kind, (item,), None, _no_note)
        for _ in range(20):
            state = await self.feeds.look("acme", feed, None)
            if state.status in OVER:
                return await self.feeds.result("acme", kind, state, (item,), None)
            self.advance(60)
        given_up = FeedState(feed, "CANCELLED", None, self.clock.now())
        return await self.feeds.result("acme", kind, given_up, (item,), None)

    async def _report(self, reference: str) -> bytes | None:
        for _ in range(20):
            status, document = await self.feeds.report("acme", reference, None)
            if status in OVER:
                return await self.feeds.report_file("acme", document, None) if document else None
            self.advance(60)
        return None


def _received(facts, program: str, clock: SimulatorTime):
    """Take a shipment in, as intake does."""
    return receive("acme", ev.Received(facts, program, clock.now()))


async def _split(content: bytes, expected: Sequence[Expected]):
    return split(content, expected)


async def _no_log(_: Sequence[Call]) -> None:
    """Keep no call."""


async def _no_note(_step: str, _value: str) -> None:
    """Keep no note."""
