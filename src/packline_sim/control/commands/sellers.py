"""`seller`, `location`, `sku`: who sells, from where, and what."""

from typing import Literal

from cyclopts import App

from packline_sim.control.commands.target import HERE, Target

seller = App(name="seller", help="Sellers and their credentials.")
location = App(name="location", help="Places that sellers ship from.")
sku = App(name="sku", help="Products and their stock.")
SELLER_COLUMNS = ("seller_id", "name", "region", "marketplace_ids", "client_id")
LOCATION_COLUMNS = ("location_id", "name", "marketplace_id", "city", "country", "label_format", "stock_source")
SKU_COLUMNS = ("sku", "title", "price", "weight_g", "pieces", "serial_required", "country_of_origin")
STOCK_COLUMNS = ("location_id", "sku", "quantity", "reserved", "sellable", "on_hand", "oversold")


@seller.command(name="create")
def create_seller(
    name: str,
    *,
    region: Literal["NA", "EU", "FE"] = "EU",
    marketplace: tuple[str, ...] = ("A21TJRUUN4KGV",),
    seller_id: str | None = None,
    client_id: str | None = None,
    to: Target = HERE,
) -> None:
    """Create a seller and print the credentials that a connector needs.

    Args:
        name: The seller's name.
        region: Amazon region of the account.
        marketplace: Marketplace ids of that region; repeat for several.
        seller_id: An id of your own; made from the seed otherwise.
        client_id: An application that exists; a new one is registered otherwise.
    """
    body = {"name": name, "region": region, "marketplace_ids": marketplace}
    body |= {key: value for key, value in (("seller_id", seller_id), ("client_id", client_id)) if value}
    to.one(to.sim.post("sellers", body=body))


@seller.command(name="list")
def list_sellers(*, to: Target = HERE) -> None:
    """List sellers."""
    to.rows(to.sim.get("sellers")["items"], *SELLER_COLUMNS)


@seller.command(name="show")
def show_seller(seller_id: str, *, to: Target = HERE) -> None:
    """Show a seller with its credentials."""
    to.one(to.sim.get("sellers", seller_id))


@seller.command(name="code")
def create_code(seller_id: str, *, client_id: str | None = None, to: Target = HERE) -> None:
    """Have a seller consent, and print the authorization code."""
    to.one(to.sim.post("sellers", seller_id, "authorization_codes", body={"client_id": client_id}))


@seller.command(name="authorize")
def authorize(seller_id: str, *, client_id: str | None = None, to: Target = HERE) -> None:
    """Have a seller authorise an application again, and print the new refresh token."""
    to.one(to.sim.post("sellers", seller_id, "authorize", body={"client_id": client_id}))


@seller.command(name="revoke")
def revoke(seller_id: str, *, to: Target = HERE) -> None:
    """Have a seller take back every authorisation."""
    to.one(to.sim.post("sellers", seller_id, "revoke_tokens"))


@seller.command(name="expire-tokens")
def expire_tokens(seller_id: str, *, to: Target = HERE) -> None:
    """Let a seller's access tokens be expired now."""
    to.one(to.sim.post("sellers", seller_id, "expire_tokens"))


@seller.command(name="rotate-secret")
def rotate_secret(client_id: str, *, keep_old_s: float = 604_800.0, to: Target = HERE) -> None:
    """Give an application a new secret; the old one ends after KEEP_OLD_S simulated seconds."""
    to.one(to.sim.post("applications", client_id, "rotate_secret", body={"keep_old_s": keep_old_s}))


@location.command(name="create")
def create_location(
    seller_id: str,
    location_id: str | None = None,
    *,
    name: str = "",
    marketplace: str | None = None,
    label_format: Literal["ZPL", "PNG", "PDF"] = "ZPL",
    listings_stock: bool = False,
    city: str | None = None,
    state: str | None = None,
    to: Target = HERE,
) -> None:
    """Create a place that a seller ships from.

    Args:
        listings_stock: Stock is published through listings, so that shipments arrive as CREATED.
    """
    given = {"location_id": location_id, "marketplace_id": marketplace, "city": city, "state": state}
    body: dict[str, object] = {key: value for key, value in given.items() if value}
    body |= {"name": name, "label_format": label_format}
    if listings_stock:
        body["stock_source"] = "LISTINGS"
    to.one(to.sim.post("sellers", seller_id, "locations", body=body))


@location.command(name="list")
def list_locations(seller_id: str, *, to: Target = HERE) -> None:
    """List a seller's locations."""
    to.rows(to.sim.get("sellers", seller_id, "locations")["items"], *LOCATION_COLUMNS)


@sku.command(name="create")
def create_sku(
    seller_id: str,
    name: str | None = None,
    *,
    title: str = "",
    stock: int = 100,
    price: str = "999.00",
    weight_g: float = 500.0,
    pieces: int = 1,
    serial_required: bool = False,
    at: tuple[str, ...] = (),
    to: Target = HERE,
) -> None:
    """Create a product and put its stock on the floor.

    Args:
        name: The SKU; made from the seed otherwise.
        at: Locations that hold the stock; all of the seller's otherwise.
    """
    body: dict[str, object] = {"title": title, "stock": stock, "price": price, "weight_g": weight_g, "pieces": pieces}
    body |= {"serial_required": serial_required, "location_ids": at}
    if name:
        body["sku"] = name
    to.one(to.sim.post("sellers", seller_id, "skus", body=body))


@sku.command(name="list")
def list_skus(seller_id: str, *, to: Target = HERE) -> None:
    """List a seller's products."""
    to.rows(to.sim.get("sellers", seller_id, "skus")["items"], *SKU_COLUMNS)


@sku.command(name="stock")
def list_stock(seller_id: str, *, location_id: str | None = None, name: str | None = None, to: Target = HERE) -> None:
    """List a seller's stock: published, reserved, sellable, on the floor, oversold."""
    rows = to.sim.get("sellers", seller_id, "stock", location_id=location_id, sku=name)["items"]
    to.rows(rows, *STOCK_COLUMNS)


@sku.command(name="count")
def set_stock(
    seller_id: str, location_id: str, name: str, on_hand: int, *, publish: bool = True, to: Target = HERE
) -> None:
    """Set the units on the floor, and publish them unless --no-publish."""
    body = {"location_id": location_id, "sku": name, "on_hand": on_hand, "publish": publish}
    to.one(to.sim.patch("sellers", seller_id, "stock", body=body))
