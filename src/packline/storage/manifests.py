"""Manifests with their parcels (implements `ports.manifests.ManifestStore`)."""

from collections.abc import Collection, Sequence
from datetime import datetime

import asyncpg
import msgspec

from packline.domain.manifest import Manifest
from packline.ports.manifests import Happened
from packline.ports.printing import Target
from packline.storage.targets import find_targets

_OPEN = """
insert into manifest (id, account_id, location_id, status, carrier, packages, opened_at, version, state)
values ($1, $2, $3, $4, $5, 0, $6, 0, $7) on conflict do nothing
"""
_ELSEWHERE = """
select tracking_id, manifest_id from manifest_package
where tracking_id = any($1::text[]) and manifest_id <> $2 and not left_behind
"""
_LEFT = """
select p.shipment_id, p.package_id from manifest_package p join manifest m on m.id = p.manifest_id
where p.shipment_id = any($1::text[]) and not p.left_behind and m.status = 'handed_over'
"""
_CHANGE = """
update manifest set status = $3, carrier = $4, packages = $5, state = $6, version = version + 1
where id = $1 and version = $2
"""
_REMOVE = "delete from manifest_package where manifest_id = $1 and tracking_id = any($2::text[])"
_ADD = """
insert into manifest_package (manifest_id, shipment_id, package_id, tracking_id)
select $1, * from unnest($2::text[], $3::text[], $4::text[])
"""
_LEAVE = "update manifest_package set left_behind = true where manifest_id = $1 and tracking_id = any($2::text[])"
_EVENTS = """
insert into event (at, account_id, location_id, shipment_id, name, cause, data)
select $1, $2, $3, nullif(t.shipment_id, ''), t.name, 'command', t.data
from unnest($4::text[], $5::text[], $6::bytea[]) with ordinality as t(shipment_id, name, data, place) order by t.place
"""
_state = msgspec.msgpack.Encoder()
_manifest = msgspec.msgpack.Decoder(Manifest)


class Manifests:
    """Where manifests are kept."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def find(self, references: Sequence[str]) -> list[Target]:
        """Name what is meant."""
        return await find_targets(self._pool, references)

    async def manifest(self, manifest_id: str) -> Manifest | None:
        """Read one manifest."""
        row = await self._pool.fetchrow("select state, version from manifest where id = $1", manifest_id)
        return msgspec.structs.replace(_manifest.decode(row["state"]), version=row["version"]) if row else None

    async def open(self, manifest: Manifest) -> Manifest:
        """Store a new manifest, or give the one that has this id."""
        async with self._pool.acquire() as connection, connection.transaction():
            done: str = await connection.execute(
                _OPEN, manifest.id, manifest.account, manifest.location, manifest.status.value, manifest.carrier,
                manifest.opened_at, _state.encode(manifest),
            )  # fmt: skip
            if done != "INSERT 0 0":
                happened = [Happened("manifest.opened")]
                await _tell(connection, manifest, happened, manifest.opened_by, manifest.opened_at)
                return manifest
        return await self.manifest(manifest.id) or manifest

    async def elsewhere(self, tracking_ids: Collection[str], manifest_id: str) -> dict[str, str]:
        """Tell which of these parcels are on another manifest, by tracking id."""
        rows = await self._pool.fetch(_ELSEWHERE, sorted(tracking_ids), manifest_id)
        return {row["tracking_id"]: row["manifest_id"] for row in rows}

    async def left(self, shipments: Collection[str]) -> set[tuple[str, str]]:
        """Tell which packages of these shipments left with a manifest that was handed over."""
        return {(r["shipment_id"], r["package_id"]) for r in await self._pool.fetch(_LEFT, sorted(shipments))}

    async def commit(
        self, before: Manifest, after: Manifest, happened: Sequence[Happened], by: str, now: datetime
    ) -> bool:
        """Write a change in one transaction; False where somebody was quicker (also with one of its parcels)."""
        known = {entry.tracking_id for entry in before.entries}
        kept = {entry.tracking_id for entry in after.entries}
        added = [entry for entry in after.entries if entry.tracking_id not in known]
        stayed = [entry.tracking_id for entry in after.entries if entry.left_behind]
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                done: str = await connection.execute(
                    _CHANGE, after.id, before.version, after.status.value, after.carrier, len(after.leaving),
                    _state.encode(after),
                )  # fmt: skip
                if done == "UPDATE 0":
                    return False
                await connection.execute(_REMOVE, after.id, sorted(known - kept))
                columns = [e.shipment for e in added], [e.package for e in added], [e.tracking_id for e in added]
                await connection.execute(_ADD, after.id, *columns)
                await connection.execute(_LEAVE, after.id, stayed)
                await _tell(connection, after, happened, by, now)
        except asyncpg.UniqueViolationError:  # put on another manifest at this very moment
            return False
        return True


async def _tell(
    connection: asyncpg.Connection, manifest: Manifest, happened: Sequence[Happened], by: str, now: datetime
) -> None:
    await connection.execute(
        _EVENTS,
        now,
        manifest.account,
        manifest.location,
        [one.entry.shipment if one.entry else "" for one in happened],
        [one.name for one in happened],
        [_data(manifest, one, by) for one in happened],
    )


def _data(manifest: Manifest, happened: Happened, by: str) -> bytes:
    told: dict[str, object] = {
        "type": happened.name.replace(".", "_"),
        "manifest": manifest.id,
        "carrier": manifest.carrier,
        "window": manifest.window,
        "packages": len(manifest.leaving),
        "by": by,
    }
    if happened.entry is not None:
        told |= {"package_id": happened.entry.package, "tracking_id": happened.entry.tracking_id}
    return msgspec.json.encode({"event": told})
