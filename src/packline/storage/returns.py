"""Returns in PostgreSQL: what Amazon told of them, set-based, with the news as events; passwords sealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec
from msgspec.structs import replace

from packline.domain.returns import Password, ReturnNews, SeenReturn, merged, news, return_id
from packline.domain.values import shipment_id
from packline.ports import Ownership
from packline.ports.returns import ReturnCursor
from packline.storage.codec import encode_json
from packline.storage.columns import FORGETTABLE
from packline.storage.return_parcels import coming_back
from packline.storage.secrets import Vault
from packline.storage.together import Together

_OWNED = "select 1 from ownership where account_id = $1 and epoch = $2 for share"
_KNOWN = """
select id, state, otp is not null as has_otp, otp_valid_till, received_units, restocked_units, shipment_id
from return_item where id = any($1::text[]) order by id for update
"""
_LINKS = """
select w.id, coalesce(s.id, o.id) as shipment_id
from unnest($1::text[], $2::text[], $3::text[]) as w(id, shipment_id, order_id)
left join shipment s on s.id = w.shipment_id
left join lateral (
    select min(x.id) as id from shipment x where s.id is null and w.order_id <> '' and x.order_id = w.order_id
        and x.account_id = $4 having count(*) = 1
) o on true
"""
_SAVE = """
insert into return_item (id, account_id, amazon_id, location_id, shipment_id, amazon_shipment_id, order_id, rma_id, sku,
    units, kind, status, tracking_id, source, as_of, state, otp, otp_key, otp_valid_till, noticed_at, updated_at)
select id, $2, amazon_id, location_id, shipment_id, amazon_shipment_id, order_id, rma_id, sku, units, kind, status,
    tracking_id, source, as_of, state, otp, $20, otp_valid_till, $1, $1
from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
    $11::int[], $12::text[], $13::text[], $14::text[], $15::text[], $16::timestamptz[], $17::bytea[], $18::bytea[],
    $19::timestamptz[])
    as r(id, amazon_id, location_id, shipment_id, amazon_shipment_id, order_id, rma_id, sku, units, kind, status,
        tracking_id, source, as_of, state, otp, otp_valid_till)
on conflict (id) do update set location_id = excluded.location_id,
    shipment_id = coalesce(return_item.shipment_id, excluded.shipment_id),
    amazon_shipment_id = excluded.amazon_shipment_id, order_id = excluded.order_id, rma_id = excluded.rma_id,
    sku = excluded.sku, units = excluded.units, kind = excluded.kind, status = excluded.status,
    tracking_id = excluded.tracking_id, as_of = excluded.as_of, state = excluded.state, otp = excluded.otp,
    otp_key = excluded.otp_key, otp_valid_till = excluded.otp_valid_till, updated_at = excluded.updated_at
"""
EVENTS = """
insert into event (at, account_id, shipment_id, location_id, name, cause, data)
select $1, account_id, shipment_id, location_id, name, cause, data
from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[])
    as e(account_id, shipment_id, location_id, name, cause, data)
"""
_CURSORS = """
select account_id, location_id, status, after, succeeded_at, failed_at, error
from return_cursor where account_id = any($1::text[])
"""
_SAVE_CURSORS = f"""
with saved as (
    insert into return_cursor (account_id, location_id, status, after, succeeded_at, failed_at, error)
    select $1, * from unnest($2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
        $7::text[])
    on conflict (account_id, location_id, status) do update set after = excluded.after,
        succeeded_at = excluded.succeeded_at, failed_at = excluded.failed_at, error = excluded.error returning 1
)
{FORGETTABLE}
"""
_PLACES = """
select account_id, id from location where account_id = any($1::text[])
union select distinct account_id, location_id from return_item
where account_id = any($1::text[]) and location_id <> '' and source <> 'easy_ship'
order by 1, 2
"""
_LINK = """
update return_item r set shipment_id = s.id from shipment s
where r.account_id = any($1::text[]) and r.shipment_id is null and s.account_id = r.account_id
    and s.amazon_id = r.amazon_shipment_id and r.amazon_shipment_id <> ''
