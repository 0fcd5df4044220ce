"""What storage tests start from: a clock, an account, an owner, a stored shipment."""

from datetime import datetime, timedelta

import asyncpg

from builders import NOON, facts, shipment
from packline.domain import events as ev
from packline.domain.shipment import Shipment
from packline.ports import Change
from packline.storage.shipments import Shipments

ACCOUNT = "acme-in"


class StillClock:
    """A clock that stands at noon until it is moved."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


async def own(pool: asyncpg.Pool, epoch: int = 1, account: str = ACCOUNT) -> None:
    """Make an account with an owner at an epoch."""
    await pool.execute(
        "insert into account (id, name, seller_id, region, marketplaces, endpoint, token_url, application_id)"
        " values ($1, 'Acme', 'A1', 'EU', '{}', 'http://127.0.0.1', 'http://127.0.0.1', 'app') on conflict do nothing",
        account,
    )
    await pool.execute(
        "insert into ownership (account_id, epoch, worker, taken_at) values ($1, $2, 'test', now())"
        " on conflict (account_id) do update set epoch = excluded.epoch",
        account,
        epoch,
    )


async def store(pool: asyncpg.Pool, made: Shipment | None = None, body: bytes = b"{}") -> Shipment:
    """Store a shipment as intake does and give it as it stands in the database."""
    made = made or shipment()
    received = ev.Received(facts(made.status.value), made.program, NOON)
    assert await Shipments(pool, StillClock()).insert([Change(made, 0, (received,), NOON, body=body)]) == [True]
    return (await Shipments(pool, StillClock()).load([made.id]))[made.id]
