"""What can be done to messages: send, receive, hide and delete them, singly and in batches."""

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from packline_sim.notifications.emission import put_message
from packline_sim.notifications.queues import MOST_IN_FLIGHT, Message, Queue
from packline_sim.notifications.sqs_asked import MOST_IN_BATCH, Asked, Fields, each, entries_of, queue_of
from packline_sim.notifications.sqs_errors import QueueError, invalid, missing

if TYPE_CHECKING:
    from packline_sim.world import World

MOST_BYTES = 1_048_576
MOST_DELAY_S = 900
MOST_HIDDEN_S = 43_200
SENDER = "AIDASSYBFBHYFWKJYXVQZ"


def send_message(world: "World", asked: Asked) -> Fields:
    """SendMessage."""
    queue = queue_of(world, asked)
    return _sent(_send(world, queue, asked.fields))


def send_message_batch(world: "World", asked: Asked) -> Fields:
    """SendMessageBatch."""
    queue = queue_of(world, asked)
    entries = entries_of(asked)
    if sum(len(str(entry.get("MessageBody", "")).encode()) for entry in entries) > MOST_BYTES:
        raise QueueError("BatchRequestTooLong", f"Batch requests cannot be longer than {MOST_BYTES} bytes.")
    return each(entries, lambda entry: _sent(_send(world, queue, entry)))


def receive_now(world: "World", queue: Queue, asked: Asked) -> list[Fields]:
    """Hand out what is there, without waiting. Raises QueueError."""
    now = world.clock.now_ms()
    most = asked.whole("MaxNumberOfMessages", 1, 1, MOST_IN_BATCH)
    hidden = asked.whole("VisibilityTimeout", int(queue.attributes["VisibilityTimeout"]), 0, MOST_HIDDEN_S)
    if queue.in_flight >= MOST_IN_FLIGHT:
        raise QueueError("OverLimit", "Too many messages are in flight: delete some first.", status=403)
    messages, dead = queue.receive(now, most, hidden_ms(world, hidden))
    for message in dead:
        _bury(world, queue, message)
    for message in messages:
        _note_receipt(world, message, now)
    if messages:
        world.change_seq += 1
    return [_received(message, asked.fields) for message in messages]


def hidden_ms(world: "World", seconds: int) -> int:
    """Turn a visibility timeout into simulated milliseconds: where real seconds count, so many as pass meanwhile."""
    speed = world.clock.speed if world.switches["queue_time"] == "real" else 1.0
    return round(seconds * 1000 * max(1.0, speed))


def delete_message(world: "World", asked: Asked) -> Fields:
    """DeleteMessage: an unknown message is deleted already."""
    _delete(world, queue_of(world, asked), asked.fields)
    return {}


def delete_message_batch(world: "World", asked: Asked) -> Fields:
    """DeleteMessageBatch."""
    queue = queue_of(world, asked)

    def delete(entry: Fields) -> Fields:
        _delete(world, queue, entry)
        return {}

    return each(entries_of(asked), delete)


def change_message_visibility(world: "World", asked: Asked) -> Fields:
    """ChangeMessageVisibility."""
    _change(world, queue_of(world, asked), asked.fields)
    return {}


def change_message_visibility_batch(world: "World", asked: Asked) -> Fields:
    """ChangeMessageVisibilityBatch."""
    queue = queue_of(world, asked)

    def change(entry: Fields) -> Fields:
        _change(world, queue, entry)
        return {}

    return each(entries_of(asked), change)


def _send(world: "World", queue: Queue, entry: Fields) -> Message:
    body = entry.get("MessageBody")
    if not isinstance(body, str) or not body:
        raise missing("MessageBody")
    attributes = entry.get("MessageAttributes") or {}
    most = int(queue.attributes["MaximumMessageSize"])
    if len(body.encode()) > most:
        raise invalid(f"One or more parameters are invalid. Reason: Message must be shorter than {most} bytes.")
    delay = Asked("", entry, "", "").whole("DelaySeconds", int(queue.attributes["DelaySeconds"]), 0, MOST_DELAY_S)
    message = put_message(world, queue, body, delay_ms=delay * 1000)
    if attributes:
        message.attributes = msgspec.json.encode(attributes)
        message.attributes_md5 = attributes_md5(attributes)
    world.change_seq += 1
    return message


def _sent(message: Message) -> Fields:
    told = {"MessageId": message.message_id, "MD5OfMessageBody": message.md5}
    if message.attributes_md5 is not None:
        told["MD5OfMessageAttributes"] = message.attributes_md5
    return told


