"""The gateway: steps become calls, answers become reports; nothing above this file knows the API."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from packline.amazon.external_fulfillment import files, operations, parse, wire
from packline.amazon.external_fulfillment.client import read
from packline.amazon.external_fulfillment.kept_fields import KEPT_FIELDS
from packline.amazon.external_fulfillment.requests import Prepared, prepare
from packline.amazon.external_fulfillment.times import stamp
from packline.amazon.programs import PROGRAMS, program_of
from packline.amazon.spapi import auth
from packline.amazon.spapi.auth import AccessTokens
from packline.amazon.spapi.call_log import CallRecord
from packline.amazon.spapi.client import Answer, ClientConfig, SpApi
from packline.amazon.spapi.clock import Clock
from packline.amazon.spapi.lanes import Lanes
from packline.amazon.spapi.transport import Transport
from packline.amazon.spapi.usage_plans import UsagePlans
from packline.domain.details import Details
from packline.domain.location import Account, Credentials
from packline.domain.program import Program
from packline.domain.reports import Done, Facts, Failed, LabelResult, Seen
from packline.domain.shipment import Failure, Shipment
from packline.domain.step import Step, StepKind
from packline.domain.values import File
from packline.errors import AmazonError, Rejected, Unavailable, Unresolved
from packline.ports import Call, Guard, Page, Performed, Query

Directory = Callable[[str], Awaitable[tuple[Account, Credentials]]]
FRESH = 30.0
"""Seconds for which an account's settings and credentials are taken as read."""
_PAGE = wire.reader(wire.ShipmentsPage)
_OPTIONS = wire.reader(wire.ShippingOptions)
_INVOICE = wire.reader(wire.Invoice)
_LABELS = wire.reader(wire.ShipLabels)


class _Levels(msgspec.Struct, frozen=True):
    """When an account's lanes were left, and (application, operation, calls free) of each."""

    at: float = 0.0
    lanes: tuple[tuple[str, str, float], ...] = ()


class _Door:
    """One account as the client wants it, and the client for its sign-in address and usage plan."""

    __slots__ = ("account", "api", "read_at")

    def __init__(self, account: auth.Account, api: SpApi, read_at: float) -> None:
        self.account, self.api, self.read_at = account, api, read_at


