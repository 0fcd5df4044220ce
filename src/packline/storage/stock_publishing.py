"""The outbox of stock on its way to Amazon: numbered when it leaves, noted when it is answered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from packline.domain.inventory.publishing import MILLISECONDS, Answer, Sending, Telling, Verdict
from packline.domain.inventory.rules import Place
from packline.ports import Ownership
from packline.storage.stock_offers import places_columns
from packline.storage.together import Together
from packline.storage.wake import ring

DEADLOCKS_AT_MOST = 5
MANY = 500
"""Rows from which a statement is planned for its own size: a plan made for ten rows takes minutes for thousands."""
_FREE = """
    o.account_id = $1 and o.state = 'waiting' and o.wanted >= 0 and o.batch_id is null
    and not exists (select 1 from stock_hold h where h.account_id = o.account_id and h.location_id = o.location_id)
    and not exists (select 1 from unnest($3::text[], $4::text[], $5::text[]) as b(location_id, sku, channel)
        where b.location_id = o.location_id and b.sku = o.sku and b.channel = o.channel)
"""
_NUMBERED = """exists (select 1 from stock_sequence s where s.account_id = o.account_id
    and s.location_id = o.location_id and s.sku = o.sku and s.channel = o.channel)"""
_ORDER = "(o.wanted <> 0), (o.published is not null and o.wanted > o.published), o.changed_at, o.wanted_seq"
# Rows that the ledger is changing just now are left to the ring of its commit: nobody waits for anybody here.
_SEND = f"""
with own as (select account_id from ownership where account_id = $1 and epoch = $2 for share),
taken as (
    select o.location_id, o.sku, o.channel, o.wanted, o.wanted_seq, o.published, o.changed_at from stock_offer o
    where {_FREE} and (not $6 or {_NUMBERED}) and exists (select 1 from own)
    order by {_ORDER} limit $7 for update of o skip locked
), numbered as (
    insert into stock_sequence as s (account_id, location_id, sku, channel, last, updated_at)
    select $1, location_id, sku, channel, $8, $9 from taken
    on conflict (account_id, location_id, sku, channel) do update
        set last = greatest(s.last + 1, excluded.last), updated_at = excluded.updated_at
    returning location_id, sku, channel, last
), doubted as (
    update stock_offer o set published = null from taken t
    where o.account_id = $1 and o.location_id = t.location_id and o.sku = t.sku and o.channel = t.channel
)
select o.*, n.last from taken o join numbered n using (location_id, sku, channel) order by {_ORDER}
"""
_UNKNOWN = f"""
select o.location_id, o.sku, o.channel from stock_offer o
where {_FREE} and not {_NUMBERED} and exists (select 1 from ownership where account_id = $1 and epoch = $2)
order by {_ORDER} limit $6
"""
_TOLD = """
with own as (select account_id from ownership where account_id = $1 and epoch = $2 for share),
known as (
    insert into stock_sequence as s (account_id, location_id, sku, channel, last, updated_at)
    select $1, *, $14::timestamptz from unnest($10::text[], $11::text[], $12::text[], $13::bigint[])
    on conflict (account_id, location_id, sku, channel) do update set last = greatest(s.last, excluded.last)
), events as (
    insert into event (at, account_id, location_id, name, cause, data)
    select $14::timestamptz, $1, * from unnest($15::text[], $16::text[], $17::text[], $18::bytea[])
    where exists (select 1 from own)
)
update stock_offer o set published = coalesce(t.quantity, o.published),
    published_seq = case when t.verdict = 'taken' then t.sequence else o.published_seq end,
    published_at = case when t.verdict = 'taken' then $14::timestamptz else o.published_at end, error = t.error,
    state = case when t.verdict = 'refused' then 'refused'
        when t.verdict = 'taken' and o.wanted = t.quantity then 'settled' else 'waiting' end
from unnest($3::text[], $4::text[], $5::text[], $6::int[], $7::bigint[], $8::text[], $9::text[])
    as t(location_id, sku, channel, quantity, sequence, verdict, error)
where o.account_id = $1 and o.location_id = t.location_id and o.sku = t.sku and o.channel = t.channel
    and exists (select 1 from own) and (t.sequence is null or t.sequence >= coalesce(o.published_seq, t.sequence))
"""
_KNOW = """
insert into stock_sequence as s (account_id, location_id, sku, channel, last, updated_at)
select *, $6 from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
on conflict (account_id, location_id, sku, channel) do update set last = greatest(s.last, excluded.last)
"""
_AGAIN = """
with again as (
    update stock_offer set state = 'waiting', error = '', published = null
    where account_id = $1 and ($2 = '' or location_id = $2) and ($3 = '' or sku = $3) and wanted >= 0
        and (state = 'refused' or ($4 and state = 'settled'))
    returning 1
)
select count(*)::int from again
"""
_AGAIN_AT = """
update stock_offer o set state = 'waiting', error = '', published = null
from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as p(account_id, location_id, sku, channel)
where o.account_id = p.account_id and o.location_id = p.location_id and o.sku = p.sku and o.channel = p.channel
    and o.wanted >= 0
"""
_PUT = """
insert into stock_publishing (account_id, numbering, ask_first, drift_every_s, updated_at, by_whom)
values ($1, coalesce($2, 'milliseconds'), coalesce($3, false), coalesce($4, 21600), $5, $6)
on conflict (account_id) do update set numbering = coalesce($2, stock_publishing.numbering),
    ask_first = coalesce($3, stock_publishing.ask_first),
    drift_every_s = coalesce($4, stock_publishing.drift_every_s), updated_at = $5, by_whom = $6
"""
_SETTINGS = """
select a.account_id, p.numbering, p.ask_first, exists (
    select 1 from stock_offer o where o.account_id = a.account_id and o.state = 'waiting') as is_waiting
