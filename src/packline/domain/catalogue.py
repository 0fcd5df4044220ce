"""The catalogue: what Amazon and the seller know of one packed unit of a SKU."""

from packline.domain.values import Box, Value


class Listed(Value, frozen=True):
    """What a listing says of a SKU in a marketplace; `box` is None where it does not say size and weight."""

    sku: str
    marketplace: str
    box: Box | None = None
    asin: str = ""
    title: str = ""
    product_type: str = ""