def attributes_md5(attributes: dict[str, Any]) -> str:
    """Digest message attributes as clients check it (Developer Guide, Calculating the MD5 message digest)."""
    digest = hashlib.md5(usedforsecurity=False)
    for name in sorted(attributes):
        value = attributes[name]
        kind = str(value.get("DataType", "String"))
        is_binary = kind.startswith("Binary")
        content = (
            base64.b64decode(value.get("BinaryValue", "")) if is_binary else str(value.get("StringValue", "")).encode()
        )
        for part in (name.encode(), kind.encode()):
            digest.update(len(part).to_bytes(4, "big") + part)
        digest.update((b"\x02" if is_binary else b"\x01") + len(content).to_bytes(4, "big") + content)
    return digest.hexdigest()


def _received(message: Message, fields: Fields) -> Fields:
    told: Fields = {
        "MessageId": message.message_id,
        "ReceiptHandle": message.receipt,
        "MD5OfBody": message.md5,
        "Body": message.body,
    }
    wanted = {*(fields.get("AttributeNames") or ()), *(fields.get("MessageSystemAttributeNames") or ())}
    if wanted:
        known = {
            "SenderId": SENDER,
            "SentTimestamp": str(message.sent_ms),
            "ApproximateReceiveCount": str(message.receives),
            "ApproximateFirstReceiveTimestamp": str(message.first_ms),
        }
        told["Attributes"] = known if "All" in wanted else {key: known[key] for key in known if key in wanted}
    if message.attributes is not None and fields.get("MessageAttributeNames"):
        chosen = _chosen(msgspec.json.decode(message.attributes), fields["MessageAttributeNames"])
        if chosen:
            told |= {"MessageAttributes": chosen, "MD5OfMessageAttributes": attributes_md5(chosen)}
    return told


def _chosen(attributes: Fields, names: list[str]) -> Fields:
    if "All" in names or ".*" in names:
        return attributes
    starts = tuple(name[:-2] for name in names if name.endswith(".*"))
    return {key: value for key, value in attributes.items() if key in names or (starts and key.startswith(starts))}


def _receipt(entry: Fields) -> tuple[str, int]:
    handle = entry.get("ReceiptHandle")
    if not isinstance(handle, str) or not handle:
        raise missing("ReceiptHandle")
    try:
        message_id, _, turn = base64.b64decode(handle.removeprefix("AQEB"), validate=True).decode().partition(":")
        return message_id, int(turn)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        message = f'The input receipt handle "{handle}" is not a valid receipt handle.'
        raise QueueError("ReceiptHandleIsInvalid", message) from None


def _delete(world: "World", queue: Queue, entry: Fields) -> None:
    message_id, turn = _receipt(entry)
    message = queue.delete(message_id, turn, stale_too=world.switches["stale_receipts"] == "delete")
    if message is None:
        return
    world.change_seq += 1
    board = world.notifications
    notice = board.notices.get(message.notice_id or "")
    if notice is not None:
        board.counts["deleted"] += 1
        notice.deletes += 1
        notice.first_deleted_ms = notice.first_deleted_ms or world.clock.now_ms()


def _change(world: "World", queue: Queue, entry: Fields) -> None:
    message_id, turn = _receipt(entry)
    if entry.get("VisibilityTimeout") is None:
        raise missing("VisibilityTimeout")
    seconds = Asked("", entry, "", "").whole("VisibilityTimeout", 0, 0, MOST_HIDDEN_S)
    if not queue.hide_until(message_id, turn, world.clock.now_ms(), hidden_ms(world, seconds)):
        detail = (
            f"Value {entry['ReceiptHandle']} for parameter ReceiptHandle is invalid. Reason: Message does not exist"
        )
        if queue.knows(message_id):
            raise QueueError("MessageNotInflight", "The message is not in flight, or was received again since.")
        raise invalid(f"{detail} or is not available for visibility timeout change.")
    if seconds == 0:
        world.bells.call(queue.name)


def _note_receipt(world: "World", message: Message, now: int) -> None:
    board = world.notifications
    notice = board.notices.get(message.notice_id or "")
    if notice is None:
        return
    board.counts["received"] += 1
    board.counts["redelivered"] += message.receives > 1
    notice.receives += 1
    notice.first_received_ms = notice.first_received_ms or now


def _bury(world: "World", queue: Queue, message: Message) -> None:
    dead = None if queue.redrive is None else world.queues.by_arn(queue.redrive.arn)
    if dead is None:
        return
    message.is_away = False
    dead.put(message)
    world.bells.call(dead.name)
