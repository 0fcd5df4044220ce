"""The way of an API call: token, quota, fault, handler."""

from typing import Any

import msgspec

from packline_sim.auth.access import INVALID, authenticate, caller_of, check_restricted
from packline_sim.call import Call, Reply, read_query
from packline_sim.directory import Match
from packline_sim.exchange import fail_after, fail_before, serve, silence_of
from packline_sim.faults import Fault
from packline_sim.feeds.buckets import buckets_of
from packline_sim.incoming import Incoming, Receive, Scope, Send, read_all, receive_call
from packline_sim.refusals import Problem, Refusal, in_progress, throttled, unauthorized
from packline_sim.world import World

FROM_BODY = frozenset({"operation", "shippingOptionId"})


async def handle_api(world: World, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one call to an API."""
    incoming = receive_call(world, scope)
    await serve(world, scope, receive, send, incoming, _work(world, scope, receive, incoming))


async def _work(world: World, scope: Scope, receive: Receive, incoming: Incoming) -> Reply:
    if incoming.method != "GET":
        incoming.body = await read_all(receive)
    match, call = _admit(world, incoming, _base_url(scope, incoming.host))
    if incoming.fault is None:
        return _execute(world, incoming, match, call)
    return await _execute_faulty(world, incoming, match, call, incoming.fault)


def _base_url(scope: Scope, host: str) -> str:
    # python-amazon-sp-api takes "https://" off any address, so that an http one arrives without its first character.
    address, port = scope.get("server") or ("127.0.0.1", None)
    whole = next((name for name in (f"{address}:{port}", f"localhost:{port}") if name[1:] == host), host)
    return f"{scope.get('scheme', 'http')}://{whole}"


def _admit(world: World, incoming: Incoming, base_url: str) -> tuple[Match, Call]:
    match = incoming.match
    if match is None:
        message = f"No operation of the simulated APIs answers {incoming.method} {incoming.path}"
        raise Refusal(404, Problem("NotFound", message))
    operation = match.operation
    token = authenticate(world, incoming.token)
    incoming.client_id, incoming.seller_id = token.client_id, token.seller_id
    seller = caller_of(world, token, operation.name, operation.scope)
    check_restricted(world, token, operation.name, incoming.method, incoming.path)
    now = world.clock.now_ms()
    feeds = operation.name == "createFeed"
    buckets = buckets_of(world, seller.seller_id, incoming.body) if feeds else (operation.name,)
    passes, incoming.rate = world.quotas.take_all(seller.seller_id, token.client_id, buckets, now)
    if not passes:
        if world.switches["retry_after"] == "sent":
            incoming.retry_after = world.quotas.wait_seconds(seller.seller_id, token.client_id, buckets, now)
        raise throttled(incoming.path)
    if world.faults:
        places = incoming.locations(world) if world.faults.look_at_places else frozenset()
        incoming.fault = world.faults.strike(operation.name, seller.seller_id, incoming.shipment_id, places)
    refuse_unknown = world.switches["unknown_fields"] == "refuse"
    call = Call(
        world,
        seller,
        token.client_id,
        match.ids,
        query=read_query(incoming.query, operation.query, refuse_unknown=refuse_unknown) if incoming.query else {},
        body=incoming.body,
        content_type=incoming.content_type,
        base_url=base_url,
        seq=incoming.seq,
        token=token,
    )
    if "operation" in operation.query and "operation" not in call.query:
        _take_query_from_body(call)
    return match, call


def _take_query_from_body(call: Call) -> None:
    if call.world.switches["query_in_body"] == "refuse" or b'"operation"' not in call.body:
        return
    try:
        content = msgspec.json.decode(call.body, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        return  # whoever reads the body says what is wrong with it
    found = {name: content.pop(name) for name in FROM_BODY if isinstance(content.get(name), str)}
    call.query = {**call.query, **found}
    call.body = msgspec.json.encode(content)


def _execute(world: World, incoming: Incoming, match: Match, call: Call) -> Reply:
    operation, shipment_id = match.operation, incoming.shipment_id
    if operation.is_write and shipment_id in world.busy and world.switches["concurrent_calls"] == "409":
        raise in_progress(shipment_id or "", world.busy[shipment_id or ""])
    changes = world.change_seq
    world.current_call = incoming.seq
    try:
        return operation.handler(call)
    finally:
        world.current_call = 0
        incoming.had_effect = world.change_seq != changes


async def _execute_faulty(world: World, incoming: Incoming, match: Match, call: Call, fault: Fault) -> Reply:
    fail_before(fault, incoming.path)
    if fault.rule.kind == "token_refused":
        raise unauthorized(int(world.switches["bad_token"]), INVALID)
    if fault.rule.kind == "in_progress":
        raise in_progress(incoming.shipment_id or "", match.operation.name)
    if fault.rule.kind == "slow":
        await _hold(world, incoming, match, fault.rule.hold_seconds)
    try:
        reply = _execute(world, incoming, match, call)
    except Refusal:
        silence = silence_of(fault)
        if silence is not None:
            raise silence from None
        raise
    fail_after(fault)
    return reply


async def _hold(world: World, incoming: Incoming, match: Match, seconds: float) -> None:
    shipment_id = incoming.shipment_id
    if not match.operation.is_write or shipment_id is None:
        await world.clock.sleep(seconds)
        return
    if shipment_id in world.busy and world.switches["concurrent_calls"] == "409":
        raise in_progress(shipment_id, world.busy[shipment_id])
    world.busy[shipment_id] = match.operation.name
    try:
        await world.clock.sleep(seconds)
    finally:
        world.busy.pop(shipment_id, None)
