"""Notifications in our words: what one is about, whose it is, and when it tells nothing that is not known."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from packline.domain.location import Account, Region
from packline.domain.program import Program
from packline.domain.shipment import Shipment, Status
from packline.domain.values import Value


class Kind(StrEnum):
    """What a notification is about; `ignored`: a type that Packline has no use for."""

    ORDER = "order"
    FEED = "feed"
    REPORT = "report"
    IGNORED = "ignored"


class Notification(Value, frozen=True):
    """What a notification tells of: `id` is the same when it comes twice, `subject` an order, shipment, feed or report.

    `hint` is the status that it claims, in our spelling, and `at` Amazon's time of it: good for choosing what to read
    first, never for changing anything. Everything but id, type and subject may be absent.
    """

    id: str
    type: str
    kind: Kind
    subject: str = ""
    seller_id: str = ""
    marketplace: str = ""
    location: str = ""
    subscription_id: str = ""
    hint: str = ""
    at: datetime | None = None


class Known(Value, frozen=True):
    """What tells whose a notification is: accounts, the region of each marketplace, accounts by subscription.

    `tested`: queues that a test notification is awaited in; it names a seller that does not exist.
    """

    accounts: tuple[Account, ...] = ()
    regions: Mapping[str, Region] = {}
    subscriptions: Mapping[str, str] = {}
    tested: frozenset[str] = frozenset()


def owners(told: Notification, known: Known) -> tuple[tuple[str, ...], str]:
    """Tell whose a notification is, as (account ids, why there are none).

    The subscription that it came by names one account. Else its seller does, with the region of its marketplace where
    the seller is in several; where that is left open, each of them is told: a read tells whose it is.
    """
    if not told.seller_id:
        account = known.subscriptions.get(told.subscription_id)
        return ((account,), "") if account else ((), _nameless(told))
    of_seller = [account for account in known.accounts if account.seller_id == told.seller_id]
    if not of_seller:
        return (), f"Seller {told.seller_id} is no account here; add it with `packline account add`."
    account = known.subscriptions.get(told.subscription_id)
    if account and any(one.id == account for one in of_seller):
        return (account,), ""
    region = known.regions.get(told.marketplace)
    here = [one for one in of_seller if region is None or one.region is region]
    if not here:
        return (), f"Seller {told.seller_id} has no account in {region}, where marketplace {told.marketplace} is."
    return tuple(one.id for one in here), ""


def _nameless(told: Notification) -> str:
    return (
        f"This {told.type} names no seller, and its subscription {told.subscription_id or '(none)'} is not one that"
        " `packline notification setup` made."
    )


def is_echo(shipment: Shipment, program: Program, hint: str, at: datetime | None) -> bool:
    """Tell whether a notification only repeats what our own call did: its answer told us before.

    A claim that goes beyond what we know, that comes after our last answer, or that says cancelled is always read.
    """
    if at is None or shipment.moved_at is None or hint not in Status.__members__ or hint == Status.CANCELLED:
        return False
    return at <= shipment.moved_at and program.rank(Status(hint)) <= program.rank(shipment.status)


def claims_more(hint: str, shown: Status, program: Program) -> bool:
    """Tell whether a notification claims a status beyond the one that Amazon showed after it had come.

    What Amazon shows may be older than what it tells: then the shipment is read once more.
    """
    if not hint or hint == shown:
        return False
    return hint not in Status.__members__ or program.rank(Status(hint)) > program.rank(shown)
