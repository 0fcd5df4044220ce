"""What judging a reconciliation reads and writes (implements `ports.reconciliations.JudgingStore`)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from packline.domain.books.entries import Difference, OurOrder, OurReturn, Side, Stated
from packline.ports.reconciliations import Run
from packline.storage.codec import decode_shipment
from packline.storage.reconciliations import CLAIMED, RUN, run_of, stated_of, tell
from packline.storage.sealed import opened
from packline.storage.secrets import Vault

_CLAIM = f"""
update reconciliation set state = 'judging', claimed_until = $2, compared = 0, missing = 0, extra = 0, different = 0
where id = (
    select id from reconciliation where ended_at is null and what <> 'stock' and state in ('read', 'judging')
        and (claimed_until is null or claimed_until <= $1) and ($3 = '' or id = $3)
    order by created_at limit 1 for update skip locked
)
returning {RUN}
"""
_ORDER = "s.id, s.amazon_id, s.order_id, s.location_id, s.status, s.updated_at, s.state"
_NAMED = f"""
select {_ORDER} from shipment s where s.account_id = $1 and s.amazon_id = any($2::text[])
union
select {_ORDER} from shipment s where s.account_id = $1 and s.order_id = any($3::text[])
"""
_SCOPES = {
    Side.AMAZON: "s.as_of >= $4 and s.as_of <= $5",
    Side.SELLER: "s.received_at >= $4 and s.received_at <= $5",
    Side.PENDING_REPORT: "s.status = 'SHIPLABEL_GENERATED' and s.as_of >= $4 and s.updated_at <= $5",
    Side.SHIPPED_REPORT: "s.status = 'SHIPPED' and s.sub_status in ('', 'PICKED_UP', 'DROPPED_OFF')"
    " and s.as_of >= $4 and s.updated_at <= $5",
}
"""Which of our shipments the other books must have, by whose books they are."""
_OTHERS = f"""
with page as materialized (
    select {_ORDER} from shipment s
    where s.account_id = $2 and ($3 = '' or s.location_id = $3) and {{scope}} and s.id > $6 order by s.id limit $7
)
select page.*,
    exists (select 1 from reconciliation_stated t where t.run_id = $1 and t.amazon_id = page.amazon_id
        and t.amazon_id <> '')
    or exists (select 1 from reconciliation_stated t where t.run_id = $1 and t.order_id = page.order_id
        and t.order_id <> '' and t.amazon_id = '') as is_stated
from page order by id
"""
# Page by page and by index: joined as a whole, a plan made before anything was stated compares each with each.
_RETURN = """r.id, r.amazon_id, r.order_id, r.rma_id, r.sku, r.location_id, r.status, r.units, r.received_units,
    r.as_of, r.updated_at"""
_NAMED_RETURNS = f"""
select {_RETURN} from return_item r where r.account_id = $1 and (r.amazon_id = any($2::text[])
    or r.order_id = any($3::text[]) or r.rma_id = any($3::text[]))
"""
_OTHER_RETURNS = f"""
with page as materialized (
    select {_RETURN} from return_item r
    where r.account_id = $2 and ($3 = '' or r.location_id = $3) and r.id > $6 and ($8 or r.source = 'returns_api')
        and case when $8 then r.noticed_at >= $4 and r.noticed_at <= $5 else r.as_of >= $4 and r.as_of <= $5 end
    order by r.id limit $7
)
select page.*,
    exists (select 1 from reconciliation_stated t where t.run_id = $1 and t.amazon_id = page.amazon_id
        and t.amazon_id <> '')
    or exists (select 1 from reconciliation_stated t where t.run_id = $1 and t.order_id = page.order_id
        and t.order_id <> '' and t.amazon_id = '')
    or exists (select 1 from reconciliation_stated t where t.run_id = $1 and t.order_id = page.rma_id
        and t.order_id <> '' and t.amazon_id = '') as is_stated
from page order by id
"""
_FOUND = """
insert into reconciliation_item (run_id, account_id, location_id, kind, cause, words, field, ours, theirs, item,
    amazon_id, order_id, sku, repair, payload, found_at)
select $1, $2, *, $3 from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
    $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::bytea[])
"""
_COUNTED = """
update reconciliation set compared = compared + $2, missing = missing + $3, extra = extra + $4,
    different = different + $5, claimed_until = $6 where id = $1
