"""Fixtures that every test may use."""

import pytest

from storage_fixtures import database_url, databases, pool, postgres

__all__ = ["anyio_backend", "database_url", "databases", "pool", "postgres"]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio, as Packline does."""
    return "asyncio"
