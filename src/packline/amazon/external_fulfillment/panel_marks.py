"""What Amazon's own panel leaves on a shipment, and what it is taken to mean: a table that the seller can set."""

from collections.abc import Mapping, Sequence

import msgspec

from packline.amazon.external_fulfillment import wire
from packline.amazon.external_fulfillment.wire import canonical
from packline.domain.panel import Scan, Source
from packline.domain.values import Value

SOURCES: Mapping[str, str] = {"INTERNAL_PLATFORM": Source.SMARTHUB, "EXTERNAL_PLATFORM": Source.INTEGRATOR}
"""What `shipmentInfo.processingSource` means; its description can be read both ways (see README)."""
SERIALS, BIN = "serials", "bin"
ATTRIBUTES: Mapping[str, str] = {"customSkuUnitIdentifiers": SERIALS, "warehouseBinIdentifier": BIN}
"""What a line's `customAttributes` hold, by their key."""


class Marks(Value, frozen=True):
    """The table: meanings by value of `processingSource`, and by key of a custom attribute (in lower case)."""

    sources: Mapping[str, str]
    attributes: Mapping[str, str]

    def source(self, told: str | None) -> str:
        """Give the meaning of a value; "" for one that has none."""
        meaning = self.sources.get(told or "")
        return self.sources.get(canonical(told), "") if meaning is None else meaning

    def scan(self, sku: str, units: int, attributes: Sequence[wire.CustomAttribute]) -> Scan | None:
        """Read what was scanned for a line; None where nothing was."""
        serials: tuple[str, ...] = ()
        bin_ = ""
        for attribute in attributes:
            meaning = self.attributes.get((attribute.key or "").lower())
            if meaning == SERIALS:
                serials = _listed(attribute.value)
            elif meaning == BIN:
                bin_ = _text(attribute.value)
        return Scan(sku, bin_, serials, units) if serials or bin_ else None


def marks_of(sources: Mapping[str, str], attributes: Mapping[str, str]) -> Marks:
    """Make the table of what is set; what stands in neither means nothing."""
    return Marks(
        {canonical(value): meaning for value, meaning in sources.items() if meaning in tuple(Source)},
        {key.lower(): meaning for key, meaning in attributes.items()},
    )


DEFAULT = marks_of(SOURCES, ATTRIBUTES)


def _listed(value: object) -> tuple[str, ...]:
    """Read a list in a string, as Amazon's example has it; anything else is one text, or several with commas."""
    text = _text(value)
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError:
        found = text.split(",")
    except RecursionError:  # lists in lists without end
        return ()
    listed = found if isinstance(found, list) else [found]
    return tuple(dict.fromkeys(one for one in map(_text, listed) if one))


def _text(value: object) -> str:
    """Give printable text: what holds control characters cannot be stored or shown."""
    text = "" if value is None or isinstance(value, list | dict) else str(value).strip()
    return text if text.isprintable() else ""
