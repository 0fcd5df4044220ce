"""Locations that sellers ship from, their products, and the stock of each at each."""

from typing import Annotated

import msgspec

from packline_sim.control.endpoint import Endpoint, get, patch, post
from packline_sim.control.paging import Page
from packline_sim.control.stage import Stage
from packline_sim.records import Location, Sku, Stock
from packline_sim.specs import LabelFormat, LocationSpec, SkuSpec, StockSource


class LocationView(msgspec.Struct, frozen=True, kw_only=True):
    """Show a place that a seller ships from."""

    seller_id: str
    location_id: str
    name: str
    marketplace_id: str
    label_format: LabelFormat
    stock_source: StockSource
    city: str
    state: str
    postal_code: str
    country: str


class SkuView(msgspec.Struct, frozen=True, kw_only=True):
    """Show a product; sizes in centimetres, weight in grams, price with tax."""

    seller_id: str
    sku: str
    title: str
    length_cm: float
    width_cm: float
    height_cm: float
    weight_g: float
    price: str
    tax_rate: str
    hsn_code: str
    serial_required: bool
    hazmat_required: bool
    origin_required: bool
    value_required: bool
    pieces: int
    country_of_origin: str


class StockView(msgspec.Struct, frozen=True, kw_only=True):
    """Show the units of one SKU at one location.

    `quantity` is what the seller last published, `reserved` what shipments hold, `sellable` what buyers can order,
    `on_hand` what truly lies on the floor, `oversold` what is promised and not there.
    """

    seller_id: str
    location_id: str
    sku: str
    quantity: int
    reserved: int
    sellable: int
    on_hand: int
    oversold: int
    sequences: dict[str, int]


class StockQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Choose stock."""

    location_id: str | None = None
    sku: str | None = None


class StockChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Set the units on the floor of one SKU at one location; `publish` also publishes them, as the seller would."""

    location_id: str
    sku: str
    on_hand: Annotated[int, msgspec.Meta(ge=0)]
    publish: bool = True


def create_location(stage: Stage, seller_id: str, body: LocationSpec) -> LocationView:
    """Create a place that a seller ships from."""
    stage.seller(seller_id)
    return _location(stage.world.create_location(seller_id, body))


def list_locations(stage: Stage, seller_id: str) -> Page[LocationView]:
    """List a seller's locations."""
    return Page([_location(location) for location in stage.locations(seller_id)])


def create_sku(stage: Stage, seller_id: str, body: SkuSpec) -> SkuView:
    """Create a product of a seller and put its stock on the floor."""
    stage.seller(seller_id)
    return _sku(stage.world.create_sku(seller_id, body))


def list_skus(stage: Stage, seller_id: str) -> Page[SkuView]:
    """List a seller's products."""
    return Page([_sku(sku) for sku in stage.skus(seller_id)])


def list_stock(stage: Stage, seller_id: str, query: StockQuery) -> Page[StockView]:
    """List a seller's stock by location and SKU."""
    chosen = [
        _stock(stock)
        for stock in stage.stock(seller_id)
        if query.location_id in (None, stock.location_id) and query.sku in (None, stock.sku)
    ]
    return Page(chosen)


def change_stock(stage: Stage, seller_id: str, body: StockChange) -> StockView:
    """Count the floor: set the units that truly lie there, and publish them unless told not to."""
    stage.seller(seller_id)
    quantity = body.on_hand if body.publish else None
    row = stage.world.set_stock(seller_id, body.location_id, body.sku, on_hand=body.on_hand, quantity=quantity)
    return _stock(row)


def _location(location: Location) -> LocationView:
    return LocationView(
        seller_id=location.seller_id,
        location_id=location.location_id,
        name=location.name,
        marketplace_id=location.marketplace_id,
        label_format=location.label_format,
        stock_source=location.stock_source,
        city=location.place.city,
        state=location.place.state,
        postal_code=location.place.postal_code,
        country=location.place.country,
    )


def _sku(sku: Sku) -> SkuView:
    return msgspec.convert(sku, SkuView, from_attributes=True)


def _stock(stock: Stock) -> StockView:
    return msgspec.convert(stock, StockView, from_attributes=True)


ENDPOINTS: tuple[Endpoint, ...] = (
    post("/sellers/{seller_id}/locations", create_location, status=201),
    get("/sellers/{seller_id}/locations", list_locations),
    post("/sellers/{seller_id}/skus", create_sku, status=201),
    get("/sellers/{seller_id}/skus", list_skus),
    get("/sellers/{seller_id}/stock", list_stock),
    patch("/sellers/{seller_id}/stock", change_stock),
)
