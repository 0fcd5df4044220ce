"""Many listings at once, for tests of sellers with large assortments."""

from typing import TYPE_CHECKING

import msgspec

from packline_sim.creation import BadSpec, build_sku
from packline_sim.listings.changes import list_sku
from packline_sim.specs import SkuSpec

if TYPE_CHECKING:
    from packline_sim.world import World


def create_many(world: "World", seller_id: str, count: int, *, prefix: str, quantity: int) -> int:
    """List `count` products named PREFIX000001, PREFIX000002, ...; those that exist stay. Gives how many are new.

    They differ in nothing but their names, and no location has stock of them. Raises NotThere, BadSpec.
    """
    if not prefix:
        raise BadSpec("prefix", "The names of the products need a beginning.")
    seller = world.seller(seller_id)
    model, made = None, 0
    for number in range(1, count + 1):
        name = f"{prefix}{number:06}"
        if (seller_id, name) in world.skus:
            continue
        if model is None:
            model = build_sku(world, seller, SkuSpec(sku=name))
        sku = msgspec.structs.replace(model, sku=name, title=f"Sample article {name}")
        world.skus[seller_id, name] = sku
        list_sku(world, sku, quantity)
        made += 1
    world.change_seq += made
    return made
