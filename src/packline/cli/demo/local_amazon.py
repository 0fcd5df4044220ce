"""Amazon on this machine: the simulator as a process of its own, spoken to through its control API."""

import asyncio
import contextlib
import json
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from packline.errors import ConfigError

READY_S = 60.0
END_S = 5.0


class LocalAmazon:
    """One running simulator."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        """Speak to the simulator at an address."""
        self.url, self._session = url, session

    async def get(self, path: str, **query: str) -> Any:
        """Read from the control API."""
        async with self._session.get(f"{self.url}/_sim/{path}", params=query) as answer:
            return await _content(answer)

    async def post(self, path: str, body: object) -> Any:
        """Act through the control API."""
        async with self._session.post(f"{self.url}/_sim/{path}", json=body) as answer:
            return await _content(answer)

    async def patch(self, path: str, body: object) -> Any:
        """Change something through the control API."""
        async with self._session.patch(f"{self.url}/_sim/{path}", json=body) as answer:
            return await _content(answer)

    async def stop_buyers(self) -> list[Any]:
        """Let no buyers order any more; answers who they are."""
        async with self._session.delete(f"{self.url}/_sim/buyers") as answer:
            return list((await _content(answer))["items"])


@asynccontextmanager
async def local_amazon(scenario: str, speed: float) -> AsyncIterator[LocalAmazon]:
    """Start the simulator on a free port, and end it, by its process id, at the end.

    Raises ConfigError where it does not come up.
    """
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "packline_sim", "serve", "--port", str(port), "--scenario", scenario,
        "--speed", str(speed), "--json", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    try:
        url = await _ready(process)
        # A kept connection may be closed by the simulator just as a call leaves, some seconds after the last one.
        connector = aiohttp.TCPConnector(force_close=True)
        async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=60)) as session:
            yield LocalAmazon(url, session)
    finally:
        await _end(process)


def free_port(wanted: int = 0) -> int:
    """Give the wanted port, or the next free one after it; any free one for 0."""
    for port in range(wanted, wanted + 50) if wanted else (0,):
        with socket.socket() as trial, contextlib.suppress(OSError):
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(("127.0.0.1", port))
            return int(trial.getsockname()[1])
    raise ConfigError(f"No port from {wanted} on is free.", hint="Choose another with --port.")


async def _ready(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None  # noqa: S101  it was asked for
    assert process.stderr is not None  # noqa: S101  it was asked for
    try:
        line = await asyncio.wait_for(process.stdout.readline(), READY_S)
        return str(json.loads(line)["url"])
    except (TimeoutError, ValueError, KeyError):
        await _end(process)
        said = (await process.stderr.read()).decode(errors="replace").strip()
        raise ConfigError(
            f"The simulator did not start: {said[-500:] or 'it said nothing'}", hint="Try `packline sim serve` by hand."
        ) from None


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), END_S)
    except TimeoutError:
        process.kill()
        await process.wait()


async def _content(answer: aiohttp.ClientResponse) -> Any:
    content = await answer.json()
    if answer.status >= 400:
        raise ConfigError(f"The simulator refused {answer.url.path}: {content.get('detail', content)}")
    return content
