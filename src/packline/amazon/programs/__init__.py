"""Programs: each one is data, told apart by (channel, shipping type)."""

import functools

from packline.amazon.programs.easy_ship import EASY_SHIP
from packline.amazon.programs.self_ship import SELF_SHIP
from packline.amazon.programs.seller_flex import SELLER_FLEX
from packline.domain.program import Program

PROGRAMS: dict[str, Program] = {p.code: p for p in (SELLER_FLEX, EASY_SHIP, SELF_SHIP)}


@functools.cache
def program_of(channel: str, shipping_type: str) -> Program | None:
    """Tell the program; an FBA shipment without a shipping type is Seller Flex (Amazon's own examples leave it out)."""
    for program in PROGRAMS.values():
        if program.channel == channel.upper() and shipping_type.upper() in (program.shipping_type, ""):
            return program
    return None
