"""`/v1/routing`: which locations would ship an order, and what that is decided from."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from packline.api.access import needs, refuse_bound_key, refuse_other_account, services_of
from packline.api.answers import Json
from packline.commands.route import Route, place, route, take_centroids
from packline.domain.api_key import Role
from packline.domain.routing.order import Allocation, Demand, Placing
from packline.oms.table_files import format_of, read_rows
from packline.storage.routing import Routing

reads = APIRouter(prefix="/routing", tags=["routing"], dependencies=[needs(Role.READER)])
router = APIRouter(prefix="/routing", tags=["routing"], dependencies=[needs(Role.OPERATOR)])
Text = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
Units = Annotated[int, Field(ge=0, le=10_000_000)]
_BODY = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}}}}


class LineIn(BaseModel):
    """Units of a SKU that a line asks for."""

    model_config = ConfigDict(extra="forbid")
    line: Text
    sku: Text
    units: Annotated[int, Field(ge=1, le=1_000_000)]


class RouteIn(BaseModel):
    """An order to allocate; without `stock` (units by location and SKU) the ledger's counts."""

    model_config = ConfigDict(extra="forbid")
    account: Text
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=1000)]
    country: Text = ""
    postal_code: Text = ""
    ship_by: AwareDatetime | None = None
    rejected: Annotated[list[Text], Field(max_length=1000)] = []
    stock: dict[Text, dict[Text, Units]] | None = None

    def order(self) -> Route:
        """Give the order."""
        lines = tuple(Demand(one.line, one.sku, one.units) for one in self.lines)
        told = (self.country, self.postal_code, self.ship_by, tuple(self.rejected), self.stock)
        return Route(self.account, lines, *told)


class PlacingIn(BaseModel):
    """Where a location lies and how it is to be used."""

    model_config = ConfigDict(extra="forbid")
    account: Text
    location: Text
    country: Text = ""
    postal_code: Text = ""
    priority: Annotated[int, Field(ge=0, le=1_000_000)] = 100
    capacity: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    cut_off: Text | None = None


class PortionRow(TypedDict):
    """Units of a line."""

    line: str
    sku: str
    units: int


class ParcelRow(TypedDict):
    """What one location would ship, and why; `km` is null where the distance is not known."""

    location: str
    lines: list[PortionRow]
    km: float | None
    leaves_at: datetime | None
    is_late: bool
    why: str


class AllocationRow(TypedDict):
    """Parcels, units that nobody has, and the reasons; `is_proven` says that there is no better allocation."""

    parcels: list[ParcelRow]
    short: list[PortionRow]
    why: list[str]
    is_proven: bool


class CentroidFault(TypedDict):
    """A row that was not taken."""

    line: int
    row: dict[str, Any]
    reason: str


class CentroidsTaken(TypedDict):
    """How many centroids were stored, and the rows that were not."""

    taken: int
    refused: list[CentroidFault]


@reads.post("/allocate", response_model=AllocationRow)
async def allocate_order(request: Request, body: RouteIn) -> Any:
    """Say which locations would ship an order, and why. Nothing is reserved; ask again with who `rejected` it."""
    refuse_other_account(request, body.account)
    services = services_of(request)
    return Json(allocation_row(await route(Routing(services.pool), services.accounts, services.clock, body.order())))


@router.put("/locations", status_code=204)
async def place_location(request: Request, body: PlacingIn) -> Response:
    """Say where a location lies, and how it is to be used: priority, parcels a day, cut-off."""
    refuse_other_account(request, body.account)
    services = services_of(request)
    placing = Placing(body.location, body.country, body.postal_code, body.priority, body.capacity, body.cut_off)
    await place(Routing(services.pool), services.accounts, body.account, placing)
    return Response(status_code=204)


@router.post("/centroids", response_model=CentroidsTaken, openapi_extra=_BODY)
async def import_centroids(request: Request, name: Annotated[str, Query(max_length=200)] = "") -> Any:
    """Take centroids of postal codes in: a table with postal_code, country, latitude and longitude."""
    refuse_bound_key(request)
    content = await request.body()
    rows = read_rows(content, format_of(name, content))
    taken, refused = await take_centroids(Routing(services_of(request).pool), rows)
    told = [{"line": line, "row": row, "reason": reason} for line, row, reason in refused]
    return Json({"taken": taken, "refused": told})


def allocation_row(found: Allocation) -> dict[str, Any]:
    """Show an allocation."""
    return {
        "parcels": [
            {
                "location": one.location,
                "lines": _portions(one.lines),
                "km": None if one.metres is None else round(one.metres / 1000, 1),
                "leaves_at": one.leaves_at,
                "is_late": one.is_late,
                "why": one.why,
            }
            for one in found.parcels
        ],
        "short": _portions(found.short),
        "why": list(found.why),
        "is_proven": found.is_proven,
    }


def _portions(lines: tuple[tuple[str, str, int], ...]) -> list[dict[str, Any]]:
    return [{"line": line, "sku": sku, "units": units} for line, sku, units in lines]
