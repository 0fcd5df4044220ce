"""A stage for whole-system tests: a simulator and workers as processes of their own, and a packer at the bench."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from packline.bootstrap import Services
from packline.commands.accounts import add_account
from packline.commands.order import Order
from packline.commands.pack import Pack
from packline.config import Settings, load
from packline.domain.location import Account, Api, Credentials, Location, Region
from packline.domain.shipment import Goal
from packline.errors import PacklineError
from packline_sim.control.handles import Amazon, Seller

IN = "A21TJRUUN4KGV"
PACKABLE = """
select id from shipment where status in ('ACCEPTED', 'CONFIRMED') and coalesce(goal, 'confirmed') = 'confirmed'
order by received_at limit 500
"""
UNFINISHED = "select count(*) from shipment where status not in ('SHIPLABEL_GENERATED', 'SHIPPED', 'CANCELLED')"


@contextmanager
def amazon(quotas: str = "off") -> Iterator[Amazon]:
    """Start a simulator as a process on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "packline_sim", "serve", "--port", str(port), "--quotas", quotas, "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())
        yield Amazon(f"http://127.0.0.1:{port}")
    finally:
        process.kill()
        process.wait(10)


def settings(database_url: str, folder: Path, **given: object) -> Settings:
    """Make settings on a database of the test, polling faster than by default."""
    return load({"data": folder / "data", "database_url": database_url, "poll_new_s": 1.0, "poll_rest_s": 3.0, **given})


def environment(chosen: Settings) -> dict[str, str]:
    """Give the environment in which a worker process finds the same settings."""
    assert chosen.database_url is not None
    return {
        **os.environ,
        "PACKLINE_DATA": str(chosen.data),
        "PACKLINE_DATABASE_URL": chosen.database_url.get_secret_value(),
        "PACKLINE_POLL_NEW_S": str(chosen.poll_new_s),
        "PACKLINE_POLL_REST_S": str(chosen.poll_rest_s),
        "PACKLINE_POLL_RETURNS_S": str(chosen.poll_returns_s),
        "PACKLINE_CALL_TIMEOUT_S": str(chosen.call_timeout_s),
        "PACKLINE_POOL_SIZE": "6",
        "PACKLINE_LOG_LEVEL": "warning",
    }


async def open_account(services: Services, amazon: Amazon, seller: Seller, usage_plan: str) -> Account:
    """Give Packline an account for a seller of the simulator, with its locations."""
    account = Account(
        id=seller.seller_id.lower(),
        name=seller.name,
        seller_id=seller.seller_id,
        region=Region.EU,
        marketplaces=(IN,),
        endpoint=amazon.url,
        token_url=amazon.token_url,
        application_id="app",
        usage_plan=usage_plan,
    )
    await services.accounts.put(account, Credentials(seller.client_id, seller.client_secret, seller.refresh_token))
    for location in seller.location_ids:
        await services.accounts.put_location(Location(account.id, location, auto_confirm=True))
    return account


async def open_seller_central(services: Services, amazon: Amazon, seller: Seller, usage_plan: str) -> Account:
    """Give Packline an account for an Easy Ship seller who is not on SmartConnect."""
    account = Account(
        id=seller.seller_id.lower(),
        name=seller.name,
        seller_id=seller.seller_id,
        region=Region.EU,
        marketplaces=(IN,),
        endpoint=amazon.url,
        token_url=amazon.token_url,
        application_id="app",
        usage_plan=usage_plan,
        api=Api.SELLER_CENTRAL,
    )
    keys = Credentials(seller.client_id, seller.client_secret, seller.refresh_token)
    return await add_account(services.accounts, services.wake, account, keys)


def open_shop(amazon: Amazon, name: str) -> Seller:
    """Let a seller of the simulator open with one location and plenty of stock."""
    seller = amazon.create_seller(name, region="EU", marketplace_ids=[IN])
    seller.add_location()
    for _ in range(2):
        seller.add_sku(stock=100_000)
    return seller


class Packer:
    """Pack every shipment that came in, as a warehouse does through the desk."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._packed: set[str] = set()
        self.refusals: list[PacklineError] = []

    async def once(self, until: Goal = Goal.LABELED) -> int:
        """Pack what has not been packed yet; returns how many."""
        rows = await self._services.pool.fetch(PACKABLE)
        orders = [Order(row["id"], Pack(until=until), key=f"pack-{row['id']}") for row in rows]
        orders = [order for order in orders if order.shipment not in self._packed]
        for order, answer in zip(orders, await self._services.desk.give_many(orders) if orders else [], strict=True):
            if isinstance(answer, PacklineError):
                self.refusals.append(answer)
            else:
                self._packed.add(order.shipment)
        return len(orders)

    async def run(self, expected: int, seconds: float) -> None:
        """Pack until so many shipments have their documents. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while await self.finished() < expected:
                await self.once()
                await asyncio.sleep(0.2)

    async def finished(self) -> int:
        """Count shipments that need no more calls."""
        sql = "select count(*) from shipment where status = 'SHIPLABEL_GENERATED' and due_at is null"
        return int(await self._services.pool.fetchval(sql))


class WorkerProcess:
    """One `packline worker`, to be killed and frozen."""

    def __init__(self, name: str, chosen: Settings, log: Path) -> None:
        self.name, self._chosen, self._log = name, chosen, log
        self.process = self._start()
        self.frozen = False

    def kill(self) -> float:
        """Kill it at once (SIGKILL) and tell when."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        return time.time()

    def freeze(self) -> float:
        """Stop it in the middle of whatever it does (SIGSTOP) and tell when."""
        self.process.send_signal(signal.SIGSTOP)
        self.frozen = True
        return time.time()

    def thaw(self) -> None:
        """Let it go on (SIGCONT)."""
        self.process.send_signal(signal.SIGCONT)
        self.frozen = False

    def restart(self) -> None:
        """Start it anew under the same name."""
        self.process = self._start()

    def end(self) -> int:
        """Ask it to end (SIGTERM) and wait for it."""
        if self.frozen:
            self.thaw()
        self.process.terminate()
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(5)

    def _start(self) -> "subprocess.Popen[bytes]":
        with self._log.open("ab") as log:
            command = [sys.executable, "-m", "packline", "worker", "--name", self.name]
            return subprocess.Popen(command, env=environment(self._chosen), stdout=log, stderr=log)
