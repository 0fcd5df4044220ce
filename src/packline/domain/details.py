"""The part of a shipment that people and checks read (lines, recommended packages, address), decoded when asked for."""

import msgspec

from packline.domain.values import Box, Money, Value


class Line(Value, frozen=True):
    """One line of a shipment, with what Amazon requires or forbids for it (`complianceAttributes`)."""

    id: str
    sku: str
    units: int
    title: str = ""
    serial_numbers: str = "DISALLOWED"
    hazmat_labels: str = "DISALLOWED"
    country_of_origin: str = "DISALLOWED"
    item_value: str = "DISALLOWED"
    multi_piece: bool = False
    gift_wrap: bool = False
    gift_message: bool = False
    recommended_country: str | None = None
    recommended_currency: str | None = None
    total: Money | None = None


class RecommendedPackage(Value, frozen=True):
    """A box that Amazon recommends, and the lines it is for with their units (0 where Amazon gives no quantity)."""

    box: Box | None
    lines: tuple[tuple[str, int], ...]


class Details(Value, frozen=True):
    """What is in a shipment and where it goes; `ship_to` holds what Amazon gave (a postal code for Seller Flex).

    `tracking_id` is what Amazon tells of a parcel that somebody else scheduled, where the shipment's body tells it.
    """

    lines: tuple[Line, ...]
    recommended: tuple[RecommendedPackage, ...] = ()
    ship_to: dict[str, str] = {}
    ship_method: str = ""
    payment: str = ""
    tracking_id: str = ""


class _Left(Value, frozen=True):
    left: Details


_LEFT = b'{"left":'
_left = msgspec.json.Decoder(_Left)


def left_of(details: Details) -> bytes:
    """Write what stays of a body when its personal data is erased: everything but whom it goes to."""
    return msgspec.json.encode(_Left(msgspec.structs.replace(details, ship_to={})))


def read_left(body: bytes) -> Details | None:
    """Read what `left_of` wrote; None for a body of Amazon's."""
    return _left.decode(body).left if body.startswith(_LEFT) else None
