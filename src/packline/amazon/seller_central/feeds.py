"""The feeds port: feeds sent, looked for, looked at and read, and the reports that hold documents."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from packline.amazon.seller_central import build, feed_body, feed_report, operations
from packline.amazon.seller_central.session import LogCalls, Session, Sessions
from packline.amazon.seller_central.wire import feeds as wire
from packline.amazon.seller_central.wire.parts import reader
from packline.amazon.spapi.clock import Clock
from packline.amazon.spapi.doors import Doors
from packline.amazon.spapi.operation import Operation
from packline.amazon.spapi.restricted import CREATE_TOKEN
from packline.amazon.spapi.usage_plans import UsagePlan
from packline.amazon.times import instant, stamp
from packline.domain.feed_plan import SHARED_FEED_PLAN
from packline.domain.feeds import FeedItem, FeedKind, FeedResult, FeedState
from packline.errors import Rejected, Unauthorized, Unavailable, Unexpected
from packline.ports import Guard

Note = Callable[[str, str], Awaitable[None]]
"""Told of each step of a submission with its value: `document` with the id, `uploaded` with the id."""
PAGES_AT_MOST = 20
WINDOWS = 2
"""Times in which an empty bucket fills up, over which created feeds are counted."""
KEPT_BACK = 1.0
FEED_TYPES = (
    *(form.feed_type for form in feed_body.FORMS.values()),
    "POST_ORDER_FULFILLMENT_DATA",
    "POST_PAYMENT_ADJUSTMENT_DATA",
    "POST_INVENTORY_AVAILABILITY_DATA",
    "POST_PRODUCT_PRICING_DATA",
    "POST_PRODUCT_DATA",
    "UPLOAD_VAT_INVOICE",
)
"""What may have been sent by the same application and counts against createFeed; getFeeds takes ten types."""
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_Query = dict[str, str | int | None]
_UPLOAD = reader(wire.UploadAddress)
_CREATED = reader(wire.CreatedFeed)
_FEED = reader(wire.Feed)
_FEEDS = reader(wire.FeedsPage)
_ADDRESS = reader(wire.DocumentAddress)
_REPORT = reader(wire.Report)
_TOKEN = reader(wire.RestrictedToken)


class SellerCentralFeeds:
    """Speak Feeds and Reports 2021-06-30 for every account; all methods raise the AmazonError family."""

    def __init__(self, doors: Doors, clock: Clock, log_calls: LogCalls) -> None:
        """Call through the accounts' doors; every call is handed to `log_calls`, whatever came of it."""
        self._clock, self._sessions = clock, Sessions(doors, log_calls)

    async def submit(
        self, account: str, kind: FeedKind, items: Sequence[FeedItem], guard: Guard | None, note: Note
    ) -> str:
        """Send one feed for all items and give its id.

        `note` is awaited between the calls, so that the caller knows how far it came. Unresolved means that the feed
        may have been taken: look with `find` before sending again; any other error means that it was not.
        """
        form = feed_body.FORMS[kind]
        async with self._sessions.open(account, guard) as ask:
            settings = ask.door.settings
            content = feed_body.body(kind, settings.seller_id, items)
            made = await ask(operations.CREATE_FEED_DOCUMENT, _UPLOAD, body=build.feed_document(form.content_type))
            await note("document", made.feed_document_id)
            await ask.door.api.upload(made.url, content, form.content_type)
            await note("uploaded", made.feed_document_id)
            places = feed_body.marketplaces(items, settings.marketplaces)
            body = build.feed(form.feed_type, places, made.feed_document_id)
            own = kind is FeedKind.STOCK and settings.usage_plan != SHARED_FEED_PLAN
            create = operations.CREATE_LISTINGS_FEED if own else operations.CREATE_FEED
            return str((await ask(create, _CREATED, body=body)).feed_id)

    async def find(self, account: str, kind: FeedKind, since: datetime, guard: Guard | None) -> tuple[FeedState, ...]:
        """List the account's feeds of a kind created since then, the newest first: was an unclear one taken?"""
        query: _Query = {
            "feedTypes": feed_body.FORMS[kind].feed_type,
            "createdSince": stamp(since),
            "pageSize": 100,
        }
        found: list[FeedState] = []
        async with self._sessions.open(account, guard) as ask:
            for _ in range(PAGES_AT_MOST):
                page = await ask(operations.GET_FEEDS, _FEEDS, query=query)
                found += [_state(feed) for feed in page.feeds or ()]
                if not page.next_token:
                    break
                query = {"nextToken": page.next_token}
        return tuple(sorted(found, key=lambda state: state.created_at, reverse=True))

    async def refill(self, account: str, guard: Guard | None) -> None:
        """Begin the lane of createFeed with what is free at Amazon, told by the feeds that were created lately.

        Asks Amazon once, and only where neither this process nor the last owner knows. The level is never estimated too
        high: what came before the window counts as an empty bucket, and one call is kept back for a feed that was sent
        while the last owner died and is not listed yet.
        """
        async with self._sessions.open(account, guard) as ask:
            lanes, application = ask.door.lanes, ask.door.caller.credentials.client_id
            name, plan = operations.CREATE_FEED.name, ask.door.lanes.plan(operations.CREATE_FEED.name)
            if not plan.is_unlimited and not lanes.is_known(account, application, name):
                window = timedelta(seconds=WINDOWS * plan.burst / plan.rate)
                since = max(LONG_AGO, self._clock.now() - window)
                types = ",".join(FEED_TYPES)
                query: _Query = {"feedTypes": types, "createdSince": stamp(since), "pageSize": 100}
                page = await ask(operations.GET_FEEDS, _FEEDS, query=query)
                created = [_state(feed).created_at for feed in page.feeds or ()]
                full = 0.0 if page.next_token else level_after(created, since, self._clock.now(), plan)
                lanes.resume(account, [(application, name, max(0.0, full - KEPT_BACK))], 0)
            lanes.lane(account, application, name)

    async def look(self, account: str, feed_id: str, guard: Guard | None) -> FeedState:
        """Read how far a feed is."""
        async with self._sessions.open(account, guard) as ask:
            return _state(await ask(operations.GET_FEED, _FEED, path={"feedId": feed_id}))

    async def result(
        self, account: str, kind: FeedKind, state: FeedState, items: Sequence[FeedItem], guard: Guard | None
    ) -> FeedResult:
        """Read the processing report of a feed that is over; `items` are those of the feed, in its order.

        A feed that failed as a whole gives every item its status as code, whatever its report says.
        """
        if state.result_document_id is None:
            code = feed_report.NO_REPORT if state.status == "DONE" else state.status
            return feed_report.nothing(items, code, f"Amazon ended the feed {state.status} without a report.")
        async with self._sessions.open(account, guard) as ask:
            path = {"feedDocumentId": state.result_document_id}
            content = await self._document(ask, operations.GET_FEED_DOCUMENT, path)
        if state.status != "DONE":
            said = content[:500].decode("utf-8", "replace")
            return feed_report.nothing(items, state.status, f"Amazon ended the feed {state.status}: {said}")
        try:
            return feed_report.result(kind, content, items)
        except ValueError as why:
            raise Unexpected(f"The report of feed {state.feed_id} cannot be read: {why}", operation="getFeed") from why

    async def report(self, account: str, report_id: str, guard: Guard | None) -> tuple[str, str | None]:
        """Read how far a report is: (IN_QUEUE, IN_PROGRESS, DONE, FATAL or CANCELLED; the id of its document)."""
        async with self._sessions.open(account, guard) as ask:
            told = await ask(operations.GET_REPORT, _REPORT, path={"reportId": report_id})
        return (told.processing_status or "").upper(), told.report_document_id

    async def report_file(self, account: str, report_document_id: str, guard: Guard | None) -> bytes:
        """Fetch a report's document, unzipped once, with a restricted token for exactly this address.

        Where Amazon gives no such token, the account's own is tried. Raises Rejected where neither opens it.
        """
        path = {"reportDocumentId": report_document_id}
        async with self._sessions.open(account, guard) as ask:
            token = await self._restricted(ask, operations.GET_REPORT_DOCUMENT.target(path, {}))
            try:
                return await self._document(ask, operations.GET_REPORT_DOCUMENT, path, token)
            except Unauthorized as closed:
                raise Rejected(
                    f"Amazon does not open this account's documents: {closed.message}",
                    operation=closed.operation,
                    status=closed.status,
                    amazon_code=closed.amazon_code,
                    request_id=closed.request_id,
                    hint="Add the roles Direct-to-Consumer Shipping and Tax Invoicing to the application, then let the"
                    " seller authorise it again. Until then save the documents from Seller Central and drop them in.",
                ) from closed

    async def _restricted(self, ask: Session, address: str) -> str:
        with suppress(Unauthorized, Rejected, Unexpected):
            return (await ask(CREATE_TOKEN, _TOKEN, body=build.restricted("GET", address))).token
        return ""

    async def _document(self, ask: Session, operation: Operation, path: Mapping[str, str], token: str = "") -> bytes:
        """Fetch a document from a fresh address; one that dies on the way is asked for once more."""
        for attempt in (1, 2):
            address = await ask(operation, _ADDRESS, path=path, token=token)
            try:
                content = await ask.door.api.download(address.url)
                return feed_report.unzipped(content, address.compression_algorithm)
            except Rejected:
                if attempt == 2:
                    raise
            except ValueError as broken:
                raise Unavailable(f"The document cannot be used: {broken}", operation=operation.name) from broken
        raise AssertionError("unreachable")


def level_after(created: Sequence[datetime], since: datetime, now: datetime, plan: UsagePlan) -> float:
    """Tell how many calls are free at least after calls at these times, with an empty bucket at `since`."""
    level, at = 0.0, since
    for moment in sorted(max(since, min(moment, now)) for moment in created):
        level = max(0.0, min(plan.burst, level + (moment - at).total_seconds() * plan.rate) - 1)
        at = moment
    return min(plan.burst, level + (now - at).total_seconds() * plan.rate)


def _state(feed: wire.Feed) -> FeedState:
    created = instant(feed.created_time) or LONG_AGO
    return FeedState(str(feed.feed_id), (feed.processing_status or "").upper(), feed.result_feed_document_id, created)
