"""Checks of an account on the Seller Central APIs: one harmless read for each role that Easy Ship needs."""

from typing import NamedTuple

from packline.amazon.seller_central import operations
from packline.amazon.spapi.operation import Operation
from packline.amazon.spapi.transport import Response
from packline.domain.location import ORDERS_APIS, Account

NO_ORDER = "000-0000000-0000000"
"""An order id that nobody has: asking for it shows whether the role is there, and spends none of the slow quotas."""
_ABSENT = (400, 404)


class Probe(NamedTuple):
    """One read: what is checked, the call, what it is good for, and the role that Amazon wants for it."""

    check: str
    operation: Operation
    path: dict[str, str]
    query: dict[str, str | int | None]
    use: str
    role: str

    @property
    def target(self) -> str:
        """Give path and query of the read."""
        return self.operation.target(self.path, self.query)


def probes(account: Account) -> tuple[Probe, ...]:
    """Choose the reads for an account."""
    order = operations.GET_ORDER if account.orders_api == ORDERS_APIS[0] else operations.GET_ORDER_V0
    shop = next(iter(account.marketplaces), "")
    package: dict[str, str | int | None] = {"amazonOrderId": NO_ORDER, "marketplaceId": shop}
    feeds: dict[str, str | int | None] = {"feedTypes": "POST_EASYSHIP_DOCUMENTS", "pageSize": 1}
    courier = "Direct-to-Consumer Shipping"
    return (
        Probe("orders", order, {"orderId": NO_ORDER}, {}, "orders can be read", "Inventory and Order Tracking"),
        Probe("easy ship", operations.GET_SCHEDULED_PACKAGE, {}, package, "orders can be scheduled", courier),
        Probe("feeds", operations.GET_FEEDS, {}, feeds, "documents and cancellations can be asked for", courier),
    )


def verdict(account: Account, probe: Probe, answer: Response, why: str) -> tuple[str, str, str]:
    """Judge an answer: state, what it says, and the cure."""
    if answer.status in (200, *_ABSENT):
        return "good", probe.use, ""
    if answer.status == 429:
        return "good", "the quota is in use at this moment, so the sign-in and the role are fine", ""
    again = f"`packline account authorize {account.id}`"
    cures = {
        401: f"Let the seller authorise the application again, then {again}.",
        403: f"Give the application the role {probe.role} in Seller Central's developer pages, let the seller"
        f" authorise it again, then {again}.",
    }
    lacks = f": the role {probe.role} is missing" if answer.status == 403 else ""
    says = f"{probe.operation.name} is answered {answer.status} {why}{lacks}"
    return "bad", says, cures.get(answer.status, "Try again later; see Amazon's health page.")
