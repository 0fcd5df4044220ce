"""Consents under way in PostgreSQL, secrets encrypted (implements `commands.consents.ConsentStore`)."""

from datetime import datetime, timedelta

import asyncpg
import msgspec

from packline.domain.consent import Consent
from packline.domain.location import Account, Credentials
from packline.storage.secrets import Vault

KEPT = timedelta(days=1)
_ADD = """
insert into consent (state_hash, account, known, sealed, key_version, redirect_uri, by_whom, made_at)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_TAKE = """
update consent set used_at = $2 where state_hash = $1 and used_at is null
returning account, known, sealed, key_version, redirect_uri, by_whom, made_at
"""


class Consents:
    """What sellers were asked for, by the hash of their state: who reads the table can finish none."""

    def __init__(self, pool: asyncpg.Pool, vault: Vault) -> None:
        """Use the pool of this process and the vault that holds the keys."""
        self._pool, self._vault = pool, vault

    async def add(self, state: bytes, consent: Consent) -> None:
        """Keep a consent under the hash of its state; those that are long over are forgotten."""
        await self._pool.execute("delete from consent where made_at < $1", consent.made_at - KEPT)
        keys = Credentials(consent.client_id, consent.client_secret, "")
        sealed = self._vault.seal(_owner(state), msgspec.json.encode(keys))
        account = msgspec.json.encode(consent.account)
        values = (consent.known, sealed, self._vault.version, consent.redirect_uri, consent.by, consent.made_at)
        await self._pool.execute(_ADD, state, account, *values)

    async def take(self, state: bytes, now: datetime) -> Consent | None:
        """Give a consent once; None for a state that is not known, or was used."""
        row = await self._pool.fetchrow(_TAKE, state, now)
        if row is None:
            return None
        opened = self._vault.open(_owner(state), row["sealed"], row["key_version"])
        keys = msgspec.json.decode(opened, type=Credentials)
        return Consent(
            msgspec.json.decode(row["account"], type=Account),
            keys.client_id,
            keys.client_secret,
            row["redirect_uri"],
            row["by_whom"],
            row["made_at"],
            row["known"],
        )


def _owner(state: bytes) -> str:
    return f"consent {state.hex()}"
