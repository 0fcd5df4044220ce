"""Doors: each account with its signed-in client and its lanes, shared by every API that is spoken for it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec

from packline.amazon.spapi import auth
from packline.amazon.spapi.auth import AccessTokens
from packline.amazon.spapi.call_log import CallRecord, Kept
from packline.amazon.spapi.client import ClientConfig, SpApi
from packline.amazon.spapi.clock import Clock
from packline.amazon.spapi.lanes import Lanes
from packline.amazon.spapi.transport import Transport
from packline.amazon.spapi.usage_plans import UsagePlans
from packline.domain.location import Account, Credentials
from packline.ports import Call

Directory = Callable[[str], Awaitable[tuple[Account, Credentials]]]
FRESH = 30.0
"""Seconds for which an account's settings and credentials are taken as read."""


class _Levels(msgspec.Struct, frozen=True):
    """When an account's lanes were left, and (application, operation, calls free) of each."""

    at: float = 0.0
    lanes: tuple[tuple[str, str, float], ...] = ()


class Door:
    """One account as the client wants it (`caller`), its settings, and the client for its sign-in and usage plan."""

    __slots__ = ("api", "caller", "lanes", "read_at", "settings")

    def __init__(self, settings: Account, caller: auth.Account, api: SpApi, lanes: Lanes, read_at: float) -> None:
        self.settings, self.caller, self.api, self.lanes, self.read_at = settings, caller, api, lanes, read_at


class Doors:
    """Open the door of an account: one set of tokens and lanes for all of its APIs."""

    def __init__(
        self,
        transport: Transport,
        clock: Clock,
        directory: Directory,
        kept: Mapping[str, Kept],
        config: ClientConfig | None = None,
    ) -> None:
        """Call through `transport`; `directory` gives an account with its credentials, or raises NotFound.

        `kept` names for each operation the fields of its bodies that the call log may hold.
        """
        self._transport, self._clock, self._directory, self._config = transport, clock, directory, config
        self._kept = kept
        self._doors: dict[str, Door] = {}
        self._apis: dict[tuple[str, str], tuple[SpApi, Lanes]] = {}
        self._left: dict[str, _Levels] = {}
        self._reading: dict[str, asyncio.Task[Door]] = {}

    async def door(self, account_id: str) -> Door:
        """Give an account's door; its settings and credentials are read again every half minute."""
        door = self._doors.get(account_id)
        if door is not None and self._clock.monotonic() - door.read_at < FRESH:
            return door
        reading = self._reading.get(account_id)
        if reading is None:
            reading = self._reading[account_id] = asyncio.create_task(self._read(account_id, door))
            reading.add_done_callback(lambda done: self._was_read(account_id, done))
        return await asyncio.shield(reading)  # whoever asks meanwhile shares the answer, and may stop waiting

    async def _read(self, account_id: str, door: Door | None) -> Door:
        account, credentials = await self._directory(account_id)
        known = auth.Credentials(credentials.client_id, credentials.client_secret, credentials.refresh_token)
        if door is not None and door.caller.credentials == known:
            known = door.caller.credentials
        called = auth.Account(account.id, account.endpoint.rstrip("/"), known)
        api, lanes = self._api(account.token_url, account.usage_plan)
        door = Door(account, called, api, lanes, self._clock.monotonic())
        if self._reading.get(account_id) is not asyncio.current_task():
            return door  # the account was forgotten meanwhile: this is the last use of what was read before
        left = self._left.pop(account_id, None)
        if left is not None:
            lanes.resume(account_id, left.lanes, self._clock.now().timestamp() - left.at)
        self._doors[account_id] = door
        return door

    def _was_read(self, account_id: str, done: asyncio.Task[Door]) -> None:
        if self._reading.get(account_id) is done:
            del self._reading[account_id]
        if not done.cancelled():
            done.exception()  # heard by those who wait, if anybody still does

    def quotas(self, account: str) -> Sequence[dict[str, Any]]:
        """Show the lanes of an account that this process uses."""
        return [
            msgspec.to_builtins(lane) for _, lanes in list(self._apis.values()) for lane in lanes.snapshots(account)
        ]

    def take_up(self, account: str, levels: bytes) -> None:
        """Start an account's lanes as its last owner left them (`levels` is what `lay_down` gave it)."""
        try:
            left = msgspec.json.decode(levels, type=_Levels) if levels else _Levels()
        except msgspec.DecodeError:
            left = _Levels()
        self._left[account] = left

    def lay_down(self, account: str) -> bytes:
        """Drop what is held of an account that this process no longer owns, and tell its lanes' levels."""
        levels = [level for _, lanes in self._apis.values() for level in lanes.levels(account)]
        self.forget(account)
        return msgspec.json.encode(_Levels(self._clock.now().timestamp(), tuple(levels)))

    def forget(self, account: str) -> None:
        """Read an account anew: its settings or credentials changed, or this process no longer owns it."""
        self._doors.pop(account, None)
        self._reading.pop(account, None)
        self._left.pop(account, None)
        for _, lanes in self._apis.values():
            lanes.forget(account)

    def _api(self, token_url: str, usage_plan: str) -> tuple[SpApi, Lanes]:
        key = (token_url, usage_plan)
        if key not in self._apis:
            lanes = Lanes(UsagePlans(usage_plan), self._clock)
            tokens = AccessTokens(self._transport, self._clock, token_url=token_url)
            api = SpApi(self._transport, tokens, lanes, self._clock, kept=self._kept, config=self._config)
            self._apis[key] = (api, lanes)
        return self._apis[key]


def call_of(record: CallRecord, shipment: str | None) -> Call:
    """Turn the client's record of a call into a line of the call log."""
    return Call(
        at=record.at,
        account=record.account,
        operation=record.operation,
        attempt=record.attempt,
        status=record.status,
        ms=record.ms,
        shipment=shipment,
        code=record.code,
        request_id=record.request_id,
        quota_left=record.quota_left,
        request=record.request_body,
        response=record.response_body,
    )
