"""What every Easy Ship call is checked for first: role, marketplace, order, measures."""

from packline_sim.call import Call
from packline_sim.easy_ship import refusals
from packline_sim.easy_ship.capabilities import Capability, capability
from packline_sim.easy_ship.wire import Dimensions, Weight
from packline_sim.marketplaces import MARKETPLACES
from packline_sim.orders.records import Box, Order
from packline_sim.refusals import INTERNAL_SERVER_ERROR, unauthorized
from packline_sim.world import World


def supported(call: Call, marketplace_id: str, flag: str, operation: str) -> Capability:
    """Give the marketplace's row when it has the operation. Raises Refusal 403, 404 (400 by switch)."""
    world = call.world
    if world.switches["easy_ship_role"] == "missing":
        raise unauthorized(403, "")
    marketplace = MARKETPLACES.get(marketplace_id)
    if marketplace is None:
        raise refusals.resource_not_found(world, "marketplace", marketplace_id)
    if marketplace.region != call.seller.region:
        raise refusals.wrong_region()
    row = capability(world, marketplace_id)
    if row is None or not getattr(row, flag):
        raise refusals.region_not_supported(marketplace_id, operation)
    return row


def reach_carrier(call: Call, marketplace_id: str) -> None:
    """Ask the carrier, which alone knows and books windows. Raises Refusal 500 while it does not answer Amazon."""
    if (call.seller.seller_id, marketplace_id) in call.world.easy_ship.carrier_away:
        raise INTERNAL_SERVER_ERROR


def find_order(call: Call, order_id: str, marketplace_id: str) -> Order:
    """Give the seller's Easy Ship order. Raises Refusal 404 (400 by switch) or as the switch `not_easy_ship` says."""
    order = call.world.orders.get(order_id)
    if order is None or order.seller_id != call.seller.seller_id or order.marketplace_id != marketplace_id:
        raise refusals.resource_not_found(call.world, "order", order_id)
    if not order.is_easy_ship:
        raise refusals.not_easy_ship(call.world, order)
    return order


def read_box(dimensions: Dimensions, weight: Weight) -> Box:
    """Read a parcel's measures, units in any letter case. Raises Refusal 400."""
    unit, weight_unit = dimensions.unit, weight.unit
    if unit is not None and unit.lower() != "cm":
        raise refusals.invalid(f"The unit of length '{unit}' is not valid.", "Use cm.")
    if weight_unit is not None and weight_unit.lower() not in {"g", "grams"}:
        raise refusals.invalid(f"The unit of weight '{weight_unit}' is not valid.", "Use g or grams.")
    sides = {"length": dimensions.length, "width": dimensions.width, "height": dimensions.height}
    missing = [name for name, side in sides.items() if side is None]
    if missing or weight.value is None:
        missing += ["weight"] if weight.value is None else []
        raise refusals.invalid(f"Missing {', '.join(missing)} of the package.")
    return Box(
        length_cm=dimensions.length or 0.0,
        width_cm=dimensions.width or 0.0,
        height_cm=dimensions.height or 0.0,
        weight_g=weight.value,
        identifier=dimensions.identifier,
    )


def suggested_box(world: World, order: Order, row: Capability) -> Box:
    """Measure an order by the catalogue: its units on top of each other, at least as heavy as the API allows."""
    skus = [(world.skus[order.seller_id, item.sku], item.quantity) for item in order.items]
    return Box(
        length_cm=max(sku.length_cm for sku, _ in skus),
        width_cm=max(sku.width_cm for sku, _ in skus),
        height_cm=sum(sku.height_cm * units for sku, units in skus),
        weight_g=max(11.0, sum(sku.weight_g * units for sku, units in skus)),
        identifier=f"{row.country}_SuggestedContainerDimension",
    )
