"""Fixtures of the API tests."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from api.house import House, open_house


@pytest.fixture
async def house(pool: asyncpg.Pool) -> AsyncIterator[House]:
    """Open a house over an empty database."""
    async with open_house(pool) as made:
        yield made
