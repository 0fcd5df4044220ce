"""API keys in PostgreSQL: only the sha256 of a key is stored."""

import hashlib
from datetime import datetime

import asyncpg

from packline.domain.api_key import ApiKey, Role

_COLUMNS = "id, name, role, hint, created_at, accounts, locations, last_used_at, expires_at, revoked_at"
_USED = "update api_key set last_used_at = $2 where id = $1 and (last_used_at is null or last_used_at < $2)"


class ApiKeys:
    """Keys by their hash."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def add(self, key: ApiKey, secret: str) -> None:
        """Store a key under the hash of its secret."""
        await self._pool.execute(
            "insert into api_key (id, name, hash, hint, role, accounts, locations, created_at, expires_at)"
            " values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            key.id,
            key.name,
            hash_of(secret),
            key.hint,
            key.role.word,
            None if key.accounts is None else list(key.accounts),
            None if key.locations is None else list(key.locations),
            key.created_at,
            key.expires_at,
        )

    async def by_secret(self, secret: str) -> ApiKey | None:
        """Find the key whose secret this is."""
        row = await self._pool.fetchrow(f"select {_COLUMNS} from api_key where hash = $1", hash_of(secret))
        return key_of_row(row) if row else None

    async def listing(self) -> list[ApiKey]:
        """List all keys, the newest first."""
        rows = await self._pool.fetch(f"select {_COLUMNS} from api_key order by created_at desc, id")
        return [key_of_row(row) for row in rows]

    async def revoke(self, key_id: str, now: datetime) -> bool:
        """Revoke a key; False where there is none."""
        done: str = await self._pool.execute(
            "update api_key set revoked_at = coalesce(revoked_at, $2) where id = $1", key_id, now
        )
        return done != "UPDATE 0"

    async def used(self, key_id: str, now: datetime) -> None:
        """Note when a key was last used."""
        await self._pool.execute(_USED, key_id, now)

    async def exist(self) -> bool:
        """Tell whether any key was ever made."""
        return bool(await self._pool.fetchval("select exists (select from api_key)"))


def hash_of(secret: str) -> bytes:
    """Hash a secret of 160 random bits; a slow hash would protect nothing here."""
    return hashlib.sha256(secret.encode()).digest()


def key_of_row(row: asyncpg.Record) -> ApiKey:
    """Make the key of a row."""
    return ApiKey(
        id=row["id"],
        name=row["name"],
        role=Role[row["role"].upper()],
        hint=row["hint"],
        created_at=row["created_at"],
        accounts=None if row["accounts"] is None else tuple(row["accounts"]),
        locations=None if row["locations"] is None else tuple(row["locations"]),
        last_used_at=row["last_used_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
    )
