"""The part of a shipment that people and checks read (lines, recommended packages, address), decoded when asked for."""

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
    """What is in a shipment and where it goes; `ship_to` holds what Amazon gave (a postal code for Seller Flex)."""

    lines: tuple[Line, ...]
    recommended: tuple[RecommendedPackage, ...] = ()
    ship_to: dict[str, str] = {}
    ship_method: str = ""
    payment: str = ""
