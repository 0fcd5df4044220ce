"""Easy Ship's own rules: what each marketplace offers, and how full carriers' windows are."""

from datetime import datetime
from typing import Annotated

import msgspec

from packline_sim.clock import to_datetime, to_ms
from packline_sim.control.endpoint import Endpoint, delete, get, patch, post
from packline_sim.control.paging import Page
from packline_sim.control.problems import not_found
from packline_sim.control.reading import BadInput, FieldError
from packline_sim.control.stage import Stage
from packline_sim.easy_ship.calendar import default_off_days
from packline_sim.easy_ship.capabilities import CAPABILITIES, Capability, capability
from packline_sim.easy_ship.slots import window_rows
from packline_sim.marketplaces import MARKETPLACES, Marketplace
from packline_sim.orders.records import Handover

Sides = tuple[float, float, float]


class CapabilityView(msgspec.Struct, frozen=True, kw_only=True):
    """Show what Easy Ship offers in a marketplace; `served` false answers RegionNotSupported to every call."""

    marketplace_id: str
    country: str
    served: bool
    changed: bool
    slots: bool = False
    create: bool = False
    read: bool = False
    update: bool = False
    bulk: bool = False
    handover: tuple[Handover, ...] = ()
    label_formats: tuple[str, ...] = ()
    invoice: bool = False
    warranty: bool = False
    document_feed: bool = False
    archive: bool = False
    most_grams: float = 0.0
    most_sides_cm: Sides = (0.0, 0.0, 0.0)
    most_girth_cm: float | None = None


class CapabilityChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Change what a marketplace offers; what is left out stays."""

    slots: bool | None = None
    create: bool | None = None
    read: bool | None = None
    update: bool | None = None
    bulk: bool | None = None
    handover: tuple[Handover, ...] | None = None
    label_formats: tuple[str, ...] | None = None
    invoice: bool | None = None
    warranty: bool | None = None
    document_feed: bool | None = None
    archive: bool | None = None
    most_grams: float | None = None
    most_sides_cm: Sides | None = None
    most_girth_cm: float | None = None


class SellerMarketplace(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Name a seller in a marketplace; without `marketplace_id` its first one."""

    seller_id: str
    marketplace_id: str | None = None


class CalendarChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Change a seller's calendar: its weekly off days (0 is Monday), and how many packages a window takes.

    A `capacity` of -1 leaves it to the switch `slot_capacity`. While `carrier_away` holds, the carrier does not answer
    Amazon: windows are neither listed nor booked nor changed, and such calls end with InternalServerError.
    """

    seller_id: str
    marketplace_id: str | None = None
    off_days: tuple[Annotated[int, msgspec.Meta(ge=0, le=6)], ...] | None = None
    capacity: Annotated[int, msgspec.Meta(ge=-1)] | None = None
    carrier_away: bool | None = None


class CalendarView(msgspec.Struct, frozen=True, kw_only=True):
    """Show a seller's calendar; `capacity` None: as the switch `slot_capacity` says."""

    seller_id: str
    marketplace_id: str
    off_days: tuple[int, ...]
    capacity: int | None
    carrier_away: bool = False


class WindowView(msgspec.Struct, frozen=True, kw_only=True):
    """Show a window that orders may be scheduled in, and how many of the seller's packages are in it."""

    start: datetime
    end: datetime
    method: Handover
    taken: int
    is_open: bool


class WindowChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Name one window of a seller by its beginning."""

    seller_id: str
    start: datetime
    marketplace_id: str | None = None


def list_capabilities(stage: Stage) -> Page[CapabilityView]:
    """List what Easy Ship offers in each marketplace now."""
    return Page([_view(stage, marketplace_id) for marketplace_id in MARKETPLACES])


def change_capability(stage: Stage, marketplace_id: str, body: CapabilityChange) -> CapabilityView:
    """Change what a marketplace offers, also where Easy Ship was not served before."""
    marketplace = _marketplace(marketplace_id)
    given = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not None}
    row = capability(stage.world, marketplace_id) or CAPABILITIES.get(marketplace_id)
    row = row or Capability(country=marketplace.country)
    stage.world.easy_ship.capabilities[marketplace_id] = msgspec.structs.replace(row, **given)
    return _view(stage, marketplace_id)


def reset_capability(stage: Stage, marketplace_id: str) -> CapabilityView:
    """Let a marketplace offer again what it does by itself."""
    _marketplace(marketplace_id)
    stage.world.easy_ship.capabilities.pop(marketplace_id, None)
    return _view(stage, marketplace_id)


def show_calendar(stage: Stage, query: SellerMarketplace) -> CalendarView:
    """Show a seller's weekly off days, how many packages its windows take, and whether the carrier answers."""
    marketplace_id = _own(stage, query.seller_id, query.marketplace_id)
    book, key = stage.world.easy_ship, (query.seller_id, marketplace_id)
    return CalendarView(
        seller_id=query.seller_id,
        marketplace_id=marketplace_id,
        off_days=tuple(sorted(book.off_days.get(key, default_off_days(MARKETPLACES[marketplace_id])))),
        capacity=book.capacity.get(key),
        carrier_away=key in book.carrier_away,
    )


