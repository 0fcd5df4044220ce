"""One HTTP connection to a server: JSON both ways, repeated where that is safe, refusals as our own errors."""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec

from packline import errors
from packline.errors import AmazonError, DeliveryError, FieldError, Invalid, PacklineError

TRIES = 4
PAUSE = 0.25  # seconds before the second try, doubled for each one after


class Connection:
    """Requests to one server, opened with the first of them."""

    def __init__(self, url: str, headers: Mapping[str, str], timeout: aiohttp.ClientTimeout) -> None:
        """Take the server's address."""
        self._url, self._headers, self._timeout = url.rstrip("/"), dict(headers), timeout
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close what is open."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def json(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        extra_s: float = 0,
        keeps_trying: bool = False,
    ) -> dict[str, Any]:
        """Send a request and read JSON; `extra_s` is time that the server was asked to wait.

        Raises the class of `packline.errors` that the server names, or DeliveryError where it cannot be reached.
        """
        content = msgspec.json.encode(body) if body is not None else None
        answer = await self._tried(method, path, _params(params), content, headers or {}, extra_s, keeps_trying)
        decoded: dict[str, Any] = msgspec.json.decode(answer) if answer else {}
        return decoded

    async def file(
        self, method: str, path: str, content: bytes, *, params: Mapping[str, Any] | None = None, extra_s: float = 0
    ) -> dict[str, Any]:
        """Send a file as it is and read JSON; raises like `json`."""
        headers = {"Content-Type": "application/octet-stream"}
        answer = await self._tried(method, path, _params(params), content, headers, extra_s, False)
        decoded: dict[str, Any] = msgspec.json.decode(answer)
        return decoded

    async def upload(
        self, path: str, content: bytes, *, params: Mapping[str, Any], headers: Mapping[str, str]
    ) -> dict[str, Any]:
        """Send bytes of the type that `headers` name, and read JSON."""
        answer = await self._tried("POST", path, _params(params), content, headers, 0, False)
        decoded: dict[str, Any] = msgspec.json.decode(answer)
        return decoded

    async def bytes_of(self, path: str) -> bytes:
        """Read a resource as bytes."""
        return await self._tried("GET", path, [], None, {}, 0, False)

    async def _tried(
        self,
        method: str,
        path: str,
        params: list[tuple[str, str]],
        content: bytes | None,
        headers: Mapping[str, str],
        extra_s: float,
        keeps_trying: bool,
    ) -> bytes:
        tries = 0
        while True:
            try:
                return await self._once(method, path, params, content, headers, extra_s)
            except _Again as again:
                tries += 1
                if tries >= TRIES and not keeps_trying:
                    raise again.error from again.__cause__
                await asyncio.sleep(max(again.pause, min(5.0, PAUSE * 2**tries)))

    async def _once(
        self,
        method: str,
        path: str,
        params: list[tuple[str, str]],
        content: bytes | None,
        headers: Mapping[str, str],
        extra_s: float,
    ) -> bytes:
        session = self._open()
        total = (self._timeout.total or 30) + extra_s
        kinds = {"Content-Type": "application/json"} if content is not None else {}
        try:
            async with session.request(
                method,
                self._url + path,
                params=params,
                data=content,
                headers={**kinds, **headers},
                timeout=aiohttp.ClientTimeout(total=total),
            ) as answer:
                read = await answer.read()
                if answer.status < 400:
                    return read
                raise _refusal(answer.status, answer.headers.get("Retry-After", ""), read)
        except (aiohttp.ClientError, TimeoutError) as error:
            lost = DeliveryError(
                f"{self._url} does not answer: {type(error).__name__} {error}".strip(),
                hint="Is `packline serve` running there?",
            )
            raise _Again(lost, 0) from error

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=self._headers)
        return self._session


class _Again(Exception):
    """A request that may be sent again."""

    def __init__(self, error: PacklineError, pause: float) -> None:
        super().__init__(error.message)
        self.error, self.pause = error, pause


def _refusal(status: int, retry_after: str, body: bytes) -> Exception:
    error = _error(status, body)
    if status in (429, 502, 503, 504):
        return _Again(error, float(retry_after) if retry_after.isdigit() else 0)
    if error.reason == "idempotency_in_progress":
        return _Again(error, 0)
    return error


def _error(status: int, body: bytes) -> PacklineError:
    try:
        problem = msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.DecodeError:
        problem = {}
    message = problem.get("detail") or f"The server answered {status}."
    hint, reason = problem.get("hint", ""), problem.get("reason", "")
    kind = _FAMILY.get(problem.get("code", ""), PacklineError)
    if issubclass(kind, Invalid):
        faults = tuple(FieldError(f["pointer"], f["message"]) for f in problem.get("errors", ()))
        return kind(message, errors=faults, hint=hint, reason=reason)
    if issubclass(kind, AmazonError):
        return kind(message, hint=hint)
    return kind(message, hint=hint, reason=reason)


def _params(params: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, value in (params or {}).items():
        values = value if isinstance(value, list | tuple) else [value]
        pairs += [(name, _text(one)) for one in values if one is not None]
    return pairs


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


_FAMILY: dict[str, type[PacklineError]] = {
    error.code: error for error in vars(errors).values() if isinstance(error, type) and issubclass(error, PacklineError)
}
