"""The watch over the embedded server: it is started again where it dies while Packline runs."""

import asyncio
import contextlib
from pathlib import Path

import structlog

from packline.errors import ConfigError
from packline.storage import embedded

LOOK_S = 2.0
log = structlog.get_logger(__name__)


async def watch(data_dir: Path, stop: asyncio.Event) -> None:
    """Look until `stop`; everybody else waits for the server as for any database that is away."""
    while not stop.is_set():
        try:
            if await asyncio.to_thread(embedded.keep, data_dir):
                log.warning("database.revived", folder=str(data_dir))
        except ConfigError as failure:
            log.warning("database.dead", error=failure.message, hint=failure.hint)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_S)
