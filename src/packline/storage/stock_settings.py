"""Rules of stock, the holding of locations, and how a rule takes effect on what Amazon is told."""

from datetime import datetime, timedelta

import asyncpg
import msgspec
import structlog

from packline.domain.inventory.rules import Rule
from packline.storage.stock_rules import SHOWN, rule_of
from packline.storage.stock_scope import apply_rule
from packline.storage.wake import ring

_SETTINGS = (
    "pool", "at_location", "item", "buffer_units", "buffer_percent", "minimum", "maximum", "stop_sale"
)  # fmt: skip

_PUT = """
insert into stock_rule (account_id, location_id, sku, channel, pool, at_location, item, buffer_units, buffer_percent,
    minimum, maximum, stop_sale, updated_at, updated_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
on conflict (account_id, location_id, sku, channel) do update set pool = excluded.pool,
    at_location = excluded.at_location, item = excluded.item, buffer_units = excluded.buffer_units,
    buffer_percent = excluded.buffer_percent, minimum = excluded.minimum, maximum = excluded.maximum,
    stop_sale = excluded.stop_sale, updated_at = excluded.updated_at, updated_by = excluded.updated_by, pending = true
"""
_SCOPE = "account_id = $1 and location_id = $2 and sku = $3 and channel = $4"
_HOLD = """
insert into stock_hold (account_id, location_id, reason, since, by_whom) values ($1, $2, $3, $4, $5)
on conflict (account_id, location_id) do update set reason = excluded.reason, by_whom = excluded.by_whom
    where stock_hold.by_whom = 'packline' -- a person's hold outlasts the one that Packline placed by itself
"""
_EVENT = """
insert into event (at, account_id, location_id, name, cause, data) values ($1, $2, $3, $4, 'command', $5)
"""


GRACE = timedelta(seconds=30)
"""How long whoever wrote a rule has to apply it himself."""
log = structlog.get_logger(__name__)


class StockRules:
    """Rules and holds, written by commands; `storage.stock_scope` lets rules take effect."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def put(self, rule: Rule, now: datetime, by: str) -> None:
        """Write a rule; it waits to be applied."""
        await self._pool.execute(
            _PUT,
            *rule.scope,
            rule.pool,
            rule.at,
            rule.item,
            rule.buffer_units,
            rule.buffer_percent,
            rule.minimum,
            rule.maximum,
            rule.stop_sale,
            now,
            by,
        )

    async def rule(self, scope: tuple[str, str, str, str]) -> Rule | None:
        """Read the rule of a scope."""
        row = await self._pool.fetchrow(f"select {SHOWN} from stock_rule where {_SCOPE}", *scope)
        return rule_of(row) if row else None

    async def apply(self, rule: Rule, now: datetime) -> int:
        """Let a rule that was put take effect; give the number of places that it was looked at for."""
        count = await apply_rule(self._pool, rule, now)
        await self._applied(rule, now)
        return count

    async def work(self, now: datetime) -> bool:
        """Apply the rules that nobody came to apply: whoever wrote them died, or a location is new."""
        before = now - GRACE
        for rule, written_at in await self._waiting(before):
            count = await apply_rule(self._pool, rule, now)
            log.info("stock.rule_applied", places=count)
            await self._applied(rule, written_at)
        return False

    async def _waiting(self, before: datetime) -> list[tuple[Rule, datetime]]:
        sql = f"select {SHOWN}, updated_at from stock_rule where pending and updated_at < $1 order by updated_at"
        return [(rule_of(row, "updated_at"), row["updated_at"]) for row in await self._pool.fetch(sql, before)]

    async def _applied(self, rule: Rule, now: datetime) -> None:
        # One that says nothing is gone with it; one that was written again meanwhile stays pending.
        says = " and ".join(f"{name} is null" for name in _SETTINGS)
        scope = f"{_SCOPE} and updated_at <= $5"
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(f"delete from stock_rule where {scope} and {says}", *rule.scope, now)
            await connection.execute(f"update stock_rule set pending = false where {scope}", *rule.scope, now)

    async def hold(self, account: str, location: str, reason: str, now: datetime, by: str) -> bool:
        """Hold the publishing of a location; False where it is held already."""
        async with self._pool.acquire() as connection, connection.transaction():
            done: str = await connection.execute(_HOLD, account, location, reason, now, by)
            if done == "INSERT 0 0":
                return False
            data = {"event": {"type": "stock_held", "reason": reason}}
            await connection.execute(_EVENT, now, account, location, "stock.held", msgspec.json.encode(data))
            return True

    async def release(self, account: str, location: str, now: datetime) -> bool:
        """Let the publishing of a location go on; False where it was not held."""
        async with self._pool.acquire() as connection, connection.transaction():
            sql = "delete from stock_hold where account_id = $1 and location_id = $2"
            done: str = await connection.execute(sql, account, location)
            if done == "DELETE 0":
                return False
            data = msgspec.json.encode({"event": {"type": "stock_released"}})
            await connection.execute(_EVENT, now, account, location, "stock.released", data)
            await ring(connection, [account])
            return True
