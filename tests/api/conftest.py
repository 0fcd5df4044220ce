"""Fixtures of the API tests."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
import uvicorn

from api.house import House, open_house
from packline.api.app import create_app


@pytest.fixture
async def house(pool: asyncpg.Pool) -> AsyncIterator[House]:
    """Open a house over an empty database."""
    async with open_house(pool) as made:
        yield made


@pytest.fixture
async def address(house: House) -> AsyncIterator[str]:
    """Serve the house's app on this machine; give its address."""
    config = uvicorn.Config(create_app(house.services), port=0, host="127.0.0.1", log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  uvicorn tells it by a flag only
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving
