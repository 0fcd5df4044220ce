"""A small synchronous client of the control API, for the command line and for tests; standard library only."""

import http.client
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn
from urllib.parse import quote, urlencode, urlsplit

import msgspec

# The server drops a connection that was idle for 5 s; one that is nearly so old is not trusted with another request.
IDLE_SECONDS = 2.0
DEFAULT_URL = "http://127.0.0.1:8181"


class SimulatorError(Exception):
    """The simulator did not do what was asked; `problem` is its problem details, empty when it did not answer."""

    def __init__(self, message: str, problem: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.problem: Mapping[str, Any] = problem or {}


class ControlClient:
    """Speak to one running simulator, from any thread.

    Answers are plain data as in /_sim/openapi.json. When the simulator refuses or is away, `fail` is called with a
    SimulatorError, which it raises unless told otherwise.
    """

    def __init__(
        self, url: str = DEFAULT_URL, timeout_s: float = 60, *, fail: Callable[[SimulatorError], NoReturn] | None = None
    ) -> None:
        self._fail = fail or _raise
        self.url = url.rstrip("/")
        parts = urlsplit(self.url)
        if parts.scheme != "http" or not parts.hostname:
            raise SimulatorError(f"{url!r} is not an address like {DEFAULT_URL}: give the simulator's http address.")
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=timeout_s)
        self._lock = threading.Lock()
        self._used_s = 0.0

    def get(self, *path: str, **query: object) -> Any:
        """Read; path segments are quoted, query values of None are left out."""
        return self._call("GET", path, None, query)

    def post(self, *path: str, body: object = None) -> Any:
        """Act or create; `body` is plain data or a struct."""
        return self._call("POST", path, body, {})

    def patch(self, *path: str, body: object = None) -> Any:
        """Change some fields."""
        return self._call("PATCH", path, body, {})

    def delete(self, *path: str, **query: object) -> Any:
        """Remove."""
        return self._call("DELETE", path, None, query)

    def pages(self, *path: str, limit: int | None = None, **query: str | None) -> Iterator[Any]:
        """Yield the items of a paged listing, at most `limit`, following `next` from page to page."""
        left, after = limit, None
        while left is None or left > 0:
            size = 1000 if left is None else min(left, 1000)
            page = self.get(*path, **{**query, "limit": size, "after": after})
            yield from page["items"]
            after = page.get("next")
            if not after:
                return
            left = None if left is None else left - len(page["items"])

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _call(self, method: str, path: tuple[str, ...], body: object, query: Mapping[str, object]) -> Any:
        target = "/_sim/" + "/".join(quote(part, safe="") for part in path)
        chosen = {name: _text(value) for name, value in query.items() if value is not None}
        if chosen:
            target += "?" + urlencode(chosen)
        content = None if body is None else msgspec.json.encode(body)
        status, answer = self._exchange(method, target, content)
        if status >= 400:
            self._fail(_refusal(status, answer))
        return msgspec.json.decode(answer)

    def _exchange(self, method: str, target: str, content: bytes | None) -> tuple[int, bytes]:
        headers = {"content-type": "application/json"} if content is not None else {}
        try:
            with self._lock:
                self._renew_when_idle()
                self._connection.request(method, target, content, headers)
                response = self._connection.getresponse()
                return response.status, response.read()
        except (OSError, http.client.HTTPException) as failure:
            self._connection.close()
            self._fail(
                SimulatorError(
                    f"No simulator answered at {self.url} ({failure}). Start one with `packline sim serve`, "
                    "or give its address with --url or PACKLINE_SIM_URL."
                )
            )

    def _renew_when_idle(self) -> None:
        now = time.monotonic()
        if now - self._used_s > IDLE_SECONDS:
            self._connection.close()
        self._used_s = now


def _raise(failure: SimulatorError) -> NoReturn:
    raise failure


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _refusal(status: int, answer: bytes) -> SimulatorError:
    try:
        problem = msgspec.json.decode(answer, type=dict[str, Any])
    except msgspec.DecodeError:
        return SimulatorError(f"The simulator answered {status}: {answer[:200]!r}")
    lines = [f"{problem.get('title')}: {problem.get('detail')}"]
    lines += [f"  {error['pointer'] or '/'}: {error['detail']}" for error in problem.get("errors", ())]
    if problem.get("hint"):
        lines.append(str(problem["hint"]))
    return SimulatorError("\n".join(lines), problem)
