"""What the pages of files need: uploads of listings, documents from Seller Central, the pickup schedule."""

from dataclasses import dataclass

from packline.commands.document_drops import DropCounter
from packline.commands.listing_imports import ListingFileStore
from packline.commands.pickup_schedule import PickupDesk
from packline.ports import AccountStore


@dataclass(frozen=True)
class FileDesk:
    """The stores and desks of files."""

    listings: ListingFileStore
    accounts: AccountStore
    drops: DropCounter
    pickups: PickupDesk
