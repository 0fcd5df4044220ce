"""A console over a real database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx
import pytest

from api.house import House, open_house
from console.start_fakes import bulk_of, files_of, start_of
from packline.console.app import create_console
from packline.console.desks import Desks
from packline.console.room import Room
from packline.storage.feeds import Feeds
from packline.storage.routing import Routing


def room_of(house: House, **given: Any) -> Room:
    """Make the console's room from the services of a house."""
    services = house.services
    return Room(
        pool=services.pool,
        clock=services.clock,
        gateway=services.gateway,
        desk=services.desk,
        keys=services.api_keys,
        moved=services.pulse.wait,
        prints=services.prints,
        manifests=services.manifests,
        desks=Desks(
            accounts=services.accounts,
            wake=services.wake,
            feed_rules=services.settings.feed_rules,
            stock=services.stock,
            publishing=services.publishing,
            reconcile=services.reconcile,
            returns=services.dock,
            routes=services.routes,
            rules=services.stock_rules,
            feeds=Feeds(services.pool),
            routing=Routing(services.pool),
        ),
        start=given.pop("start", None) or start_of(services),
        files=files_of(services),
        bulk=bulk_of(services),
        **given,
    )


@asynccontextmanager
async def browser(house: House, host: str = "127.0.0.1", **given: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Open a browser on a console."""
    transport = httpx.ASGITransport(create_console(room_of(house, **given)))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
        yield client


@pytest.fixture
async def house(pool: asyncpg.Pool) -> AsyncIterator[House]:
    """Open a house over an empty database."""
    async with open_house(pool) as made:
        yield made


@pytest.fixture
async def page(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """Open a browser on a console that asks nobody to sign in."""
    async with browser(house, sign_in=False) as client:
        yield client
