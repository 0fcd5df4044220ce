"""GET_MERCHANT_LISTINGS_ALL_DATA: all listings of a seller, tab-delimited."""

from typing import TYPE_CHECKING

from packline_sim.clock import to_iso
from packline_sim.listings.attributes import price_of, title_of
from packline_sim.reports.make import DRAWERS, REQUESTABLE
from packline_sim.reports.records import Report

if TYPE_CHECKING:
    from packline_sim.world import World

REPORT_TYPE = "GET_MERCHANT_LISTINGS_ALL_DATA"
COLUMNS = ("item-name", "seller-sku", "price", "quantity", "open-date", "asin1", "fulfillment-channel", "status")


def draw(world: "World", report: Report) -> bytes:
    """Write a line for each listing of the report's marketplaces."""
    lines = ["\t".join(COLUMNS)]
    for listing in world.listings.values():
        if listing.seller_id != report.seller_id or set(listing.marketplace_ids).isdisjoint(report.marketplace_ids):
            continue
        status = "Active" if listing.available else "Inactive"
        opened = to_iso(listing.created_ms)
        price = price_of(world, listing)[0]
        row = (title_of(world, listing), listing.sku, price, str(listing.available), opened, listing.asin)
        lines.append("\t".join((*row, "DEFAULT", status)))
    return ("\n".join(lines) + "\n").encode()


DRAWERS["merchant_listings"] = draw
REQUESTABLE[REPORT_TYPE] = "merchant_listings"
