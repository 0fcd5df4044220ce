"""The client: sign-in, lane, transport, outcome and record of one call, joined."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec

from packline.amazon.spapi import outcome
from packline.amazon.spapi.auth import AccessTokens, Account, Grant
from packline.amazon.spapi.call_log import ERRORS, CallRecord, Kept, redacted
from packline.amazon.spapi.clock import Clock
from packline.amazon.spapi.lanes import Lane, Lanes
from packline.amazon.spapi.operation import Operation
from packline.amazon.spapi.restricted import CREATE_TOKEN, RestrictedTokens
from packline.amazon.spapi.transport import Guard, NoAnswer, NotSent, Request, Response, Transport
from packline.errors import AmazonError, Rejected, Throttled, Unauthorized, Unavailable, Unexpected

USER_AGENT = "Packline/0.1 (Language=Python)"
Note = Callable[[CallRecord], None]
_NOTHING: Mapping[str, str] = {}
_NO_FIELDS: Kept = {}


class ClientConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How patient the client is."""

    timeout: float = 30.0
    """Seconds until a call without an answer is given up."""
    read_attempts: int = 3
    """Times that a read is sent when Amazon is unavailable; Amazon's guidance is fewer than four."""
    throttle_attempts: int = 6
    """Times that a call is sent when Amazon answers 429, before Throttled is raised."""
    first_pause: float = 0.25
    """Seconds before the second attempt of a read; doubled each time, with jitter."""
    longest_pause: float = 5.0
    """Seconds that a pause never exceeds."""
    keep_bodies: bool = False
    """Keep redacted bodies of successful calls too, not only of failed ones."""


class Answer(msgspec.Struct, frozen=True, gc=False):
    """A success: status, body, Amazon's request id, and the record of the call."""

    status: int
    body: bytes
    request_id: str
    record: CallRecord


