"""Comparisons of what is told, shown and counted: those that were asked for, how far they are, what they found."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import msgspec

from packline.domain.inventory.drift import Drift, Finding, Ours
from packline.domain.inventory.rules import Place
from packline.domain.values import stable_id
from packline.ports import Ownership
from packline.ports.stock import Comparison
from packline.storage.stock_offers import places_columns
from packline.storage.together import Together
from packline.storage.wake import ring

SCHEDULE = "schedule"
DRIFT_EVERY_S = 21600
"""Seconds between two comparisons where the account says nothing."""
_ASK = """
insert into stock_drift_run (id, account_id, location_id, sku, seller, by_whom, created_at)
values ($1, $2, $3, $4, $5, $6, $7)
"""
_OPEN = """
select id, account_id, location_id, sku, seller, by_whom from stock_drift_run
where account_id = $1 and ended_at is null order by created_at limit 1
"""
_SETTINGS = """
select a.account_id, p.drift_every_s, p.drift_at, exists (
    select 1 from stock_drift_run r where r.account_id = a.account_id and r.ended_at is null) as is_open
from unnest($1::text[]) as a(account_id) left join stock_publishing p using (account_id)
"""
_COMPARED = """
insert into stock_publishing (account_id, drift_at, updated_at) values ($1, $2, $2)
on conflict (account_id) do update set drift_at = excluded.drift_at
"""
_PLACES = """
select location_id, sku, channel from stock_offer
where account_id = $1 and ($2 = '' or location_id = $2) and ($3 = '' or sku = $3) and wanted >= 0
    and (location_id, sku, channel) > ($4, $5, $6)
order by location_id, sku, channel limit $7
"""
_OURS = """
select o.location_id, o.sku, o.channel, o.wanted, o.published, o.published_seq, o.state, o.changed_at,
    coalesce(b.on_hand, 0) as on_hand,
    exists (select 1 from stock_hold h where h.account_id = o.account_id and h.location_id = o.location_id) as held
from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as p(account_id, location_id, sku, channel)
join stock_offer o using (account_id, location_id, sku, channel)
left join stock_balance b on b.pool = o.pool and b.location = o.at_location and b.sku = o.item
"""
_AGREED = """
delete from stock_drift d using unnest($1::text[], $2::text[], $3::text[], $4::text[])
    as p(account_id, location_id, sku, channel)
where d.account_id = p.account_id and d.location_id = p.location_id and d.sku = p.sku and d.channel = p.channel
"""
_FOUND = """
with found as (
    insert into stock_drift as d (account_id, location_id, sku, channel, wanted, published, published_seq, amazon,
        amazon_sellable, amazon_reserved, amazon_seq, on_hand, seller, cause, words, run_id, found_at)
    select *, $16, $17 from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::int[], $7::bigint[],
        $8::int[], $9::int[], $10::int[], $11::bigint[], $12::int[], $13::int[], $14::text[], $15::text[])
    on conflict (account_id, location_id, sku, channel) do update set wanted = excluded.wanted,
        published = excluded.published, published_seq = excluded.published_seq, amazon = excluded.amazon,
        amazon_sellable = excluded.amazon_sellable, amazon_reserved = excluded.amazon_reserved,
        amazon_seq = excluded.amazon_seq, on_hand = excluded.on_hand, seller = excluded.seller,
        cause = excluded.cause, words = excluded.words, run_id = excluded.run_id, found_at = excluded.found_at
        where (d.amazon, d.seller, d.cause) is distinct from (excluded.amazon, excluded.seller, excluded.cause)
    returning location_id, sku, channel
)
insert into event (at, account_id, location_id, name, cause, data)
select $17, $1[1], e.location_id, 'stock.drifted', 'packline', e.data
from unnest($2::text[], $3::text[], $4::text[], $18::bytea[]) as e(location_id, sku, channel, data)
join found using (location_id, sku, channel)
"""
_OWNED = "select 1 from ownership where account_id = $1 and epoch = $2 for share"
_MENDABLE = """
select location_id, sku, channel, published, amazon, amazon_seq, seller, run_id from stock_drift
where account_id = $1 and ($2 = '' or location_id = $2) and ($3 = '' or sku = $3) order by location_id, sku, channel
"""
_MOVED = """
update stock_drift_run set state = case when $4::bool then 'done' else 'running' end, done = done + $2,
    found = found + $3, ended_at = case when $4 then $5::timestamptz end, error = '',
    total = coalesce(total, (select count(*) from stock_offer o where o.account_id = stock_drift_run.account_id
        and stock_drift_run.location_id in ('', o.location_id) and stock_drift_run.sku in ('', o.sku)))