class ExternalFulfillmentGateway:
    """Speak External Fulfillment 2024-09-11 for every account (implements `ports.Gateway`)."""

    def __init__(
        self, transport: Transport, clock: Clock, directory: Directory, config: ClientConfig | None = None
    ) -> None:
        """Call through `transport`; `directory` gives an account with its credentials, or raises NotFound."""
        self._transport, self._clock, self._directory, self._config = transport, clock, directory, config
        self._doors: dict[str, _Door] = {}
        self._apis: dict[tuple[str, str], tuple[SpApi, Lanes]] = {}
        self._left: dict[str, _Levels] = {}

    def program(self, code: str) -> Program:
        """Look a program up by its code; raises KeyError for one that does not exist."""
        return PROGRAMS[code]

    def program_of(self, facts: Facts) -> Program | None:
        """Tell a shipment's program from channel and shipping type."""
        return program_of(facts.channel, facts.shipping_type)

    def details(self, body: bytes) -> Details:
        """Decode the part of a stored body that people and checks read."""
        return parse.details(body)

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
        lanes = [lanes for _, lanes in self._apis.values()]
        levels = [level for each in lanes for level in each.levels(account)]
        self.forget(account)
        return msgspec.json.encode(_Levels(self._clock.now().timestamp(), tuple(levels)))

    def forget(self, account: str) -> None:
        """Read an account anew: its settings or credentials changed, or this process no longer owns it."""
        self._doors.pop(account, None)
        self._left.pop(account, None)
        for _, lanes in self._apis.values():
            lanes.forget(account)

    async def perform(self, account: str, shipment: Shipment, step: Step, guard: Guard | None = None) -> Performed:
        """Make the call of one step; see `ports.Gateway.perform`."""
        calls: list[Call] = []
        door = await self._door(account)
        if step.kind is StepKind.DOWNLOAD_LABEL:
            return await self._download(door, shipment, step)
        prepared = prepare(shipment, step)
        read_at = self._clock.now()
        try:
            answer = await door.api.call(
                prepared.operation,
                door.account,
                prepared.path,
                prepared.query,
                prepared.body,
                urgency=_urgency(shipment),
                attempt=shipment.pending.attempt if shipment.pending else 1,
                guard=guard,
                note=lambda record: calls.append(_call(record, shipment.id)),
            )
            if step.kind is StepKind.PROBE:
                seen = Seen(_facts(prepared, answer), read_at, "probe")
                return Performed(seen, calls=tuple(calls))
            done, found = await self._done(door, step, prepared, answer)
        except (Rejected, Unresolved) as error:
            return Performed(Failed(step, self._clock.now(), _failure(error, prepared)), calls=tuple(calls))
        except AmazonError as error:
            error.calls = tuple(calls)
            raise
        return Performed(done, found, tuple(calls))

    async def list_page(self, account: str, query: Query, token: str | None, guard: Guard | None = None) -> Page:
        """Read one page; a shipment that cannot be read is handed on as bytes with the reason, beside the others."""
        door, calls = await self._door(account), list[Call]()
        read_at = self._clock.now()
        asked: dict[str, str | int | None] = {
            "status": query.status.value,
            "locationId": query.location,
            "lastUpdatedAfter": stamp(query.after) if query.after else None,
            "lastUpdatedBefore": stamp(query.before) if query.before else None,
            "maxResults": query.page_size,
            "paginationToken": token,
        }
        answer = await door.api.call(
            operations.GET_SHIPMENTS, door.account, {}, asked, guard=guard, note=lambda r: calls.append(_call(r, None))
        )
        page = read(operations.GET_SHIPMENTS, answer, _PAGE)
        entries, unreadable = _sorted(page.shipments or ())
        return Page(entries, unreadable, page.next_token, read_at, tuple(calls))

    async def _door(self, account_id: str) -> _Door:
        door = self._doors.get(account_id)
        if door is not None and self._clock.monotonic() - door.read_at < FRESH:
            return door
        account, credentials = await self._directory(account_id)
        known = auth.Credentials(credentials.client_id, credentials.client_secret, credentials.refresh_token)
        if door is not None and door.account.credentials == known:
            known = door.account.credentials
        called = auth.Account(account.id, account.endpoint.rstrip("/"), known)
        api, lanes = self._api(account.token_url, account.usage_plan)
        left = self._left.pop(account_id, None)
        if left is not None:
            lanes.resume(account_id, left.lanes, self._clock.now().timestamp() - left.at)
        self._doors[account_id] = door = _Door(called, api, self._clock.monotonic())
        return door

    def _api(self, token_url: str, usage_plan: str) -> tuple[SpApi, Lanes]:
        key = (token_url, usage_plan)
        if key not in self._apis:
            lanes = Lanes(UsagePlans(usage_plan), self._clock)
            tokens = AccessTokens(self._transport, self._clock, token_url=token_url)
            api = SpApi(self._transport, tokens, lanes, self._clock, kept=KEPT_FIELDS, config=self._config)
            self._apis[key] = (api, lanes)
        return self._apis[key]

    async def _done(self, door: _Door, step: Step, prepared: Prepared, answer: Answer) -> tuple[Done, tuple[File, ...]]:
        done = Done(step, self._clock.now())
        match step.kind:
            case StepKind.READ_OPTIONS:
                return replace(done, options=parse.options(read(prepared.operation, answer, _OPTIONS))), ()
            case StepKind.GENERATE_INVOICE | StepKind.FETCH_INVOICE:
                invoice = read(prepared.operation, answer, _INVOICE).document
                file = files.from_base64(invoice.content or "") if invoice else None
                return replace(done, invoice=file.document if file else None), (file,) if file else ()
            case StepKind.GENERATE_LABELS | StepKind.REGENERATE_LABELS:
                listed = read(prepared.operation, answer, _LABELS).package_ship_label_list or ()
                labels, found = await self._label_files(door, [parse.label(one) for one in listed])
                return replace(done, at=self._clock.now(), labels=labels), found
            case _:
                return done, ()

    async def _label_files(
        self, door: _Door, labels: list[LabelResult]
    ) -> tuple[tuple[LabelResult, ...], tuple[File, ...]]:
        if len(labels) == 1:
            found = [await self._label_file(door, labels[0])]
        else:
            found = list(await asyncio.gather(*(self._label_file(door, label) for label in labels)))
        told = tuple(
            replace(label, document=file.document) if file else label for label, file in zip(labels, found, strict=True)
        )
        return told, tuple(file for file in found if file)

    async def _label_file(self, door: _Door, label: LabelResult) -> File | None:
        """Fetch at once: the address lives for minutes. A failure loses nothing, as the label itself is made."""
        if not label.ok or not label.url:
            return None
        try:
            return files.stored(await door.api.download(label.url))
        except AmazonError:
            return None

    async def _download(self, door: _Door, shipment: Shipment, step: Step) -> Performed:
        package = shipment.package(step.packages[0][0])
        label = package.label if package else None
        if package is None or label is None or not label.url:
            gone = Failure("refused", "download", 0, "NoAddress", "the label has no address any more")
            return Performed(Failed(step, self._clock.now(), gone))
        try:
            file = files.stored(await door.api.download(label.url))
        except Rejected as error:
            failure = Failure("refused", "download", error.status, error.amazon_code or "Expired", error.message)
            return Performed(Failed(step, self._clock.now(), failure))
        result = LabelResult(
            package.id, True, label.tracking_id, label.carrier, label.option_id, label.window, None, file.document
        )
        return Performed(Done(step, self._clock.now(), labels=(result,)), (file,))


def _urgency(shipment: Shipment) -> float:
    return shipment.ship_by.timestamp() if shipment.ship_by else 1e12


def _facts(prepared: Prepared, answer: Answer) -> Facts:
    try:
        return parse.facts(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as why:
        raise Unavailable(
            f"Amazon's answer to {prepared.operation.name} cannot be read: {why}",
            operation=prepared.operation.name,
            status=answer.status,
            request_id=answer.request_id,
        ) from why


def _sorted(raws: Sequence[Raw]) -> tuple[tuple[tuple[Facts, bytes], ...], tuple[tuple[bytes, str], ...]]:
    entries: list[tuple[Facts, bytes]] = []
    unreadable: list[tuple[bytes, str]] = []
    for raw in raws:
        body = bytes(raw)
        try:
            entries.append((parse.facts(body), body))
        except (msgspec.DecodeError, UnicodeDecodeError) as why:
            unreadable.append((body, str(why)))
    return tuple(entries), tuple(unreadable)


def _failure(error: AmazonError, prepared: Prepared) -> Failure:
    unclear = "conflict" if error.status == 409 else "unclear"
    kind = "refused" if isinstance(error, Rejected) else unclear
    code = error.amazon_code or error.code
    details = f" ({error.details})" if error.details else ""
    return Failure(kind, prepared.operation.name, error.status, code, error.message + details, error.request_id)


def _call(record: CallRecord, shipment: str | None) -> Call:
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
