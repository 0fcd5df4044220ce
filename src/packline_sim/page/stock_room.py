"""Stock: what each seller published, what is held, what truly lies there; and counting the floor anew."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from packline_sim.control.stage import Stage
from packline_sim.page.frame import names

SHOWN = 200


def facts(stage: Stage, query: Mapping[str, str]) -> dict[str, Any]:
    """Gather the rows of one seller (the first unless named), what is oversold first."""
    world = stage.world
    seller_id = query.get("seller") or next(iter(world.sellers), "")
    text = query.get("text", "").strip().upper()
    rows = [row for key, row in world.stock.rows.items() if key[0] == seller_id and text in row.sku.upper()]
    rows.sort(key=lambda row: (-row.oversold, row.sku, row.location_id))
    listings = (row for key, row in world.listings.items() if key[0] == seller_id and text in row.sku.upper())
    return {
        "seller_id": seller_id,
        "rows": rows[:SHOWN],
        "row_count": len(rows),
        "listings": list(islice(listings, SHOWN)),
        "titles": {key[1]: row.title for key, row in world.skus.items() if key[0] == seller_id},
        "names": names(stage),
        "shown": SHOWN,
    }