from unnest($1::text[]) as a(account_id) left join stock_publishing p using (account_id)
"""


class StockPublishing:
    """The outbox for whoever publishes (implements `ports.stock.StockStore`).

    A row that is taken loses what Amazon was known to have: where the process dies with a call under way, or its
    answer is lost, the row still waits, even if the wanted number went back to what it was before.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool
        self._settings = Together(self._read_settings)

    async def send_next(self, owner: Ownership, limit: int, busy: Sequence[Place], now: datetime) -> Sending:
        """Take what Amazon does not know yet, in the order of sending, each with its next sequence number.

        Where the account asks Amazon first, places that never had a number are given as `unknown` and take none.
        """
        settings = await self._settings.ask(owner.account) or {}
        if not settings.get("is_waiting"):
            return Sending((), ())
        numbering, asks = settings.get("numbering") or MILLISECONDS, bool(settings.get("ask_first"))
        first = int(now.timestamp() * 1000) if numbering == MILLISECONDS else 1
        aside = places_columns(busy)[1:]
        async with self._pool.acquire() as connection, connection.transaction():
            if limit > MANY:
                await connection.execute("set local plan_cache_mode = force_custom_plan")
            rows = await connection.fetch(_SEND, owner.account, owner.epoch, *aside, asks, limit, first, now)
        unknown = await self._pool.fetch(_UNKNOWN, owner.account, owner.epoch, *aside, limit) if asks else []
        return Sending(
            tuple(
                Telling(_place(owner.account, row), row["wanted"], row["last"], row["wanted_seq"], row["published"])
                for row in rows
            ),
            tuple(_place(owner.account, row) for row in unknown),
        )

    async def _read_settings(self, accounts: list[str]) -> dict[str, asyncpg.Record]:
        return {row["account_id"]: row for row in await self._pool.fetch(_SETTINGS, accounts)}

    async def told(self, owner: Ownership, answers: Sequence[Answer], now: datetime) -> None:
        """Note what Amazon said of each place, with the events. Nothing is noted for one who is the owner no more."""
        told = sorted(answers, key=lambda a: (a.place.location, a.place.sku, a.place.channel))
        for attempt in range(DEADLOCKS_AT_MOST):
            try:
                await self._pool.execute(_TOLD, owner.account, owner.epoch, *_told(told, now))
            except asyncpg.DeadlockDetectedError:
                if attempt + 1 == DEADLOCKS_AT_MOST:
                    raise
            else:
                return

    async def know(self, numbers: Sequence[tuple[Place, int]], now: datetime) -> None:
        """Note sequence numbers that Amazon has, or that a former integrator used; the next ones are above them."""
        last = dict(sorted(numbers, key=lambda number: number[1]))  # the highest of several stays
        places = sorted(last, key=lambda p: (p.location, p.sku, p.channel))
        await self._pool.execute(_KNOW, *places_columns(places), [last[place] for place in places], now)

    async def again(self, account: str, location: str = "", sku: str = "", *, everything: bool = False) -> int:
        """Let refused offers be told again, with `everything` those too that Amazon has; give their number."""
        async with self._pool.acquire() as connection, connection.transaction():
            count: int = await connection.fetchval(_AGAIN, account, location, sku, everything)
            await ring(connection, [account])
        return count

    async def again_at(self, places: Sequence[Place]) -> None:
        """Let these places be told again, whatever Amazon is believed to have."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_AGAIN_AT, *places_columns(places))
            await ring(connection, [place.account for place in places])

    async def put_settings(
        self,
        account: str,
        numbering: str | None,
        ask_first: bool | None,
        drift_every_s: int | None,
        now: datetime,
        by: str,
    ) -> None:
        """Write how an account publishes; None leaves a setting as it is."""
        await self._pool.execute(_PUT, account, numbering, ask_first, drift_every_s, now, by)


def _place(account: str, row: Any) -> Place:
    return Place(account, row["location_id"], row["sku"], row["channel"])


def _told(answers: Sequence[Answer], now: datetime) -> list[Any]:
    numbers = [(a.place, a.sequence) for a in answers if a.verdict is Verdict.STALE and a.sequence is not None]
    events = [event for answer in answers if (event := _event(answer))]
    return [
        *places_columns([answer.place for answer in answers])[1:],
        [_known_quantity(answer) for answer in answers],
        [a.telling.sequence if a.telling and a.verdict is Verdict.TAKEN else None for a in answers],
        [answer.verdict.value for answer in answers],
        ["" if answer.verdict is Verdict.TAKEN else answer.error for answer in answers],
        *places_columns([place for place, _ in numbers])[1:],
        [number for _, number in numbers],
        now,
        *([event[column] for event in events] for column in range(4)),
    ]


def _known_quantity(answer: Answer) -> int | None:
    """Give what Amazon has now: what it took, or, where it refused, what it had before."""
    if answer.telling is None:
        return None
    if answer.verdict is Verdict.TAKEN:
        return answer.telling.quantity
    return answer.telling.before if answer.verdict is Verdict.REFUSED else None


def _event(answer: Answer) -> tuple[str, str, str, bytes] | None:
    told: dict[str, Any] = {"sku": answer.place.sku, "channel": answer.place.channel}
    if answer.verdict is Verdict.TAKEN and answer.telling is not None:
        told |= {"type": "stock_published", "quantity": answer.telling.quantity, "sequence": answer.telling.sequence}
        name = "stock.published"
    elif answer.verdict is Verdict.REFUSED:
        told |= {"type": "stock_refused", "code": answer.code, "reason": answer.words}
        name = "stock.refused"
    else:
        return None
    return answer.place.location, name, "amazon", msgspec.json.encode({"event": told})
