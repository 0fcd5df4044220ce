"""The two doors beside the APIs: access tokens and file downloads, with faults and journal like any call."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from packline_sim.auth.tokens import answer_token_request
from packline_sim.call import Reply
from packline_sim.exchange import fail_after, fail_before, serve
from packline_sim.faults import FILE_OPERATION, TOKEN_OPERATION, UPLOAD_OPERATION
from packline_sim.files import CONTENT_TYPES, File, find_label, refusal
from packline_sim.incoming import Incoming, Receive, Scope, Send, read_all, read_upload, receive_call
from packline_sim.records import Label
from packline_sim.reports.make import draw_content
from packline_sim.stored_files import Opened, StoredFile, open_address
from packline_sim.world import World

REFUSED_GRANT = (
    b'{"error":"invalid_grant","error_description":"The request has an invalid grant parameter : refresh_token"}'
)
NOT_STORED = ((b"cache-control", b"no-store"), (b"pragma", b"no-cache"))
"""What answers with tokens carry (RFC 6749, section 5.1)."""
SIGNED_FOR_GET = refusal(403, "SignatureDoesNotMatch", "The request signature does not match.")
_DRAWING = ThreadPoolExecutor(1, "drawing")
"""Papers of hundreds of orders take seconds to draw; meanwhile Amazon's other doors stay open."""


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


async def handle_document(world: World, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one upload to, or download from, the signed address of a feed's or report's document."""
    incoming = receive_call(world, scope)
    incoming.named = FILE_OPERATION if incoming.method == "GET" else UPLOAD_OPERATION
    await serve(world, scope, receive, send, incoming, _document(world, receive, incoming))


async def _token(world: World, receive: Receive, incoming: Incoming) -> Reply:
    incoming.body = await read_all(receive)
    await _face_fault(world, incoming)
    if incoming.fault is not None and incoming.fault.rule.kind == "token_refused":
        incoming.error_code = "invalid_grant"
        return Reply(400, REFUSED_GRANT)
    answer = answer_token_request(world, incoming.content_type, incoming.body)
    incoming.client_id, incoming.seller_id = answer.client_id, answer.seller_id
    incoming.error_code = answer.error
    if incoming.fault is not None:
        fail_after(incoming.fault)
    return Reply(answer.status, answer.body, headers=NOT_STORED)


async def _file(world: World, incoming: Incoming) -> Reply:
    await _face_fault(world, incoming)
    found: Label | File = SIGNED_FOR_GET
    if incoming.method == "GET":
        found = find_label(world, incoming.path, incoming.query.decode("latin-1"))
    if isinstance(found, File):
        return Reply(found.status, found.content, found.content_type.encode())
    incoming.seller_id = world.shipments[found.shipment_id].seller_id
    found.downloads += 1
    content = world.paper.label(found)
    if incoming.fault is not None:
        fail_after(incoming.fault)
    return Reply(200, content, CONTENT_TYPES[found.format].encode())


async def _document(world: World, receive: Receive, incoming: Incoming) -> Reply:
    content = b"" if incoming.method == "GET" else await read_upload(receive)
    await _face_fault(world, incoming)
    opened = open_address(
        world, incoming.method, incoming.path, incoming.query.decode("latin-1"), incoming.content_type
    )
    if content is None:
        opened = refusal(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
    if isinstance(opened, File):
        return Reply(opened.status, opened.content, opened.content_type.encode())
    incoming.seller_id = opened.file.seller_id
    reply = await _fetch(world, opened) if incoming.method == "GET" else _store(world, opened.file, content or b"")
    incoming.had_effect = incoming.method == "PUT"
    if incoming.fault is not None:
        fail_after(incoming.fault)
    return reply


async def _fetch(world: World, opened: Opened) -> Reply:
    content = await _content(world, opened.file)
    if content is None:
        missing = refusal(404, "NoSuchKey", "The specified key does not exist.")
        return Reply(missing.status, missing.content, missing.content_type.encode())
    opened.file.downloads += 1
    encoding = ((b"content-encoding", opened.encoding.encode()),)
    return Reply(200, content, opened.file.content_type.encode(), encoding)


async def _content(world: World, file: StoredFile) -> bytes | None:
    """Give a document as it is stored, drawing it when nobody fetched it before."""
    if file.content is None and file.drawn_for is not None:
        drawn = await asyncio.get_running_loop().run_in_executor(_DRAWING, draw_content, world, file.drawn_for)
        if file.content is None:  # somebody else may have fetched it meanwhile
            return world.files.keep_drawn(file, drawn)
    return file.content


def _store(world: World, file: StoredFile, content: bytes) -> Reply:
    file.content = content
    file.uploads += 1
    world.change_seq += 1
    return Reply(200, b"", b"application/xml")


async def _face_fault(world: World, incoming: Incoming) -> None:
    if not world.faults:
        return
    fault = incoming.fault = world.faults.strike(incoming.operation, None, None)
    if fault is None:
        return
    fail_before(fault, incoming.path)
    if fault.rule.kind == "slow":
        await world.clock.sleep(fault.rule.hold_seconds)
