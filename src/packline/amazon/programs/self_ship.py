"""Self Ship (MFN, the seller's own carrier): the seller names the courier and tells everything up to the delivery."""

from packline.domain.program import Program

SELF_SHIP = Program(
    code="self_ship",
    name="Self Ship",
    channel="MFN",
    shipping_type="SELF",
    tells_shipped=True,
    tells_delivery=True,
    offers_slots=True,
    takes_courier=True,
)
