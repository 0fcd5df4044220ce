"""The door of the queues: calls of Amazon's queue service, at the simulator's own address."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from packline_sim.call import Reply
from packline_sim.exchange import fail_after, fail_before, serve
from packline_sim.incoming import Incoming, Receive, Scope, Send, read_upload, receive_call
from packline_sim.notifications import sqs_messages, sqs_queues
from packline_sim.notifications.queues import DEFAULT_REGION, Queue
from packline_sim.notifications.sqs_asked import Asked, Fields, queue_of
from packline_sim.notifications.sqs_errors import QueueError
from packline_sim.notifications.sqs_signature import Signed, check_signature
from packline_sim.notifications.sqs_wire import Dialect, dialect_of
from packline_sim.refusals import Refusal

if TYPE_CHECKING:
    from packline_sim.world import World

Action = Callable[["World", Asked], Fields]
ACTIONS: dict[str, Action] = {
    "CreateQueue": sqs_queues.create_queue,
    "DeleteQueue": sqs_queues.delete_queue,
    "GetQueueUrl": sqs_queues.get_queue_url,
    "ListQueues": sqs_queues.list_queues,
    "GetQueueAttributes": sqs_queues.get_queue_attributes,
    "SetQueueAttributes": sqs_queues.set_queue_attributes,
    "PurgeQueue": sqs_queues.purge_queue,
    "ListQueueTags": sqs_queues.list_queue_tags,
    "TagQueue": sqs_queues.tag_queue,
    "UntagQueue": sqs_queues.untag_queue,
    "SendMessage": sqs_messages.send_message,
    "SendMessageBatch": sqs_messages.send_message_batch,
    "DeleteMessage": sqs_messages.delete_message,
    "DeleteMessageBatch": sqs_messages.delete_message_batch,
    "ChangeMessageVisibility": sqs_messages.change_message_visibility,
    "ChangeMessageVisibilityBatch": sqs_messages.change_message_visibility_batch,
}
RECEIVE = "ReceiveMessage"


def is_queue_call(scope: Scope) -> bool:
    """Tell whether a request is meant for a queue: by its target header, or by its path below the account."""
    path: str = scope.get("path", "")
    if scope["method"] == "POST" and (path == "/" or path[1:13].isdigit()):
        return True
    return any(name == b"x-amz-target" and value.startswith(b"AmazonSQS.") for name, value in scope["headers"])


async def handle_queue(world: "World", scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one call to a queue."""
    incoming = receive_call(world, scope)
    await serve(world, scope, receive, send, incoming, _work(world, scope, receive, incoming))


async def _work(world: "World", scope: Scope, receive: Receive, incoming: Incoming) -> Reply:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    body = await read_upload(receive) or b""
    dialect = dialect_of(headers, incoming.path, body, incoming.request_id)
    incoming.named = dialect.action
    try:
        check_signature(
            Signed(incoming.method, incoming.path, incoming.query, headers, body), world.switches["queue_signature"]
        )
        fields = await _answer(world, receive, incoming, _asked(scope, incoming, headers, dialect))
    except QueueError as failure:
        incoming.error_code = failure.code
        return dialect.refuse(failure)
    except Refusal as struck:  # by a fault
        incoming.error_code = struck.code
        return dialect.refuse(
            QueueError(_FAULT_CODES.get(struck.status, struck.code), str(struck), status=struck.status)
        )
    return dialect.reply(fields)


_FAULT_CODES = {429: "RequestThrottled", 500: "InternalFailure", 503: "ServiceUnavailable"}


def _asked(scope: Scope, incoming: Incoming, headers: dict[str, str], dialect: Dialect) -> Asked:
    region = DEFAULT_REGION
    _, _, credential = headers.get("authorization", "").partition("Credential=")
    parts = credential.partition(",")[0].split("/")
    if len(parts) == 5:
        region = parts[2]
    return Asked(dialect.action, dialect.fields(), f"{scope.get('scheme', 'http')}://{incoming.host}", region)


async def _answer(world: "World", receive: Receive, incoming: Incoming, asked: Asked) -> Fields:
    if world.faults:
        incoming.fault = world.faults.strike(asked.action, None, None)
    fault = incoming.fault
    if fault is not None:
        fail_before(fault, incoming.path)
        if fault.rule.kind == "slow":
            await world.clock.sleep(fault.rule.hold_seconds)
    changes = world.change_seq
    if asked.action == RECEIVE:
        fields = await _receive(world, receive, asked)
    else:
        fields = _action(asked)(world, asked)
    incoming.had_effect = world.change_seq != changes
    if fault is not None:
        fail_after(fault)
    return fields


def _action(asked: Asked) -> Action:
    found = ACTIONS.get(asked.action)
    if found is None:
        known = ", ".join((*ACTIONS, RECEIVE))
        raise QueueError("InvalidAction", f"The action {asked.action!r} is not valid here. Known are {known}.")
    return found


async def _receive(world: "World", receive: Receive, asked: Asked) -> Fields:
    queue = queue_of(world, asked)
    default = int(queue.attributes["ReceiveMessageWaitTimeSeconds"])
    seconds = asked.whole("WaitTimeSeconds", default, 0, 20)
    messages = sqs_messages.receive_now(world, queue, asked)
    if not messages and seconds:
        messages = await _wait(world, receive, queue, asked, seconds)
    return {"Messages": messages} if messages else {}


async def _wait(world: "World", receive: Receive, queue: Queue, asked: Asked, seconds: int) -> list[Fields]:
    # The caller's connection lives in real time, so the wait does; what comes back to the queue follows the clock.
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    gone = asyncio.ensure_future(_disconnected(receive))
    try:
        while (left := end - loop.time()) > 0 and not gone.done() and not world.bells.closed:
            bell = world.bells.wait(queue.name)
            due = queue.next_due_ms()
            alarm = None if due is None else world.clock.at(due, lambda: world.bells.call(queue.name))
            try:
                await asyncio.wait({bell, gone}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            finally:
                was_called = not bell.cancel()
                if alarm is not None:
                    alarm.cancel()
            if gone.done():
                if was_called:
                    world.bells.call(queue.name)  # the message that he was called for is another's now
                return []
            messages = sqs_messages.receive_now(world, queue_of(world, asked), asked)
            if messages:
                return messages
        return []
    finally:
        gone.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
