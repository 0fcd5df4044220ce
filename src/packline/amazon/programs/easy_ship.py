"""Easy Ship (MFN, Amazon's carrier collects or receives the parcel): slots matter, the carrier's scan tells SHIPPED."""

from packline.domain.program import Program

EASY_SHIP = Program(
    code="easy_ship",
    name="Easy Ship",
    channel="MFN",
    shipping_type="MARKETPLACE",
    offers_slots=True,
)
