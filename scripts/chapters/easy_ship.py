"""docs/reference/easy-ship.md, from the table of reactions and the shipped table of marketplaces."""

from chapters.tables import table
from packline.amazon.seller_central.capabilities import Capability, load
from packline.amazon.seller_central.reactions import REACTIONS, Reaction
from packline.amazon.seller_central.statuses import package_standing
from packline.amazon.spapi.usage_plans import DOCUMENTED

INTRODUCTION = """\
# Easy Ship over Seller Central

Made from `amazon/seller_central`. A seller who is not on SmartConnect gets the same commands and the same events; this
page holds what is particular to Amazon's Orders, Easy Ship, Feeds and Reports APIs.

## Amazon's codes and what is done about each

Amazon's code counts, never the status alone. *On a question* is an answer to a call that changes nothing
(listHandoverSlots, getScheduledPackage); *on a change* to one that does.

"""
MARKETPLACES = """
## Marketplaces

What is shipped with Packline, as far as Amazon's own sources say so. A TOML file of the same form, named in
`easy_ship_marketplaces`, changes single values of single marketplaces. What a marketplace lacks is refused before
anything is sent, with the way out.

"""
STATUSES = """
## Statuses

Orders v0, Orders 2026-01-01 and the Easy Ship API name one life in three ways; letter case does not count.

"""
QUOTAS = """
## Quotas

Calls of one seller and application, as Amazon documents them (usage plan `amazon`). The plan `legacy-shared-feed`
grants one createFeed every two minutes, as Amazon did until 2024.

"""
_KINDS = {
    "refused": "stops; a person is told",
    "conflict": "somebody was quicker: looks, and takes what is there",
    "slot": "reads the slots again",
    "unclear": "looks before anything is sent again",
    "wait": "sent again by itself",
}
_OF_REACTIONS = ("Code", "Status", "Meaning", "On a change", "On a question", "What Packline does", "What you can do")
_OF_MARKETPLACES = ("Country", "Marketplace", "By API", "Slots", "Reschedule", "Bulk", "Documents", "Handover")
_OF_STATUSES = ("Orders v0", "Orders 2026-01-01", "Easy Ship package", "Status in Packline", "Sub-status")
_OF_QUOTAS = ("Operation", "Calls a second", "At once", "An hour")
_WORDS = (
    ("PendingSchedule", "PENDING_SCHEDULE", ""),
    ("PendingPickUp", "PENDING_PICK_UP", "ReadyForPickup"),
    ("PendingDropOff", "PENDING_DROP_OFF", "ReadyForPickup"),
    ("LabelCanceled", "LABEL_CANCELLED", "LabelCanceled"),
    ("PickedUp", "PICKED_UP", "PickedUp"),
    ("DroppedOff", "DROPPED_OFF", "PickedUp"),
    ("AtOriginFC", "AT_ORIGIN_FC", "AtOriginFC"),
    ("AtDestinationFC", "AT_DESTINATION_FC", "AtDestinationFC"),
    ("OutForDelivery", "OUT_FOR_DELIVERY", "OutForDelivery"),
    ("Delivered", "DELIVERED", "Delivered"),
    ("RejectedByBuyer", "REJECTED_BY_BUYER", "Rejected"),
    ("Undeliverable", "UNDELIVERABLE", "Undeliverable"),
    ("ReturningToSeller", "RETURNING_TO_SELLER", ""),
    ("ReturnedToSeller", "RETURNED_TO_SELLER", "ReturnedToSeller"),
    ("Lost", "LOST", "LostInTransit"),
    ("Damaged", "DAMAGED", "DamagedInTransit"),
)
_OPERATIONS = (
    "searchOrders", "getOrder", "getOrders", "getOrderV0", "getOrderItems", "listHandoverSlots",
    "createScheduledPackage", "getScheduledPackage", "updateScheduledPackages", "createScheduledPackageBulk",
    "createFeedDocument", "createFeed", "getFeed", "getFeeds", "getFeedDocument", "getReport", "getReportDocument",
    "createRestrictedDataToken", "patchListingsItem", "getListingsItem",
)  # fmt: skip


def easy_ship() -> str:
    """Write the page."""
    return "".join(
        (
            INTRODUCTION,
            table(_OF_REACTIONS, [_reaction(reaction) for reaction in REACTIONS.values()]),
            MARKETPLACES,
            table(_OF_MARKETPLACES, [_marketplace(id_, row) for id_, row in load().rows().items()]),
            STATUSES,
            table(_OF_STATUSES, [_status(*words) for words in _WORDS]),
            QUOTAS,
            table(_OF_QUOTAS, [_quota(name) for name in _OPERATIONS]),
        )
    )


def _reaction(reaction: Reaction) -> tuple[str, ...]:
    return (
        f"`{reaction.code}`",
        reaction.status,
        reaction.meaning,
        _KINDS[reaction.kind],
        _KINDS[reaction.on_read],
        reaction.packline,
        reaction.person or "Nothing.",
    )


def _marketplace(marketplace: str, row: Capability) -> tuple[str, ...]:
    documents = {"feed": "by feed", "zip": "in the ZIP of the bulk call", "hand": "saved by hand from Seller Central"}
    if row.missing:
        return (row.country, f"`{marketplace}`", "no", "", "", "", documents["hand"], ", ".join(row.methods))
    return (
        row.country,
        f"`{marketplace}`",
        "yes",
        _yes(row.slots),
        _yes(row.reschedule),
        _yes(row.bulk),
        f"{documents[row.documents]}: {', '.join(row.wants)}",
        ", ".join(row.methods),
    )


def _status(v0: str, detailed: str, package: str) -> tuple[str, ...]:
    found = package_standing(detailed)
    if found is None:
        raise ValueError(f"{detailed} is not in the table of statuses.")
    return v0, detailed, package, found.status.value, found.sub_status


def _quota(operation: str) -> tuple[str, ...]:
    plan = DOCUMENTED[operation]
    return f"`{operation}`", f"{plan.rate:g}", f"{plan.burst:g}", f"{plan.rate * 3600:.0f}"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
