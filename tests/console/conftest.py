"""A console over a real database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import asyncpg
import httpx
import pytest

from api.house import House, open_house
from console.start_fakes import bulk_of, files_of, start_of
from packline.console.app import create_console
from packline.console.room import Room
from packline.faces import room_over


def room_of(house: House, **given: Any) -> Room:
    """Make the console's room from the services of a house."""
    services = house.services
    start = given.pop("start", None) or start_of(services)
    return replace(room_over(services, start, files_of(services), bulk_of(services)), **given)


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
