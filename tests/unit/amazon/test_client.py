"""The client: quotas, sign-in, retries and records of one call, together."""

from __future__ import annotations

import asyncio

import pytest

from packline.amazon.external_fulfillment import operations as ef
from packline.amazon.external_fulfillment.kept_fields import KEPT_FIELDS
from packline.amazon.spapi.auth import AccessTokens, Account, Credentials
from packline.amazon.spapi.call_log import CallRecord
from packline.amazon.spapi.client import SpApi
from packline.amazon.spapi.lanes import Lanes
from packline.amazon.spapi.transport import NoAnswer, NotSent
from packline.amazon.spapi.usage_plans import UsagePlans
from packline.errors import Fenced, Rejected, Throttled, Unauthorized, Unavailable, Unresolved
from unit.amazon.driven_clock import DrivenClock, settle
from unit.amazon.scripted_transport import Reply, ScriptedTransport, answer, refusal

ACCOUNT = Account("a", "http://amazon.test", Credentials("client", "hidden-secret", "hidden-refresh"))
PATH = {"shipmentId": "S/1 é"}


class Bench:
    """A client with everything around it in the test's hands."""

    def __init__(self, *replies: Reply, plans: UsagePlans | None = None, sign_ins: list[Reply] | None = None) -> None:
        self.transport, self.clock = ScriptedTransport(*replies, sign_ins=sign_ins), DrivenClock()
        self.records: list[CallRecord] = []
        tokens = AccessTokens(self.transport, self.clock, token_url="http://amazon.test/auth/o2/token")
        self.lanes = Lanes(plans or UsagePlans("off"), self.clock)
        self.api = SpApi(self.transport, tokens, self.lanes, self.clock, on_call=self.records.append, kept=KEPT_FIELDS)

    async def call(self, operation, path=PATH, query=None, body=b"", **more):
        """Make the call, moving the clock until it ends."""
        task = asyncio.create_task(self.api.call(operation, ACCOUNT, path, query or {}, body, **more))
        for _ in range(60):
            await self.clock.advance(1)
            if task.done():
                break
        return await task

    @property
    def statuses(self) -> list[int]:
        return [record.status for record in self.records]


async def test_a_call_is_addressed_exactly_signed_in_and_recorded():
    """Rule: percent-encoding by RFC 3986, the token in its header, the template and never the token in the record."""
    bench = Bench(answer(200, b'{"id":"S"}', x_amzn_RequestId="r-1"))
    got = await bench.call(ef.RETRIEVE_SHIPPING_OPTIONS, query={"packageId": "P+1&x=ü", "none": None}, attempt=3)
    (request,) = bench.transport.calls
    assert request.url == (
        "http://amazon.test/externalFulfillment/2024-09-11/shipments/S%2F1%20%C3%A9/shippingOptions"
        "?packageId=P%2B1%26x%3D%C3%BC"
    )
    assert request.headers["x-amz-access-token"] == "token-1"
    assert (got.status, got.body, got.request_id) == (200, b'{"id":"S"}', "r-1")
    (record,) = bench.records
    assert record == got.record
    assert (record.operation, record.shipment_id, record.attempt) == ("retrieveShippingOptions", "S/1 é", 3)
    assert record.path == "/externalFulfillment/2024-09-11/shipments/{shipmentId}/shippingOptions"
    assert "token-1" not in repr(record)
    assert (record.request_body, record.response_body) == (b"", b"")


async def test_an_empty_id_is_refused_before_it_addresses_something_else():
    """Rule: no id, no call."""
    bench = Bench(answer())
    for bad in ("", ".", ".."):
        with pytest.raises(ValueError, match="shipmentId"):
            await bench.call(ef.GET_SHIPMENT, {"shipmentId": bad})
    assert bench.transport.calls == []


@pytest.mark.parametrize("trouble", [answer(500), answer(503), NoAnswer("time-out"), NotSent("refused")])
async def test_reads_are_repeated_with_growing_pauses_and_only_so_often(trouble):
    """Rule: three attempts, each recorded with its number, then Unavailable."""
    bench = Bench(trouble)
    with pytest.raises(Unavailable):
        await bench.call(ef.GET_SHIPMENT)
    assert [record.attempt for record in bench.records] == [1, 2, 3]
    recovered = Bench(trouble, answer(200, b"{}"))
    assert (await recovered.call(ef.GET_SHIPMENT)).record.attempt == 2


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (answer(500), Unresolved),
        (refusal(409, "DuplicateRequest"), Unresolved),
        (NoAnswer("reset"), Unresolved),
        (NotSent("refused"), Unavailable),
        (refusal(400, "InvalidInput"), Rejected),
    ],
)
async def test_writes_are_never_repeated_blindly(trouble, expected):
    """Rule: a write is sent once; what became of it is for a look at Amazon's state to tell."""
    bench = Bench(trouble)
    with pytest.raises(expected):
        await bench.call(ef.CREATE_PACKAGES, body=b"{}")
    assert len(bench.transport.calls) == 1


async def test_a_throttled_call_waits_and_goes_again_even_if_it_writes():
    """Rule: 429 proves that nothing was executed; the lane pauses and the call keeps its ticket."""
    bench = Bench(refusal(429, "QuotaExceeded"), answer(204, b""), plans=UsagePlans())
    got = await bench.call(ef.PROCESS_SHIPMENT, query={"operation": "CONFIRM"})
    assert got.status == 204
    assert bench.statuses == [429, 204]
    (lane,) = bench.lanes.snapshots()
    assert (lane.throttled, lane.served) == (1, 2)
    assert (bench.records[1].at - bench.records[0].at).total_seconds() >= 1


