"""Seller Flex (FBA from the seller's warehouse): Amazon picks carrier and window; the seller tells the hand-over."""

from packline.domain.program import Program

SELLER_FLEX = Program(
    code="seller_flex",
    name="Seller Flex",
    channel="FBA",
    shipping_type="MARKETPLACE",
    tells_shipped=True,
    carrier_may_tell=True,
)
