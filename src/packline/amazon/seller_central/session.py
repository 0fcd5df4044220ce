"""The calls of one method of a port, made through one account's door and logged whatever came of them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from msgspec.json import Decoder

from packline.amazon.seller_central.answering import read
from packline.amazon.seller_central.wire.parts import Shape
from packline.amazon.spapi.doors import Door, Doors, call_of
from packline.amazon.spapi.operation import Operation
from packline.ports import Call, Guard

LogCalls = Callable[[Sequence[Call]], Awaitable[None]]


class Session:
    """The calls of one method, made through one door."""

    def __init__(self, door: Door, calls: list[Call], guard: Guard | None) -> None:
        self.door, self._calls, self._guard = door, calls, guard

    async def __call__(
        self,
        operation: Operation,
        decoder: Decoder[Shape],
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str | int | None] | None = None,
        body: bytes = b"",
        token: str = "",
    ) -> Shape:
        answer = await self.door.api.call(
            operation,
            self.door.caller,
            path or {},
            query or {},
            body,
            guard=self._guard,
            note=lambda record: self._calls.append(call_of(record, None)),
            token=token,
        )
        return read(operation, answer, decoder)


class Sessions:
    """Open a session for each method of a port; its calls are logged at the end, also of one that failed."""

    def __init__(self, doors: Doors, log_calls: LogCalls) -> None:
        """Call through the accounts' doors; every call is handed to `log_calls`."""
        self._doors, self._log_calls = doors, log_calls

    @asynccontextmanager
    async def open(self, account: str, guard: Guard | None) -> AsyncIterator[Session]:
        """Give the session; `guard` is asked before each call leaves."""
        calls: list[Call] = []
        try:
            yield Session(await self._doors.door(account), calls, guard)
        finally:
            if calls:
                await self._log_calls(tuple(calls))
