"""Where a seller ships from, as far as Amazon's lists of shipments tell: no operation names a seller's locations."""

from collections import Counter

import msgspec

from packline.amazon.doctor.account import AccountDoctor
from packline.amazon.doctor.asking import ask, reason
from packline.amazon.external_fulfillment.operations import GET_SHIPMENTS
from packline.amazon.spapi.transport import Response, Transport
from packline.domain.location import Account, Credentials
from packline.domain.shipment import Status
from packline.domain.values import Value
from packline.errors import Unavailable

PAGES_AT_MOST = 3
"""Of each status: a location that ships at all is among the newest hundreds."""


class Seen(Value, frozen=True):
    """A location that ships: its id, and how many of the shipments that were looked at are its own."""

    id: str
    shipments: int


class _Shipment(msgspec.Struct):
    locationId: str = ""  # noqa: N815  Amazon's spelling


class _Pagination(msgspec.Struct):
    nextToken: str | None = None  # noqa: N815  Amazon's spelling


class _Page(msgspec.Struct):
    shipments: list[_Shipment] = []
    pagination: _Pagination | None = None


class PlaceFinder:
    """Find the locations of an account by the shipments that Amazon lists without one."""

    def __init__(self, transport: Transport, doctor: AccountDoctor) -> None:
        """Ask over `transport`, signed in by the doctor."""
        self._transport, self._doctor = transport, doctor

    async def find(self, account: Account, credentials: Credentials) -> list[Seen]:
        """List locations, the busiest first; empty where Amazon has no shipment yet.

        Raises Unauthorized, and Unavailable where Amazon lists nothing without a location.
        """
        token = await self._doctor.token(account, credentials)
        counts: Counter[str] = Counter()
        for status in Status:
            await self._count(account, status.value, token, counts)
        return [Seen(name, count) for name, count in counts.most_common() if name]

    async def _count(self, account: Account, status: str, token: str, counts: Counter[str]) -> None:
        after: str | None = None
        for _ in range(PAGES_AT_MOST):
            query: dict[str, str | int | None] = {"status": status, "maxResults": 100, "paginationToken": after}
            answer = await ask(self._transport, account.endpoint, GET_SHIPMENTS.target({}, query), token)
            if not isinstance(answer, Response) or answer.status == 429:
                return
            if answer.status != 200:
                says = f"Amazon lists no shipments without a location: {answer.status} {reason(answer)}"
                raise Unavailable(says.strip(), operation=GET_SHIPMENTS.name, hint="Enter the locations by hand.")
            page = msgspec.json.decode(answer.body, type=_Page)
            counts.update(shipment.locationId for shipment in page.shipments)
            after = page.pagination.nextToken if page.pagination else None
            if not after:
                return