def change_calendar(stage: Stage, body: CalendarChange) -> CalendarView:
    """Change a seller's weekly off days, how many packages its windows take, or whether the carrier answers."""
    marketplace_id = _own(stage, body.seller_id, body.marketplace_id)
    book, key = stage.world.easy_ship, (body.seller_id, marketplace_id)
    if body.off_days is not None:
        book.off_days[key] = frozenset(body.off_days)
    if body.capacity == -1:
        book.capacity.pop(key, None)
    elif body.capacity is not None:
        book.capacity[key] = body.capacity
    if body.carrier_away is not None:
        (book.carrier_away.add if body.carrier_away else book.carrier_away.discard)(key)
    return show_calendar(stage, SellerMarketplace(seller_id=body.seller_id, marketplace_id=marketplace_id))


def list_windows(stage: Stage, query: SellerMarketplace) -> Page[WindowView]:
    """List the windows that a seller's orders could be scheduled in now."""
    marketplace_id = _own(stage, query.seller_id, query.marketplace_id)
    row = capability(stage.world, marketplace_id)
    if row is None:
        return Page([])
    rows = window_rows(stage.world, query.seller_id, marketplace_id, row)
    return Page(
        [
            WindowView(start=to_datetime(start), end=to_datetime(end), method=method, taken=taken, is_open=is_open)
            for start, end, method, taken, is_open in rows
        ]
    )


def close_window(stage: Stage, body: WindowChange) -> Page[WindowView]:
    """Let one window take no more packages, also of those who listed it before."""
    marketplace_id = _own(stage, body.seller_id, body.marketplace_id)
    stage.world.easy_ship.closed.add((body.seller_id, marketplace_id, to_ms(body.start)))
    return list_windows(stage, SellerMarketplace(seller_id=body.seller_id, marketplace_id=marketplace_id))


def open_window(stage: Stage, body: WindowChange) -> Page[WindowView]:
    """Let a window that was closed take packages again."""
    marketplace_id = _own(stage, body.seller_id, body.marketplace_id)
    stage.world.easy_ship.closed.discard((body.seller_id, marketplace_id, to_ms(body.start)))
    return list_windows(stage, SellerMarketplace(seller_id=body.seller_id, marketplace_id=marketplace_id))


def _view(stage: Stage, marketplace_id: str) -> CapabilityView:
    row = capability(stage.world, marketplace_id)
    changed = marketplace_id in stage.world.easy_ship.capabilities
    country = MARKETPLACES[marketplace_id].country
    fields = {} if row is None else msgspec.structs.asdict(row)
    fields |= {"country": country, "served": row is not None, "changed": changed}
    return CapabilityView(marketplace_id=marketplace_id, **fields)


def _marketplace(marketplace_id: str) -> Marketplace:
    found = MARKETPLACES.get(marketplace_id)
    if found is None:
        raise not_found("marketplace", marketplace_id, "GET /_sim/easy_ship/capabilities lists them.")
    return found


def _own(stage: Stage, seller_id: str, marketplace_id: str | None) -> str:
    own = stage.seller(seller_id).marketplace_ids
    if marketplace_id is None:
        return own[0]
    if marketplace_id not in own:
        raise BadInput(FieldError("/marketplace_id", f"the seller does not sell there; it does in {', '.join(own)}"))
    return marketplace_id


ENDPOINTS: tuple[Endpoint, ...] = (
    get("/easy_ship/capabilities", list_capabilities),
    patch("/easy_ship/capabilities/{marketplace_id}", change_capability),
    delete("/easy_ship/capabilities/{marketplace_id}", reset_capability),
    get("/easy_ship/calendar", show_calendar),
    patch("/easy_ship/calendar", change_calendar),
    get("/easy_ship/windows", list_windows),
    post("/easy_ship/windows/close", close_window),
    post("/easy_ship/windows/open", open_window),
)