async def test_endless_throttling_is_told_in_the_end():
    """Rule: after six refusals the caller learns of it."""
    bench = Bench(refusal(429, "QuotaExceeded"))
    with pytest.raises(Throttled):
        await bench.call(ef.GET_SHIPMENT)
    assert bench.statuses == [429] * 6


@pytest.mark.parametrize("status", [401, 403])
async def test_an_expired_token_is_renewed_once_and_the_call_goes_again(status):
    """Rule: a refused token proves that nothing was executed, so even a write is sent again, once."""
    bench = Bench(refusal(status, "Unauthorized"), answer(204, b""))
    await bench.call(ef.PROCESS_SHIPMENT)
    assert [call.headers["x-amz-access-token"] for call in bench.transport.calls] == ["token-1", "token-2"]


async def test_a_lasting_refusal_is_told_and_costs_no_sign_in_for_each_call():
    """Rule: where a fresh token is refused too, the account lacks a right; asking on adds no sign-ins."""
    bench = Bench(refusal(403, "Unauthorized"))
    for _ in range(3):
        with pytest.raises(Unauthorized):
            await bench.call(ef.GET_SHIPMENT)
    assert len(bench.transport.sign_in_forms) == 2
    bench.clock.elapsed += 31
    with pytest.raises(Unauthorized):
        await bench.call(ef.GET_SHIPMENT)
    assert len(bench.transport.sign_in_forms) == 3
    bench_soon = Bench(refusal(403, "Unauthorized"))
    tasks = [asyncio.create_task(bench_soon.api.call(ef.GET_SHIPMENT, ACCOUNT, PATH)) for _ in range(20)]
    assert all(isinstance(got, Unauthorized) for got in await asyncio.gather(*tasks, return_exceptions=True))
    assert len(bench_soon.transport.sign_in_forms) == 2


async def test_trouble_at_sign_in_is_not_repeated_by_the_call():
    """Rule: sign-in has pauses of its own."""
    bench = Bench(answer(), sign_ins=[answer(503)])
    with pytest.raises(Unavailable) as caught:
        await bench.call(ef.GET_SHIPMENT)
    assert caught.value.operation == "signIn"
    assert bench.transport.calls == []


async def test_a_guard_stops_the_call_after_its_turn():
    """Rule: between the lane's turn and the sending, the caller can still stop: its guard is the transport's to ask."""
    bench = Bench(answer())

    async def guard() -> None:
        raise Fenced

    with pytest.raises(Fenced):
        await bench.call(ef.PROCESS_SHIPMENT, guard=guard)
    assert bench.transport.calls == []


async def test_a_note_sees_the_records_of_its_own_call_only():
    """Rule: who makes a call can collect what was sent for it."""
    bench, noted = Bench(answer(500), answer()), []
    await bench.call(ef.GET_SHIPMENT, note=noted.append)
    await bench.call(ef.GET_SHIPMENT)
    assert [record.status for record in noted] == [500, 200]
    assert len(bench.records) == 3


async def test_failed_calls_keep_their_redacted_bodies():
    """Rule: what is needed to understand a refusal is kept, without personal data."""
    bench = Bench(refusal(400, "InvalidInput", "bad weight"))
    with pytest.raises(Rejected):
        await bench.call(ef.CREATE_PACKAGES, body=b'{"packages":[{"id":"P1","note":"Ada"}]}')
    (record,) = bench.records
    assert record.request_body == '{"packages":[{"id":"P1","note":"…"}]}'.encode()
    assert b"bad weight" in record.response_body
    assert record.code == "InvalidInput"


async def test_the_most_urgent_call_takes_the_next_turn():
    """Rule: urgency orders the waiting calls of one lane."""
    bench = Bench(answer(200, b"{}"), plans=UsagePlans())
    calls = []
    for urgency, shipment in ((0, "first"), (5, "later"), (1, "sooner")):
        call = bench.api.call(ef.PROCESS_SHIPMENT, ACCOUNT, {"shipmentId": shipment}, urgency=urgency)
        calls.append(asyncio.create_task(call))
        await settle()
    await bench.clock.advance(3)
    await asyncio.gather(*calls)
    assert [record.shipment_id for record in bench.records] == ["first", "sooner", "later"]


async def test_who_waited_for_the_quota_is_sent_with_the_token_of_now():
    """Rule: a token that was refused while others waited in the lane is sent by none of them: each costs a slot."""

    def judge(request):
        return answer(200) if request.headers["x-amz-access-token"] == "token-2" else refusal(403, "Unauthorized")

    bench = Bench(judge, plans=UsagePlans())
    calls = [
        asyncio.create_task(bench.api.call(ef.PROCESS_SHIPMENT, ACCOUNT, PATH, {"operation": "CONFIRM"}))
        for _ in range(8)
    ]
    for _ in range(60):
        await bench.clock.advance(1)
    assert [call.result().status for call in calls] == [200] * 8
    assert len(bench.transport.sign_in_forms) == 2
    assert sum(status == 403 for status in bench.statuses) <= 2  # those that left at once


async def test_a_document_is_fetched_without_the_token_and_an_expired_address_is_said_so():
    """Rule: presigned addresses carry their own right; 403 there means expired, not unauthorised."""
    bench = Bench(answer(200, b"^XA^XZ"), answer(403))
    assert await bench.api.download("http://files.test/x?sig=1") == b"^XA^XZ"
    assert "x-amz-access-token" not in bench.transport.calls[0].headers
    with pytest.raises(Rejected):
        await bench.api.download("http://files.test/x?sig=1")
