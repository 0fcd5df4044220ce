"""Amazon's reports of Easy Ship parcels that wait for the carrier and that the carrier has (Reports 2021-06-30).

Columns: report types GET_EASYSHIP_WAITING_FOR_PICKUP and GET_EASYSHIP_PICKEDUP, tab-delimited, a line for each item.
"""

import csv
import io
from datetime import datetime, timedelta
from typing import Any

import msgspec

from packline.amazon.seller_central import operations
from packline.amazon.seller_central.feeds import SellerCentralFeeds
from packline.amazon.seller_central.session import LogCalls, Sessions
from packline.amazon.seller_central.wire.parts import reader
from packline.amazon.spapi.clock import Clock
from packline.amazon.spapi.doors import Doors
from packline.amazon.times import stamp
from packline.domain.books.entries import Side, Stated, What
from packline.domain.books.rows import stated_of
from packline.errors import Rejected, Unresolved
from packline.ports import Guard

TYPES = {Side.PENDING_REPORT: "GET_EASYSHIP_WAITING_FOR_PICKUP", Side.SHIPPED_REPORT: "GET_EASYSHIP_PICKEDUP"}
LOST = timedelta(minutes=10)
"""A report of the same type that is not older answers an unclear request: it is the one that was asked for."""
_ENDED = ("FATAL", "CANCELLED")


class _Made(msgspec.Struct, rename="camel", frozen=True):
    report_id: str | int = ""
    created_time: str | None = None


class _Listed(msgspec.Struct, rename="camel", frozen=True):
    reports: tuple[_Made, ...] | None = None


_MADE = reader(_Made)
_LISTED = reader(_Listed)


class SellerCentralReports:
    """Ask for order reports and read them (implements `ports.reconciliations.Reports`)."""

    def __init__(self, doors: Doors, clock: Clock, log_calls: LogCalls, feeds: SellerCentralFeeds) -> None:
        """Call through the accounts' doors; `feeds` fetches the documents."""
        self._clock, self._sessions, self._feeds = clock, Sessions(doors, log_calls), feeds

    async def request(self, account: str, side: Side, since: datetime, until: datetime, guard: Guard | None) -> str:
        """Have a report made and give its id; where the answer is lost, the one that was made is looked for."""
        async with self._sessions.open(account, guard) as ask:
            asked: dict[str, Any] = {
                "reportType": TYPES[side],
                "marketplaceIds": list(ask.door.settings.marketplaces),
                "dataStartTime": stamp(since),
                "dataEndTime": stamp(until),
            }
            try:
                return str((await ask(operations.CREATE_REPORT, _MADE, body=msgspec.json.encode(asked))).report_id)
            except Unresolved as lost:
                query: dict[str, str | int | None] = {
                    "reportTypes": TYPES[side],
                    "createdSince": stamp(self._clock.now() - LOST),
                    "pageSize": 10,
                }
                found = (await ask(operations.GET_REPORTS, _LISTED, query=query)).reports or ()
                if not found:
                    raise lost from None
                return str(max(found, key=lambda one: one.created_time or "").report_id)

    async def entries(
        self, account: str, side: Side, report_id: str, guard: Guard | None
    ) -> tuple[list[Stated], int] | None:
        """Give a report's entries, and how many rows say nothing; None while it is being made."""
        status, document = await self._feeds.report(account, report_id, guard)
        if status in _ENDED or (status == "DONE" and document is None):
            raise Rejected(
                f"Amazon ended the report {TYPES[side]} as {status}.",
                operation="getReport",
                hint="Amazon makes it for some marketplaces only; save it from Seller Central and give the file.",
            )
        if document is None:
            return None
        content = await self._feeds.report_file(account, document, guard)
        stated, refused = stated_of(rows_of(content), What.ORDERS, side)
        return stated, len(refused)


def rows_of(content: bytes) -> list[tuple[int, dict[str, Any]]]:
    """Read a tab-delimited report with a header, as (line, row) with names as in other files."""
    text = content.decode("utf-8-sig", "replace")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
    header = [name.strip().lower().replace("-", "_").replace(" ", "_") for name in next(lines, [])]
    return [
        (number, dict(zip(header, values, strict=False)))
        for number, values in enumerate(lines, 2)
        if any(value.strip() for value in values)
    ]
