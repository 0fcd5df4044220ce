"""Reading Amazon SQS by aiobotocore, at Amazon's address or any other that speaks it.

Source: Amazon SQS API reference (ReceiveMessage, DeleteMessageBatch: at most ten messages a call).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from packline.errors import AmazonError, Unauthorized, Unavailable
from packline.ports.notifications import Arrived, Queue, QueueKey

if TYPE_CHECKING:
    from aiobotocore.client import AioBaseClient

AT_ONCE = 10
USER_AGENT = "Packline/0.1 (Language=Python)"
_REFUSED = ("InvalidClientTokenId", "SignatureDoesNotMatch", "AccessDenied", "UnrecognizedClient", "ExpiredToken",
            "InvalidSecurity", "MissingAuthenticationToken", "KmsAccessDenied")  # fmt: skip
_GONE = ("NonExistentQueue", "QueueDoesNotExist")


class SqsQueues:
    """Opens queues (implements `ports.notifications.Queues`)."""

    def __init__(self, readers: int, timeout: float = 10.0) -> None:
        """Let up to `readers` calls of one queue be under way; one without an answer ends after `timeout` seconds."""
        self._readers, self._timeout = readers, timeout

    @asynccontextmanager
    async def open(self, queue: Queue, key: QueueKey) -> AsyncIterator[SqsQueue]:
        """Connect to a queue; with an empty key, as the machine is signed in (environment, profile, role)."""
        # the client is large, and only those who read queues need it
        from aiobotocore.config import AioConfig
        from aiobotocore.session import get_session

        config = AioConfig(
            connect_timeout=self._timeout,
            read_timeout=self._timeout + 20,
            retries={"total_max_attempts": 2, "mode": "standard"},
            max_pool_connections=self._readers * 2,
            parameter_validation=False,
            user_agent=USER_AGENT,  # made anew for each call otherwise, an eighth of its cost
        )
        signed = {}
        if key.access_key:
            signed = {"aws_access_key_id": key.access_key, "aws_secret_access_key": key.secret_key}
            signed |= {"aws_session_token": key.session_token} if key.session_token else {}
        session = get_session()
        async with session.create_client(
            "sqs", region_name=queue.region, endpoint_url=queue.endpoint or None, config=config, **signed
        ) as client:
            yield SqsQueue(client, queue)


class SqsQueue:
    """One queue that is being read (implements `ports.notifications.OpenQueue`)."""

    def __init__(self, client: AioBaseClient, queue: Queue) -> None:
        """Read `queue` by an open client."""
        self._client, self._queue = client, queue

    async def receive(self, wait_s: int) -> Sequence[Arrived]:
        """Wait for messages by long polling; see `ports.notifications.OpenQueue.receive`."""
        asked = {"MaxNumberOfMessages": AT_ONCE, "WaitTimeSeconds": wait_s}
        answer = await self._ask("receive_message", asked)
        found = answer.get("Messages") or ()
        return [Arrived(one["ReceiptHandle"], one["Body"].encode()) for one in found]

    async def delete(self, receipts: Sequence[str]) -> Sequence[str]:
        """Delete messages in one call; gives those that could not be deleted."""
        entries = [{"Id": str(place), "ReceiptHandle": receipt} for place, receipt in enumerate(receipts)]
        answer = await self._ask("delete_message_batch", {"Entries": entries})
        return [receipts[int(failed["Id"])] for failed in answer.get("Failed") or ()]

    async def send(self, body: bytes) -> None:
        """Put one message into the queue, as a test of it."""
        await self._ask("send_message", {"MessageBody": body.decode()})

    async def count(self) -> int:
        """Tell about how many messages wait."""
        answer = await self._ask("get_queue_attributes", {"AttributeNames": ["ApproximateNumberOfMessages"]})
        return int((answer.get("Attributes") or {}).get("ApproximateNumberOfMessages", 0))

    async def _ask(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

        try:
            answer: dict[str, Any] = await getattr(self._client, operation)(QueueUrl=self._queue.url, **asked)
        except ClientError as refused:
            raise _refusal(self._queue, operation, refused.response) from refused
        except HTTPClientError as silence:
            raise Unavailable(
                f"The queue {self._queue.id} could not be reached: {silence}", operation=operation,
                hint=f"Check that {self._queue.endpoint or 'Amazon SQS'} can be reached from here.",
            ) from silence  # fmt: skip
        except BotoCoreError as why:
            raise Unauthorized(
                f"The queue {self._queue.id} cannot be asked: {why}", operation=operation,
                hint="Give the queue an access key, or sign this machine in.",
            ) from why  # fmt: skip
        return answer


def _refusal(queue: Queue, operation: str, answer: dict[str, Any]) -> AmazonError:
    said = answer.get("Error") or {}
    code, message = str(said.get("Code", "")), str(said.get("Message", ""))
    status = int((answer.get("ResponseMetadata") or {}).get("HTTPStatusCode", 0))
    kind: type[AmazonError] = Unavailable
    hint = "Packline goes on trying; look at the status of Amazon SQS if it lasts."
    if any(word in code for word in _REFUSED) or status in (401, 403):
        kind, hint = Unauthorized, "Check the access key and that it may receive and delete messages of this queue."
    elif any(word in code for word in _GONE):
        kind, hint = Unauthorized, f"Check the address {queue.url} and the region {queue.region}."
    return kind(
        f"The queue {queue.id} refused {operation}: {code} {message}".strip(),
        operation=operation, status=status, amazon_code=code, hint=hint,
    )  # fmt: skip
