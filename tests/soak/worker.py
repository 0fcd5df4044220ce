"""A `packline worker` in the simulator's time: `python -m soak.worker <simulator> <highest speed> <ready file>`."""

import asyncio
import dataclasses
import gc
import os
import signal
import sys
from pathlib import Path

import structlog
import uvloop

from packline.bootstrap import open_services
from packline.config import load
from packline.running import run
from soak.clock import HouseClock, RushedClock, renew_tokens_in_time, take_grants_in_time
from soak.unhurried import stretch, unhurry

BEHIND = 5
"""By how much workers stand back on a machine with few cores: all of them wait for the one simulator."""


async def work(url: str, speed: float, ready: Path) -> None:
    """Work until SIGTERM; `ready` is written when the work begins."""
    renew_tokens_in_time(speed)
    take_grants_in_time(speed)
    clock, stop = RushedClock(url, stretch), asyncio.Event()
    unhurry(clock, speed)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    following = asyncio.create_task(clock.follow())
    async with open_services(load(), clock) as opened:
        services = dataclasses.replace(opened, clock=HouseClock(clock))
        async with run(services, faces=False, worker=True) as running:
            await asyncio.to_thread(ready.touch)
            await running.until(stop)
    following.cancel()


if __name__ == "__main__":
    os.nice(BEHIND)
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(30),
    )
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)  # as `packline worker` does
    uvloop.run(work(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3])))
