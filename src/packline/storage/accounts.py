"""Accounts and locations in PostgreSQL, credentials encrypted (implements `ports.AccountStore`)."""

from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec

from packline.domain.location import Account, Api, Credentials, Location, Region, StockOn, stranger
from packline.domain.slot import SlotPolicy
from packline.domain.values import body_hash
from packline.errors import Conflict, NotFound, PacklineError
from packline.storage.credentials import begin
from packline.storage.secrets import Vault
from packline.storage.together import Together

_ACCOUNT = (
    "id, name, seller_id, region, marketplaces, endpoint, token_url, application_id, enabled, stock_on, usage_plan,"
    " paused_reason, api, orders_api"
)
_LOCATION = (
    "account_id, id, name, timezone, programs, auto_confirm, slot_policy, slot_method, slot_from, slot_to, enabled"
)
_PUT = f"""
insert into account ({_ACCOUNT}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
on conflict (id) do update set name = excluded.name, seller_id = excluded.seller_id, region = excluded.region,
    marketplaces = excluded.marketplaces, endpoint = excluded.endpoint, token_url = excluded.token_url,
    application_id = excluded.application_id, enabled = excluded.enabled, stock_on = excluded.stock_on,
    usage_plan = excluded.usage_plan, paused_reason = excluded.paused_reason, api = excluded.api,
    orders_api = excluded.orders_api, updated_at = now()
returning xmax = 0 as inserted
"""
_PUT_LOCATION = f"""
insert into location ({_LOCATION}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (account_id, id) do update set name = excluded.name, timezone = excluded.timezone,
    programs = excluded.programs, auto_confirm = excluded.auto_confirm, slot_policy = excluded.slot_policy,
    slot_method = excluded.slot_method, slot_from = excluded.slot_from, slot_to = excluded.slot_to,
    enabled = excluded.enabled
returning xmax = 0 as inserted
"""
_PAUSE = """
with before as (select id, paused_reason is not null as was_paused from account where id = $1 for update), p as (
    update account a set paused_reason = $2, updated_at = now() from before where a.id = before.id
)
insert into event (at, account_id, name, cause, data)
select now(), id, $3, $4, $5 from before where was_paused <> ($2::text is not null)
"""
_ELSEWHERE = """
select exists (select 1 from call where account_id = $1 and status between 200 and 299
    and operation <> all($2::text[] || array['signIn', 'requestAccessToken'])
    and at > (select max(at) from call where account_id = $1) - interval '10 minutes')
"""
_CLOSED = """
insert into parked (account_id, source, hash, body, reason, created_at) values ($1, $2, $3, $4, $5, now())
on conflict (account_id, source, hash) do update set reason = excluded.reason, resolved_at = null
"""
_LOOK_BACK = "delete from intake_cursor where account_id = $1"
_KNOWN_NOW = """
update parked set resolved_at = now() where account_id = $1 and resolved_at is null and starts_with(reason, $2)
"""


