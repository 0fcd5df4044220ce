"""An embedded PostgreSQL for the time of a benchmark, with an account and its owner."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from packline.amazon.spapi.clock import SystemClock
from packline.storage import embedded
from packline.storage.database import open_pool

ACCOUNT = "bench"
EPOCH = 1


@asynccontextmanager
async def database() -> AsyncIterator[asyncpg.Pool]:
    """Start a server on a folder of its own and remove both afterwards; the account's epoch is `EPOCH`."""
    folder = _folder()
    pool = await open_pool(None, folder, SystemClock().now())
    try:
        await pool.execute(
            "insert into account (id, name, seller_id, region, marketplaces, endpoint, token_url, application_id)"
            " values ($1, 'Benchmark', 'A1', 'EU', '{}', '', '', 'app')",
            ACCOUNT,
        )
        await pool.execute(
            "insert into ownership (account_id, epoch, worker, taken_at) values ($1, $2, 'bench', now())",
            ACCOUNT,
            EPOCH,
        )
        yield pool
    finally:
        await pool.close()
        embedded.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="packline-bench-"))
    folder.chmod(0o755)
    return folder