where id = $1
"""


class StockDrift:
    """Comparisons and their findings (implements `ports.stock.DriftStore`)."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool
        self._settings = Together(self._read_settings)

    async def ask(
        self, account: str, location: str, sku: str, seller: Mapping[str, int] | None, now: datetime, by: str
    ) -> str:
        """Ask for a comparison and ring its account; `seller` are the seller's own numbers by `location sku`."""
        run = stable_id("dft", secrets.token_hex(16))
        content = msgspec.json.encode(seller) if seller else None
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_ASK, run, account, location, sku, content, by, now)
            await ring(connection, [account])
        return run

    async def next(self, account: str, now: datetime) -> tuple[Comparison | None, datetime]:
        """Give the comparison that is open, or that is due by the schedule, and when the next one is due."""
        settings = await self._settings.ask(account) or {}
        every = timedelta(seconds=settings.get("drift_every_s") or DRIFT_EVERY_S)
        due = settings.get("drift_at")
        if due is None:
            await self._pool.execute(_COMPARED, account, now)
        row = await self._pool.fetchrow(_OPEN, account) if settings.get("is_open") else None
        if row is None and due is not None and due + every <= now:
            await self.ask(account, "", "", None, now, SCHEDULE)
            await self._pool.execute(_COMPARED, account, now)
            row = await self._pool.fetchrow(_OPEN, account)
        following = max(now, (due or now)) + every if row else (due or now) + every
        if row is None:
            return None, following
        seller = msgspec.json.decode(row["seller"], type=dict[str, int]) if row["seller"] else {}
        return Comparison(
            row["id"], account, row["location_id"], row["sku"], seller, row["by_whom"] != SCHEDULE
        ), following

    async def _read_settings(self, accounts: list[str]) -> dict[str, asyncpg.Record]:
        return {row["account_id"]: row for row in await self._pool.fetch(_SETTINGS, accounts)}

    async def places(self, run: Comparison, after: Place | None, limit: int) -> list[Place]:
        """List places of a comparison in their order."""
        last = (after.location, after.sku, after.channel) if after else ("", "", "")
        rows = await self._pool.fetch(_PLACES, run.account, run.location, run.sku, *last, limit)
        return [Place(run.account, row["location_id"], row["sku"], row["channel"]) for row in rows]

    async def ours(self, places: Sequence[Place]) -> list[Ours]:
        """Read what Packline knows of places."""
        return [
            Ours(
                Place(places[0].account, row["location_id"], row["sku"], row["channel"]),
                row["wanted"],
                row["published"],
                row["published_seq"],
                row["state"],
                row["held"],
                row["on_hand"],
                row["changed_at"],
            )
            for row in (await self._pool.fetch(_OURS, *places_columns(places)) if places else ())
        ]

    async def save(
        self, owner: Ownership, run: Comparison, agreed: Sequence[Place], found: Sequence[Drift], now: datetime
    ) -> None:
        """Write a part of a comparison: places that agree lose their finding, new findings are told as events."""
        async with self._pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval(_OWNED, owner.account, owner.epoch):
                return
            await connection.execute(_AGREED, *places_columns(agreed))
            if found:
                await connection.execute(_FOUND, *_columns(found), run.id, now, [_event(drift) for drift in found])
            await connection.execute(_MOVED, run.id, len(agreed) + len(found), len(found), False, None)

    async def findings(self, account: str, location: str, sku: str) -> list[Finding]:
        """List what differs, for mending."""
        return [
            Finding(
                Place(account, row["location_id"], row["sku"], row["channel"]),
                row["published"],
                row["amazon"],
                row["amazon_seq"],
                row["seller"],
                row["run_id"],
            )
            for row in await self._pool.fetch(_MENDABLE, account, location, sku)
        ]

    async def mended(self, places: Sequence[Place]) -> None:
        """Forget findings that were mended; the next comparison proves it."""
        await self._pool.execute(_AGREED, *places_columns(places))

    async def end(self, run: Comparison, now: datetime) -> None:
        """End a comparison."""
        await self._pool.execute(_MOVED, run.id, 0, 0, True, now)


def _columns(found: Sequence[Drift]) -> list[list[Any]]:
    return [
        *places_columns([drift.ours.place for drift in found]),
        [drift.ours.wanted for drift in found],
        [drift.ours.published for drift in found],
        [drift.ours.published_seq for drift in found],
        [drift.amazon for drift in found],
        [drift.answer.sellable if drift.answer else None for drift in found],
        [drift.answer.reserved if drift.answer else None for drift in found],
        [drift.answer.sequence if drift.answer else None for drift in found],
        [drift.ours.on_hand for drift in found],
        [drift.seller for drift in found],
        [drift.cause.value for drift in found],
        [drift.words for drift in found],
    ]


def _event(drift: Drift) -> bytes:
    place = drift.ours.place
    data = {
        "type": "stock_drifted",
        "sku": place.sku,
        "channel": place.channel,
        "told": drift.ours.published,
        "amazon": drift.amazon,
        "seller": drift.seller,
        "on_hand": drift.ours.on_hand,
        "cause": drift.cause.value,
        "reason": drift.words,
    }
    return msgspec.json.encode({"event": data})
