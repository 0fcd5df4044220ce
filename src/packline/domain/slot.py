"""Shipping options and the choice among them."""

from datetime import datetime
from enum import StrEnum

from packline.domain.values import Value, Window


class SlotPolicy(StrEnum):
    """How to choose a shipping option: Amazon's recommendation, the earliest window, or a preferred window."""

    RECOMMENDED = "recommended"
    EARLIEST = "earliest"
    WINDOW = "window"
    OPTION = "option"


class SlotPreference(Value, frozen=True):
    """What the seller prefers; times of day are `HH:MM` in the location's zone, already turned to a window here."""

    policy: SlotPolicy = SlotPolicy.RECOMMENDED
    method: str | None = None
    window: Window | None = None
    option_id: str | None = None


class ShippingOption(Value, frozen=True):
    """One way to hand a package over (External Fulfillment Shipments 2024-09-11, `ShippingOption`)."""

    id: str
    ship_by: str
    carrier: str = ""
    window: Window | None = None
    recommended: bool = False


class Courier(Value, frozen=True):
    """The seller's own carrier and its tracking id, for options that are shipped by a third party."""

    carrier: str
    tracking_id: str


def choose(options: tuple[ShippingOption, ...], preference: SlotPreference, now: datetime) -> ShippingOption | None:
    """Choose an option by policy; None where Amazon offers none that is still open.

    An option whose window has started is gone. A preferred window that nothing fits falls back to the recommendation,
    then to the earliest, so that a preference never stops a parcel.
    """
    open_options = [o for o in options if o.window is None or o.window.start > now]
    wanted = [o for o in open_options if not preference.method or _method(o) in ("", preference.method)]
    candidates = sorted(wanted or open_options, key=_start)
    if not candidates:
        return None
    fitting = [o for o in candidates if _fits(o, preference)]
    if fitting:
        return fitting[0]
    return next((o for o in candidates if o.recommended), candidates[0])


def meets(option: ShippingOption, preference: SlotPreference) -> bool:
    """Tell whether an option is what the seller wished, or the next best."""
    return _fits(option, preference) and (not preference.method or _method(option) in ("", preference.method))


def _method(option: ShippingOption) -> str:
    return option.window.method if option.window else ""


def _start(option: ShippingOption) -> float:
    return option.window.start.timestamp() if option.window else 0.0


def _fits(option: ShippingOption, preference: SlotPreference) -> bool:
    match preference.policy:
        case SlotPolicy.EARLIEST:
            return True
        case SlotPolicy.OPTION:
            return option.id == preference.option_id
        case SlotPolicy.WINDOW if preference.window and option.window:
            return option.window.start >= preference.window.start and option.window.end <= preference.window.end
        case _:
            return option.recommended
