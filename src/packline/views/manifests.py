"""Manifests: the list, one with its parcels, and what its PDF says."""

from datetime import datetime
from typing import Any

import asyncpg
import msgspec
from typing_extensions import TypedDict

from packline.domain.manifest import Entry, Manifest
from packline.errors import NotFound
from packline.views.paging import EVERYTHING, Conditions, Rows, Scope, decode_cursor, encode_cursor, moment_of
from packline.views.rows import WindowRow

_PLACE = """
select l.timezone, a.name from location l join account a on a.id = l.account_id where l.account_id = $1 and l.id = $2
"""
_manifest = msgspec.msgpack.Decoder(Manifest)


class ParcelRow(TypedDict):
    """One parcel on a manifest."""

    shipment: str
    package: str
    tracking_id: str
    order_id: str
    weight_g: float
    added_at: datetime
    added_by: str
    left_behind: bool


class ManifestRow(TypedDict):
    """A manifest; `packages` counts the parcels that leave, `most` is how many it takes."""

    id: str
    account: str
    location: str
    status: str
    carrier: str
    window: WindowRow | None
    packages: int
    most: int
    weight_g: float
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    closed_by: str
    handed_over_at: datetime | None
    handed_over_by: str


class ManifestDetail(ManifestRow):
    """A manifest with its parcels, in the order in which they were scanned."""

    parcels: list[ParcelRow]


class ManifestFilters(msgspec.Struct, frozen=True):
    """Which manifests a list holds; fields left out do not count."""

    account: str | None = None
    location: str | None = None
    status: str | None = None
    carrier: str | None = None
    tracking_id: str | None = None


ALL = ManifestFilters()


async def manifests(
    pool: asyncpg.Pool,
    filters: ManifestFilters = ALL,
    scope: Scope = EVERYTHING,
    *,
    limit: int = 50,
    after: str | None = None,
) -> Rows[ManifestRow]:
    """List manifests, the newest first."""
    conditions = Conditions(scope)
    conditions.add_if("account_id = {}", filters.account)
    conditions.add_if("location_id = {}", filters.location)
    conditions.add_if("status = {}", filters.status)
    conditions.add_if("carrier = {}", filters.carrier)
    conditions.add_if("id in (select manifest_id from manifest_package where tracking_id = {})", filters.tracking_id)
    if after:
        moment, last = decode_cursor(after, str, str)
        conditions.add("(opened_at, id) < ({}, {})", moment_of(moment), str(last))
    rows = await pool.fetch(
        "select id, opened_at, state, version from manifest"
        f" {conditions.where} order by opened_at desc, id desc limit {int(limit) + 1}",
        *conditions.values,
    )
    page = rows[:limit]
    following = encode_cursor(page[-1]["opened_at"], page[-1]["id"]) if len(rows) > limit else None
    return Rows([manifest_row(manifest_of(row)) for row in page], following)


async def one_manifest(pool: asyncpg.Pool, manifest_id: str, scope: Scope = EVERYTHING) -> Manifest:
    """Read one manifest.

    Raises NotFound.
    """
    row = await pool.fetchrow("select account_id, location_id, state, version from manifest where id = $1", manifest_id)
    if row is None or not scope.sees(row["account_id"], row["location_id"]):
        raise NotFound(f"There is no manifest {manifest_id}.", hint="List them with GET /v1/manifests.")
    return manifest_of(row)


async def place_of(pool: asyncpg.Pool, manifest: Manifest) -> tuple[str, str]:
    """Give the time zone that a manifest is written in, and the seller's name."""
    row = await pool.fetchrow(_PLACE, manifest.account, manifest.location)
    return (row["timezone"], row["name"]) if row else ("UTC", "")


def manifest_of(row: Any) -> Manifest:
    """Read the manifest of a row that has `state` and `version`."""
    return msgspec.structs.replace(_manifest.decode(row["state"]), version=row["version"])


def manifest_row(manifest: Manifest) -> ManifestRow:
    """Show a manifest as a list does."""
    window = manifest.window
    return ManifestRow(
        id=manifest.id,
        account=manifest.account,
        location=manifest.location,
        status=manifest.status.value,
        carrier=manifest.carrier,
        window=WindowRow(start=window.start, end=window.end, method=window.method) if window else None,
        packages=len(manifest.leaving),
        most=manifest.most,
        weight_g=round(sum(entry.weight_g for entry in manifest.leaving), 1),
        opened_at=manifest.opened_at,
        opened_by=manifest.opened_by,
        closed_at=manifest.closed_at,
        closed_by=manifest.closed_by,
        handed_over_at=manifest.handed_over_at,
        handed_over_by=manifest.handed_over_by,
    )


def manifest_detail(manifest: Manifest) -> ManifestDetail:
    """Show a manifest with its parcels."""
    return ManifestDetail(**manifest_row(manifest), parcels=[_parcel(entry) for entry in manifest.entries])


def _parcel(entry: Entry) -> ParcelRow:
    return ParcelRow(
        shipment=entry.shipment,
        package=entry.package,
        tracking_id=entry.tracking_id,
        order_id=entry.order_id,
        weight_g=entry.weight_g,
        added_at=entry.added_at,
        added_by=entry.added_by,
        left_behind=entry.left_behind,
    )