class Call(msgspec.Struct, frozen=True, gc=False):
    """One call, ready to be sent as often as it takes."""

    operation: Operation
    account: Account
    url: str
    shipment_id: str
    body: bytes
    urgency: float
    guard: Guard | None
    note: Note | None
    token: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Name the account and the operation."""
        return self.account.id, self.operation.name


class SpApi:
    """Make calls for many accounts, each within its own quotas."""

    def __init__(
        self,
        transport: Transport,
        tokens: AccessTokens,
        lanes: Lanes,
        clock: Clock,
        *,
        on_call: Note | None = None,
        kept: Mapping[str, Kept] | None = None,
        config: ClientConfig | None = None,
    ) -> None:
        """Join the parts; `on_call` sees every call, failed or not; `kept` names the fields a record may hold."""
        self._transport, self._tokens, self._lanes, self._clock = transport, tokens, lanes, clock
        self._on_call, self._kept, self._config = on_call, kept or {}, config or ClientConfig()
        self._restricted = RestrictedTokens(clock)
        self._jitter = random.Random()

    async def call(
        self,
        operation: Operation,
        account: Account,
        path: Mapping[str, str] = _NOTHING,
        query: Mapping[str, str | int | None] = _NOTHING,
        body: bytes = b"",
        *,
        urgency: float = 0.0,
        attempt: int = 1,
        scope: str = "",
        guard: Guard | None = None,
        note: Note | None = None,
        token: str = "",
    ) -> Answer:
        """Call Amazon, in the turn of the lane, the lowest `urgency` first, and answer or raise an AmazonError.

        Reads are repeated when Amazon is unavailable. A write is repeated only when it is proven that it was not
        executed: throttled, or refused for an expired token. `attempt` counts on from what the caller sent before;
        `scope` signs in without a seller. The transport asks `guard` as the last thing before it sends; it stops the
        call by raising. `note` sees the record of each sending, as `on_call` does for all. A `token` of the caller's
        (a restricted one, for one address) is sent instead of the account's.
        """
        url = account.endpoint + operation.target(path, query)
        call = Call(operation, account, url, path.get("shipmentId", ""), body, urgency, guard, note, token)
        grant = self._tokens.grant(account, scope)
        pause = self._config.first_pause
        for number in range(attempt, attempt + self._config.read_attempts):
            try:
                return await self._attempt(call, grant, number)
            except Unavailable as unavailable:
                last = number == attempt + self._config.read_attempts - 1
                if last or operation.is_write or unavailable.operation != operation.name:
                    raise
            await self._clock.sleep(pause * self._jitter.uniform(0.75, 1.25))
            pause = min(pause * 2, self._config.longest_pause)
        raise AssertionError("unreachable")

    async def download(self, url: str) -> bytes:
        """Fetch a document from the address that Amazon gave; no token is sent there.

        Raises Unavailable when it cannot be fetched now, Rejected when the address has expired.
        """
        try:
            response = await self._transport.send(Request("GET", url, _NOTHING, timeout=self._config.timeout))
        except (NotSent, NoAnswer) as why:
            raise outcome.silence("download", is_write=False, kind=outcome.NO_ANSWER, why=str(why)) from why
        if response.status == 200:
            return response.body
        refused = outcome.refusal("download", is_write=False, status=response.status, body=b"")
        if isinstance(refused, Unauthorized):
            raise outcome.refusal("download", is_write=False, status=404, body=b"") from refused
        raise refused

    async def upload(self, url: str, content: bytes, content_type: str) -> None:
        """Put a document at the address that Amazon gave; no token is sent there, the type must be the one declared.

        It is repeated until it is there, as the same document at the same address is one. Raises Unavailable when it
        cannot be put now, Rejected when the address has expired.
        """
        headers = {"Content-Type": content_type}
        for attempt in range(1, self._config.read_attempts + 1):
            try:
                response = await self._transport.send(Request("PUT", url, headers, content, self._config.timeout))
            except (NotSent, NoAnswer) as why:
                error = outcome.silence("upload", is_write=False, kind=outcome.NO_ANSWER, why=str(why))
            else:
                if 200 <= response.status < 300:
                    return
                status = 404 if response.status in (401, 403) else response.status
                error = outcome.refusal("upload", is_write=False, status=status, body=b"")
            if attempt == self._config.read_attempts or not isinstance(error, Unavailable):
                raise error
            await self._clock.sleep(self._config.first_pause * attempt)

    async def _attempt(self, call: Call, grant: Grant, attempt: int) -> Answer:
        lane = self._lanes.lane(call.account.id, call.account.credentials.client_id, call.operation.name)
        throttles = ticket = 0
        refused: Unauthorized | None = None
        while True:
            restricted = call.token or await self._restricted_token(call, refused)
            token = restricted or await self._token(grant)
            turn = lane.take(ticket)
            if not turn:
                turn = await lane.acquire(call.urgency, ticket)
                token = restricted or await self._token(grant)  # it may have been renewed, or have ended, meanwhile
            ticket = turn
            try:
                answer = await self._send(call, lane, token, attempt)
            except Throttled:
                lane.throttled()
                throttles += 1
                if throttles >= self._config.throttle_attempts:
                    raise
            except Unauthorized as refusal:
                if restricted:
                    self._restricted.drop(call.key)
                    raise
                if refused or not self._tokens.refused(grant, token):
                    if not call.operation.is_personal:
                        raise
                    self._restricted.want(call.key)
                refused = refusal
            else:
                grant.on_trial = False
                return answer

    async def _token(self, grant: Grant) -> str:
        return self._tokens.ready(grant) or await self._tokens.token(grant)

    async def _restricted_token(self, call: Call, refused: Unauthorized | None) -> str:
        if not call.operation.is_personal or not self._restricted.is_wanted(call.key):
            return ""

        async def fetch(body: bytes) -> bytes:
            answer = await self.call(CREATE_TOKEN, call.account, body=body, guard=call.guard, note=call.note)
            return answer.body

        try:
            return await self._restricted.token(call.key, call.operation, fetch)
        except (Unauthorized, Rejected, Unexpected) as why:
            self._restricted.drop(call.key)
            raise refused or why from None

    async def _send(self, call: Call, lane: Lane, token: str, attempt: int) -> Answer:
        sent = _Sent(self._clock.now(), self._clock.monotonic(), call, lane, attempt)
        try:
            response = await self._transport.send(self._request(call, token))
        except (NotSent, NoAnswer) as why:
            raise self._silent(sent, why) from why
        request_id = response.headers.get("x-amzn-requestid", "")
        if not 200 <= response.status < 300:
            raise self._refused(sent, response, request_id)
        lane.answered(response.headers.get("x-amzn-ratelimit-limit", ""))
        record = self._note(sent, response.status, "", response.ms, request_id, response.body)
        return Answer(response.status, response.body, request_id, record)

    def _request(self, call: Call, token: str) -> Request:
        headers = {"x-amz-access-token": token, "User-Agent": USER_AGENT}
        if call.body:
            headers["Content-Type"] = "application/json"
        return Request(call.operation.method, call.url, headers, call.body, self._config.timeout, call.guard)

    def _silent(self, sent: _Sent, why: NotSent | NoAnswer) -> AmazonError:
        kind = outcome.NOT_SENT if isinstance(why, NotSent) else outcome.NO_ANSWER
        operation = sent.call.operation
        error = outcome.silence(operation.name, is_write=operation.is_write, kind=kind, why=str(why))
        self._note(sent, 0, kind, (self._clock.monotonic() - sent.started) * 1000, "", b"")
        return error

    def _refused(self, sent: _Sent, response: Response, request_id: str) -> AmazonError:
        operation = sent.call.operation
        error = outcome.refusal(
            operation.name,
            is_write=operation.is_write,
            status=response.status,
            body=response.body,
            request_id=request_id,
        )
        self._note(sent, response.status, error.amazon_code or error.code, response.ms, request_id, response.body)
        return error

    def _note(self, sent: _Sent, status: int, code: str, ms: float, request_id: str, body: bytes) -> CallRecord:
        operation = sent.call.operation
        asked = told = b""
        if code or self._config.keep_bodies:
            kept = self._kept.get(operation.name, _NO_FIELDS)
            asked, told = redacted(sent.call.body, kept), redacted(body, ERRORS if code else kept)
        record = CallRecord(
            at=sent.at,
            account=sent.call.account.id,
            operation=operation.name,
            shipment_id=sent.call.shipment_id,
            attempt=sent.attempt,
            status=status,
            code=code,
            ms=ms,
            quota_left=sent.lane.level,
            request_id=request_id,
            method=operation.method,
            path=operation.path,
            request_body=asked,
            response_body=told,
        )
        for see in (self._on_call, sent.call.note):
            if see is not None:
                see(record)
        return record


class _Sent(NamedTuple):
    at: datetime
    started: float
    call: Call
    lane: Lane
    attempt: int
