"""The two protocols of Amazon's queue service: JSON 1.0, as clients speak today, and the older query one."""

from typing import Any
from urllib.parse import parse_qsl

import msgspec

from packline_sim.call import Reply
from packline_sim.notifications.sqs_asked import Fields
from packline_sim.notifications.sqs_errors import QueueError, invalid
from packline_sim.notifications.sqs_query import fields_of, xml_error, xml_reply

JSON = b"application/x-amz-json-1.0"
XML = b"text/xml"
TARGET = "AmazonSQS."
_encode = msgspec.json.Encoder().encode


class JsonDialect:
    """Read and write one call of the JSON protocol."""

    def __init__(self, action: str, body: bytes) -> None:
        self.action = action
        self._body = body

    def fields(self) -> Fields:
        """Read what the call carries. Raises QueueError."""
        try:
            return msgspec.json.decode(self._body or b"{}", type=dict[str, Any])
        except (msgspec.DecodeError, RecursionError) as failure:
            raise invalid(f"The request body is no JSON object: {failure}.") from None

    def reply(self, fields: Fields) -> Reply:
        """Write an answer."""
        return Reply(200, _encode(fields) if fields else b"{}", JSON)

    def refuse(self, failure: QueueError) -> Reply:
        """Write a refusal."""
        body = {"__type": f"com.amazonaws.sqs#{failure.code}", "message": str(failure)}
        fault = "Sender" if failure.status < 500 else "Receiver"
        header = (b"x-amzn-query-error", f"{failure.query_code};{fault}".encode())
        return Reply(failure.status, _encode(body), JSON, (header,))


class QueryDialect:
    """Read and write one call of the query protocol."""

    def __init__(self, path: str, body: bytes, request_id: str) -> None:
        self._flat = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        self._path = path
        self._request_id = request_id
        self.action = self._flat.get("Action", "")

    def fields(self) -> Fields:
        """Read what the call carries; the path names the queue when nothing else does."""
        fields = fields_of(self._flat)
        if "QueueUrl" not in fields and self._path.count("/") > 1:
            fields["QueueUrl"] = self._path
        return fields

    def reply(self, fields: Fields) -> Reply:
        """Write an answer."""
        return Reply(200, xml_reply(self.action, fields, self._request_id), XML)

    def refuse(self, failure: QueueError) -> Reply:
        """Write a refusal."""
        return Reply(failure.status, xml_error(failure, self._request_id), XML)


Dialect = JsonDialect | QueryDialect


def dialect_of(headers: dict[str, str], path: str, body: bytes, request_id: str) -> Dialect:
    """Tell which protocol a call speaks."""
    target = headers.get("x-amz-target", "")
    if target.startswith(TARGET):
        return JsonDialect(target.removeprefix(TARGET), body)
    return QueryDialect(path, body, request_id)