"""
_FORGET = """
update return_item r set otp = null, otp_key = null from unnest($1::text[], $2::timestamptz[]) as a(account_id, now)
where r.account_id = a.account_id and otp is not null and otp_valid_till <= a.now
"""
_decode = msgspec.msgpack.Decoder(SeenReturn)
_encode = msgspec.msgpack.Encoder()


class Returns:
    """Returns of every account (implements `ports.returns.ReturnStore`)."""

    def __init__(self, pool: asyncpg.Pool, vault: Vault) -> None:
        """Use the pool of this process and the vault that seals passwords."""
        self._pool, self._vault = pool, vault
        self._cursors = Together(self._read_cursors)
        self._places = Together(self._read_places)
        self._tidied = Together(self._tidy)

    async def cursors(self, account: str) -> list[ReturnCursor]:
        """Read all cursors of an account."""
        return await self._cursors.ask(account) or []

    async def _read_cursors(self, accounts: list[str]) -> dict[str, list[ReturnCursor]]:
        found: dict[str, list[ReturnCursor]] = {}
        for account, *row in await self._pool.fetch(_CURSORS, accounts):
            found.setdefault(account, []).append(ReturnCursor(*row))
        return found

    async def save_cursors(self, account: str, cursors: Sequence[ReturnCursor]) -> None:
        """Write cursors."""
        columns = [[getattr(cursor, name) for cursor in cursors] for name in ReturnCursor.__struct_fields__]
        await self._pool.execute(_SAVE_CURSORS, account, *columns)

    async def places(self, account: str) -> list[str]:
        """List where returns of an account arrive: its locations, and any other that Amazon named."""
        return await self._places.ask(account) or []

    async def _read_places(self, accounts: list[str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for account, place in await self._pool.fetch(_PLACES, accounts):
            found.setdefault(account, []).append(place)
        return found

    async def save(self, owner: Ownership, seen: Sequence[SeenReturn], now: datetime) -> int | None:
        """Write what is new, with its events, in one transaction; give how many were new or changed.

        None where another worker owns the account. What is older than what is known is passed over.
        """
        newest = _newest(owner.account, seen)
        async with self._pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval(_OWNED, owner.account, owner.epoch):
                return None
            known = {row["id"]: row for row in await connection.fetch(_KNOWN, sorted(newest))}
            fresh = _fresh(newest, known)
            if not fresh:
                return 0
            links = await _links(connection, owner.account, fresh, known)
            await connection.execute(_SAVE, now, owner.account, *self._columns(fresh, links), self._vault.version)
            told = [(key, item) for key, one in fresh.items() for item in news(_before(known.get(key)), one)]
            rows = [_event(owner.account, key, fresh[key], known.get(key), links.get(key), item) for key, item in told]
            await connection.execute(EVENTS, now, *event_columns(rows))
        return len({key for key, _ in told})

    async def tidy(self, account: str, now: datetime) -> None:
        """Link returns to shipments that came in after them; forget passwords that are no longer valid."""
        await self._tidied.ask((account, now))

    async def _tidy(self, asked: list[tuple[str, datetime]]) -> dict[tuple[str, datetime], None]:
        accounts, times = (list(column) for column in zip(*asked, strict=True))
        await self._pool.execute(_LINK, accounts)
        await self._pool.execute(_FORGET, accounts, times)
        return {}

    async def coming_back(self, account: str, limit: int) -> list[SeenReturn]:
        """Tell parcels on the way back by their shipments' sub-status, where that is newer than what is known."""
        return await coming_back(self._pool, account, limit)

    async def password(self, item: str, by: str, now: datetime) -> Password | None:
        """Give the one-time password while it is valid, and record who looked; None where there is none."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(
                "select otp, otp_key, otp_valid_till from return_item where id = $1 and otp is not null"
                " and otp_valid_till > $2 for share",
                item,
                now,
            )
            if row is None:
                return None
            await connection.execute(
                "insert into return_look (return_id, at, by_whom) values ($1, $2, $3)", item, now, by
            )
        word = self._vault.open(item, bytes(row["otp"]), row["otp_key"]).decode()
        return Password(word, row["otp_valid_till"])

    async def reseal(self) -> int:
        """Encrypt every password with the newest key; return how many were old."""
        rows = await self._pool.fetch(
            "select id, otp, otp_key from return_item where otp is not null and otp_key <> $1", self._vault.version
        )
        for row in rows:
            sealed = self._vault.seal(row["id"], self._vault.open(row["id"], bytes(row["otp"]), row["otp_key"]))
            sql = "update return_item set otp = $2, otp_key = $3 where id = $1 and otp = $4"
            await self._pool.execute(sql, row["id"], sealed, self._vault.version, row["otp"])
        return len(rows)

    def _columns(self, fresh: dict[str, SeenReturn], links: dict[str, str]) -> list[list[Any]]:
        rows = [self._row(key, one, links.get(key)) for key, one in fresh.items()]
        return [list(column) for column in zip(*rows, strict=True)]

    def _row(self, key: str, one: SeenReturn, link: str | None) -> tuple[Any, ...]:
        word = one.password
        return (
            key,
            one.amazon_id,
            one.location,
            link,
            one.amazon_shipment,
            one.order_id,
            one.rma_id,
            one.sku,
            one.units,
            one.kind.value,
            one.status,
            one.tracking_id,
            one.source,
            one.as_of,
            _encode.encode(replace(one, password=None)),
            self._vault.seal(key, word.word.encode()) if word else None,
            word.valid_till if word else None,
        )


def summary(key: str, one: SeenReturn, shipment: str | None, received: int, restocked: int) -> dict[str, Any]:
    """Give the part of a return that goes with every event; no password."""
    return {
        "id": key,
        "amazon_id": one.amazon_id,
        "status": one.status,
        "kind": one.kind,
        "location": one.location,
        "shipment": shipment,
        "order_id": one.order_id,
        "rma_id": one.rma_id,
        "sku": one.sku,
        "units": one.units,
        "received_units": received,
        "restocked_units": restocked,
        "tracking_id": one.tracking_id,
    }


def event_columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    """Lay rows (account, shipment, location, name, cause, data) out as columns."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(6)]