class Accounts:
    """Who sells, from where, and with which credentials."""

    def __init__(self, pool: asyncpg.Pool, vault: Vault) -> None:
        """Use the pool of this process and the vault that holds the keys."""
        self._pool, self._vault = pool, vault
        self._accounts = Together(self._read_accounts)
        self._locations = Together(self._read_locations)
        self._credentials = Together(self._read_credentials)

    async def accounts(self) -> list[Account]:
        """List all accounts."""
        return [_account(row) for row in await self._pool.fetch(f"select {_ACCOUNT} from account order by id")]

    async def account(self, account_id: str) -> Account | None:
        """Read one account."""
        return await self._accounts.ask(account_id)

    async def _read_accounts(self, ids: list[str]) -> dict[str, Account]:
        rows = await self._pool.fetch(f"select {_ACCOUNT} from account where id = any($1::text[])", ids)
        return {row["id"]: _account(row) for row in rows}

    async def locations(self, account_id: str) -> list[Location]:
        """List the locations of an account."""
        return await self._locations.ask(account_id) or []

    async def _read_locations(self, accounts: list[str]) -> dict[str, list[Location]]:
        sql = f"select {_LOCATION} from location where account_id = any($1::text[]) order by id"
        found: dict[str, list[Location]] = {}
        for row in await self._pool.fetch(sql, accounts):
            found.setdefault(row["account_id"], []).append(_location(row))
        return found

    async def pause(self, account_id: str, reason: str | None) -> None:
        """Pause an account with its reason, or let it go on (None), and tell of it where that changes anything."""
        await self._tell_paused(account_id, reason, "account.paused" if reason else "account.resumed", "command")

    async def unauthorized(self, account_id: str, reason: str) -> None:
        """Pause an account whose authorisation Amazon refuses, and tell of it once, as `account.unauthorized`."""
        await self._tell_paused(account_id, reason, "account.unauthorized", "amazon")

    async def is_answered_elsewhere(self, account_id: str, operations: Sequence[str]) -> bool:
        """Tell whether Amazon answered other operations of an account well in its last ten minutes of calls."""
        return bool(await self._pool.fetchval(_ELSEWHERE, account_id, list(operations)))

    async def closed(self, account_id: str, api: str, reason: str) -> None:
        """Put on a person's list that Amazon does not let an account into one API; once for each."""
        body = api.encode()
        await self._pool.execute(_CLOSED, account_id, "unauthorized", body_hash(body), body, reason)

    async def _tell_paused(self, account_id: str, reason: str | None, name: str, cause: str) -> None:
        told = {"event": {"type": name.replace(".", "_"), "reason": reason}, "account": {"id": account_id}}
        await self._pool.execute(_PAUSE, account_id, reason, name, cause, msgspec.json.encode(told))

    async def put(self, account: Account, credentials: Credentials | None = None) -> bool:
        """Add or change an account; True where it is new. Credentials stay as they are where none are given."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(_PUT, *_values(account))
            if credentials is not None:
                await begin(connection, account.id, await self._sealed(connection, account.id), credentials)
                sealed = self._vault.seal(account.id, msgspec.json.encode(credentials))
                sql = "update account set credentials = $2, key_version = $3 where id = $1"
                await connection.execute(sql, account.id, sealed, self._vault.version)
        return bool(row["inserted"])

    async def _sealed(self, connection: asyncpg.Connection, account_id: str) -> Credentials | None:
        """Read what an account signed in with so far; None where that is nothing, or cannot be opened any more."""
        row = await connection.fetchrow("select credentials, key_version from account where id = $1", account_id)
        if row is None or row["credentials"] is None:
            return None
        try:
            opened = self._vault.open(account_id, row["credentials"], row["key_version"])
        except PacklineError:
            return None
        return msgspec.json.decode(opened, type=Credentials)

    async def put_location(self, location: Location) -> None:
        """Add or change a location; raises NotFound where its account does not exist.

        A new location lets intake look back again: shipments from there were passed over before.
        """
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                row = await connection.fetchrow(_PUT_LOCATION, *_location_values(location))
                if row["inserted"]:
                    await connection.execute(_LOOK_BACK, location.account)
                    await connection.execute(_KNOWN_NOW, location.account, stranger(location.id))
        except asyncpg.ForeignKeyViolationError as error:
            raise NotFound(f"There is no account {location.account}.", hint="Add the account first.") from error

    async def remove(self, account_id: str) -> None:
        """Forget an account and its locations; refused while shipments of it are still open."""
        open_count = await self._pool.fetchval(
            "select count(*) from (select 1 from shipment where account_id = $1"
            " and status not in ('DELIVERED', 'CANCELLED') limit 1) x",
            account_id,
        )
        if open_count:
            raise Conflict(
                f"Account {account_id} still has open shipments.",
                hint="Disable it instead (`packline account disable`), or wait until they are over.",
            )
        await self._pool.execute("delete from account where id = $1", account_id)

    async def remove_location(self, account_id: str, location_id: str) -> bool:
        """Forget a location; False where there was none."""
        done = await self._pool.execute(
            "delete from location where account_id = $1 and id = $2", account_id, location_id
        )
        return bool(done != "DELETE 0")

    async def credentials(self, account_id: str) -> Credentials:
        """Read and decrypt an account's credentials; raises NotFound where there are none."""
        sealed = await self._credentials.ask(account_id)
        if sealed is None:
            raise NotFound(
                f"Account {account_id} has no credentials.",
                hint=f"Store them: `packline account authorize {account_id}`.",
            )
        return msgspec.json.decode(self._vault.open(account_id, *sealed), type=Credentials)

    async def _read_credentials(self, ids: list[str]) -> dict[str, tuple[bytes, int]]:
        sql = "select id, credentials, key_version from account where id = any($1::text[]) and credentials is not null"
        return {row["id"]: (row["credentials"], row["key_version"]) for row in await self._pool.fetch(sql, ids)}

    async def reseal(self) -> int:
        """Encrypt every credential with the newest key; return how many were old.

        Credentials that are replaced meanwhile are left as they are: they carry the newest key already.
        """
        rows = await self._pool.fetch(
            "select id, credentials, key_version from account where credentials is not null and key_version <> $1",
            self._vault.version,
        )
        for row in rows:
            sealed = self._vault.seal(row["id"], self._vault.open(row["id"], row["credentials"], row["key_version"]))
            sql = "update account set credentials = $2, key_version = $3 where id = $1 and credentials = $4"
            await self._pool.execute(sql, row["id"], sealed, self._vault.version, row["credentials"])
        return len(rows)

    async def directory(self, account_id: str) -> tuple[Account, Credentials]:
        """Give an account with its credentials, as the gateway wants it; raises NotFound."""
        account = await self.account(account_id)
        if account is None:
            raise NotFound(f"There is no account {account_id}.")
        return account, await self.credentials(account_id)


def _values(account: Account) -> list[Any]:
    return [
        account.id,
        account.name,
        account.seller_id,
        account.region.value,
        list(account.marketplaces),
        account.endpoint,
        account.token_url,
        account.application_id,
        account.enabled,
        account.stock_on.value,
        account.usage_plan,
        account.paused_reason,
        account.api.value,
        account.orders_api,
    ]


def _location_values(location: Location) -> list[Any]:
    return [
        location.account,
        location.id,
        location.name,
        location.timezone,
        list(location.programs),
        location.auto_confirm,
        location.slot_policy.value,
        location.slot_method,
        location.slot_from,
        location.slot_to,
        location.enabled,
    ]


def _account(row: asyncpg.Record) -> Account:
    values = dict(row)
    values |= {"region": Region(row["region"]), "stock_on": StockOn(row["stock_on"]), "api": Api(row["api"])}
    return Account(**values | {"marketplaces": tuple(row["marketplaces"])})


def _location(row: asyncpg.Record) -> Location:
    values = dict(row)
    values["account"] = values.pop("account_id")
    values |= {"slot_policy": SlotPolicy(row["slot_policy"]), "programs": tuple(row["programs"])}
    return Location(**values)