"""


class Judgements:
    """Both books side by side."""

    def __init__(self, pool: asyncpg.Pool, vault: Vault | None = None) -> None:
        """Use the pool of this process, and the vault that parked records are encrypted with."""
        self._pool, self._vault = pool, vault

    async def claim(self, now: datetime, only: str = "") -> Run | None:
        """Take a run that is read and that nobody judges; what it found before is forgotten."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(_CLAIM, now, now + CLAIMED, only)
            if row is None:
                return None
            await connection.execute("delete from reconciliation_item where run_id = $1", row["id"])
        return run_of(row)

    async def stated(self, run: Run, after: str, limit: int) -> list[Stated]:
        """Read entries of the other books by key."""
        sql = "select stated from reconciliation_stated where run_id = $1 and key > $2 order by key limit $3"
        return [stated_of(row) for row in await self._pool.fetch(sql, run.id, after, limit)]

    async def our_orders(self, run: Run, stated: Sequence[Stated]) -> list[OurOrder]:
        """Read our shipments that entries name."""
        rows = await self._pool.fetch(_NAMED, run.account, _ids(stated), _orders(stated))
        return [_order(row) for row in rows]

    async def other_orders(self, run: Run, after: str, limit: int) -> tuple[list[OurOrder], str]:
        """Read the next of our shipments of the scope; give those that no entry names, and the last id ("": over)."""
        sql = _OTHERS.format(scope=_SCOPES[run.side])
        rows = await self._pool.fetch(sql, run.id, run.account, run.location, run.since, run.until, after, limit)
        return [_order(row) for row in rows if not row["is_stated"]], _last(rows)

    async def our_returns(self, run: Run, stated: Sequence[Stated]) -> list[OurReturn]:
        """Read our returns that entries name."""
        rows = await self._pool.fetch(_NAMED_RETURNS, run.account, _ids(stated), _orders(stated))
        return [OurReturn(*row) for row in rows]

    async def other_returns(self, run: Run, after: str, limit: int) -> tuple[list[OurReturn], str]:
        """Read the next of our returns of the scope; give those that no entry names, and the last id ("": over)."""
        scope = (run.id, run.account, run.location, run.since, run.until)
        rows = await self._pool.fetch(_OTHER_RETURNS, *scope, after, limit, run.side is Side.SELLER)
        return [OurReturn(*tuple(row)[:-1]) for row in rows if not row["is_stated"]], _last(rows)

    async def parked(self, account: str, ids: Sequence[str]) -> Mapping[str, str]:
        """Tell why records that name these ids were parked."""
        rows = await self._pool.fetch(
            "select body, reason from parked where account_id = $1 and resolved_at is null order by id desc limit 1000",
            account,
        )
        wanted = {one.encode(): one for one in ids if one}
        bodies = [(opened(self._vault, bytes(row["body"])), row["reason"]) for row in rows]
        return {name: reason for body, reason in bodies for key, name in wanted.items() if key in body}

    async def elsewhere(self, account: str, orders: Sequence[str]) -> Mapping[str, str]:
        """Tell which other account has shipments of these orders."""
        rows = await self._pool.fetch(
            "select distinct order_id, account_id from shipment where order_id = any($1::text[]) and account_id <> $2",
            [order for order in orders if order],
            account,
        )
        return {row["order_id"]: row["account_id"] for row in rows}

    async def silence(self, account: str) -> str:
        """Say why the seller's system hears nothing of an account, or nothing where it does."""
        rows = await self._pool.fetch(
            "select url, paused_reason, enabled, failures from webhook where accounts = '{}' or $1 = any(accounts)",
            account,
        )
        if not rows:
            return "There is no webhook for this account; the seller's system must read the event feed by itself."
        if any(row["enabled"] and row["paused_reason"] is None and not row["failures"] for row in rows):
            return ""
        worst = next((row for row in rows if row["paused_reason"]), rows[0])
        why = worst["paused_reason"] or ("it is disabled" if not worst["enabled"] else f"{worst['failures']} failures")
        return f"Its webhook {worst['url']} gets nothing: {why}."

    async def found(self, run: Run, compared: int, found: Sequence[Difference], now: datetime) -> None:
        """Write findings and how far the comparison is."""
        counts = Counter(one.kind.value for one in found)
        async with self._pool.acquire() as connection, connection.transaction():
            if found:
                await connection.execute(_FOUND, run.id, run.account, now, *_columns(found))
            kinds = (counts["missing"], counts["extra"], counts["different"])
            await connection.execute(_COUNTED, run.id, compared, *kinds, now + CLAIMED)

    async def end(self, run: Run, now: datetime) -> None:
        """End a run, with an event; what the other books said is not needed any more."""
        async with self._pool.acquire() as connection, connection.transaction():
            done = await connection.execute(
                "update reconciliation set state = 'done', ended_at = $2 where id = $1 and ended_at is null",
                run.id,
                now,
            )
            if done != "UPDATE 0":
                await connection.execute("delete from reconciliation_stated where run_id = $1", run.id)
                await tell(connection, run.id, now)


def _last(rows: Sequence[Any]) -> str:
    return str(rows[-1]["id"]) if rows else ""


def _ids(stated: Sequence[Stated]) -> list[str]:
    return [one.amazon_id for one in stated if one.amazon_id]


def _orders(stated: Sequence[Stated]) -> list[str]:
    return [one.order_id for one in stated if one.order_id and not one.amazon_id]


def _order(row: Any) -> OurOrder:
    shipment = decode_shipment(row["state"])
    labels = [package.label for package in shipment.packages if package.label and not package.label.void]
    return OurOrder(
        row["id"],
        row["amazon_id"],
        row["order_id"],
        row["location_id"],
        row["status"],
        row["updated_at"],
        shipment.items,
        tuple(label.tracking_id for label in labels if label.tracking_id),
    )


def _columns(found: Sequence[Difference]) -> list[list[Any]]:
    return [
        [one.location for one in found],
        [one.kind.value for one in found],
        [one.cause.value for one in found],
        [one.words for one in found],
        [one.field for one in found],
        [one.ours for one in found],
        [one.theirs for one in found],
        [one.item for one in found],
        [one.amazon_id for one in found],
        [one.order_id for one in found],
        [one.sku for one in found],
        [one.repair.value for one in found],
        [one.payload or None for one in found],
    ]