def decode_return(state: bytes) -> SeenReturn:
    """Read what Amazon last told of a return."""
    return _decode.decode(state)


def _newest(account: str, seen: Sequence[SeenReturn]) -> dict[str, SeenReturn]:
    """One of each, the latest word; in the order of ids, so that two writers wait for each other in a row."""
    found: dict[str, SeenReturn] = {}
    for one in seen:
        key = return_id(account, one.amazon_id)
        if key not in found or found[key].as_of <= one.as_of:
            found[key] = one
    return dict(sorted(found.items()))


def _fresh(newest: dict[str, SeenReturn], known: dict[str, Any]) -> dict[str, SeenReturn]:
    """Keep what is not older than what is known, and says something else."""
    found = {}
    for key, one in newest.items():
        before = _before(known.get(key))
        whole = merged(before, one)
        if before is None or (one.as_of >= before.as_of and _is_other(whole, before, known[key])):
            found[key] = whole
    return found


def _is_other(one: SeenReturn, before: SeenReturn, row: Any) -> bool:
    brings = one.password is not None and row["otp_valid_till"] != one.password.valid_till
    return brings or replace(one, password=None) != before


def _before(row: Any) -> SeenReturn | None:
    return _decode.decode(row["state"]) if row else None


async def _links(
    connection: asyncpg.Connection, account: str, fresh: dict[str, SeenReturn], known: dict[str, Any]
) -> dict[str, str]:
    """Find the shipment that each return comes from: by Amazon's shipment id, else by an order that has only one."""
    links = {key: known[key]["shipment_id"] for key in fresh if key in known and known[key]["shipment_id"]}
    open_ = [key for key in fresh if key not in links]
    named = [shipment_id(account, fresh[key].amazon_shipment) if fresh[key].amazon_shipment else "" for key in open_]
    orders = [fresh[key].order_id for key in open_]
    rows = await connection.fetch(_LINKS, open_, named, orders, account) if open_ else ()
    return links | {row["id"]: row["shipment_id"] for row in rows if row["shipment_id"]}


def _event(
    account: str, key: str, one: SeenReturn, row: Any, link: str | None, item: ReturnNews
) -> tuple[str, str | None, str | None, str, str, bytes]:
    counts = (row["received_units"], row["restocked_units"]) if row else (0, 0)
    data = encode_json({"event": item, "return": summary(key, one, link, *counts)})
    return account, link, one.location or None, item.name, "amazon", data
