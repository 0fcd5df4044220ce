"""Easy Ship as a program over Seller Central: the same code, with what the marketplace's API can do."""

from msgspec.structs import replace

from packline.amazon.programs.easy_ship import EASY_SHIP
from packline.amazon.seller_central.build import LIGHTEST_G
from packline.amazon.seller_central.capabilities import Capability
from packline.domain.location import Api
from packline.domain.program import Program
from packline.domain.shipment import Status

UNSHOWN = (Status.CONFIRMED, Status.PACKAGE_CREATED, Status.PICKUP_SLOT_RETRIEVED, Status.INVOICE_GENERATED)
"""Amazon knows an order as not scheduled or scheduled; these four stand between, and only we keep them."""


def easy_ship(capability: Capability) -> Program:
    """Give Easy Ship in one marketplace."""
    return replace(
        EASY_SHIP,
        api=Api.SELLER_CENTRAL.value,
        unshown=UNSHOWN,
        documents=capability.documents,
        offers_slots=capability.slots,
        asks_slots=capability.slots,
        reschedules=capability.reschedule,
        rejects_by_feed=True,
        packages_at_most=1,
        lightest_g=LIGHTEST_G,
        missing=capability.missing,
    )
