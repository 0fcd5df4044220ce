"""The two doors beside the APIs: access tokens and file downloads, with faults and journal like any call."""

from packline_sim.auth.tokens import answer_token_request
from packline_sim.call import Reply
from packline_sim.exchange import fail_after, fail_before, serve
from packline_sim.faults import FILE_OPERATION, TOKEN_OPERATION
from packline_sim.files import CONTENT_TYPES, File, find_label
from packline_sim.incoming import Incoming, Receive, Scope, Send, read_all, receive_call
from packline_sim.world import World


async def handle_token(world: World, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request for an access token."""
    incoming = receive_call(world, scope)
    incoming.named = TOKEN_OPERATION
    await serve(world, scope, receive, send, incoming, _token(world, receive, incoming))


async def handle_file(world: World, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one download from a signed address."""
    incoming = receive_call(world, scope)
    incoming.named = FILE_OPERATION
    await serve(world, scope, receive, send, incoming, _file(world, incoming))


async def _token(world: World, receive: Receive, incoming: Incoming) -> Reply:
    incoming.body = await read_all(receive)
    await _face_fault(world, incoming)
    answer = answer_token_request(world, incoming.content_type, incoming.body)
    incoming.client_id, incoming.seller_id = answer.client_id, answer.seller_id
    incoming.error_code = answer.error
    if incoming.fault is not None:
        fail_after(incoming.fault)
    return Reply(answer.status, answer.body)


async def _file(world: World, incoming: Incoming) -> Reply:
    await _face_fault(world, incoming)
    found = find_label(world, incoming.path, incoming.query.decode("latin-1"))
    if isinstance(found, File):
        return Reply(found.status, found.content, found.content_type.encode())
    incoming.seller_id = world.shipments[found.shipment_id].seller_id
    found.downloads += 1
    content = world.paper.label(found)
    if incoming.fault is not None:
        fail_after(incoming.fault)
    return Reply(200, content, CONTENT_TYPES[found.format].encode())


async def _face_fault(world: World, incoming: Incoming) -> None:
    if not world.faults:
        return
    fault = incoming.fault = world.faults.strike(incoming.operation, None, None)
    if fault is None:
        return
    fail_before(fault, incoming.path)
    if fault.rule.kind == "slow":
        await world.clock.sleep(fault.rule.hold_seconds)
