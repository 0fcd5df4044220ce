"""The capability tables inside docs/programs, from the programs' own data."""

from chapters.tables import table
from packline.amazon.programs import PROGRAMS
from packline.domain.program import Program
from packline.domain.shipment import Status

BEGIN, END = "<!-- made by scripts/reference.py: begin -->", "<!-- end -->"


def with_capabilities(page: str, code: str) -> str:
    """Put the capability table of a program between the page's two markers. Raises ValueError without markers."""
    before, found, rest = page.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (found and ended):
        raise ValueError(f"The page of {code} lacks the markers {BEGIN} and {END}.")
    return f"{before}{BEGIN}\n{_capabilities(PROGRAMS[code])}{END}{after}"


def comparison() -> str:
    """Write all programs side by side."""
    columns = [_rows(program) for program in PROGRAMS.values()]
    rows = [(first[0], *(column[i][1] for column in columns)) for i, first in enumerate(columns[0])]
    return table(("", *(program.name for program in PROGRAMS.values())), rows)


def _capabilities(program: Program) -> str:
    return table(("Question", "Answer"), _rows(program))


def _rows(program: Program) -> list[tuple[str, str]]:
    journey = " → ".join(status.value for status in program.journey if status is not Status.CREATED)
    return [
        ("Code in Packline", f"`{program.code}`"),
        ("How a shipment tells it", f"`channelName` {program.channel}, `shippingType` {program.shipping_type}"),
        ("Journey", journey),
        ("Handover slots to choose from", "yes" if program.offers_slots else "no: Amazon has chosen"),
        ("Who tells Amazon that it has left", _leaver(program)),
        ("Who tells the delivery", "the seller" if program.tells_delivery else "the carrier"),
        ("Courier and tracking id of the seller's own", "yes" if program.takes_courier else "no"),
    ]


def _leaver(program: Program) -> str:
    if not program.tells_shipped:
        return "the carrier's scan"
    return "the seller; where Amazon refuses that, the carrier's scan" if program.carrier_may_tell else "the seller"
