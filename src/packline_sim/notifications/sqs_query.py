"""The query protocol of Amazon's queue service: numbered form fields in, XML out."""

from typing import Any
from xml.sax.saxutils import escape

from packline_sim.notifications.sqs_asked import Fields
from packline_sim.notifications.sqs_errors import QueueError

NAMESPACE = "http://queue.amazonaws.com/doc/2012-11-05/"
# Name in the form -> name in the JSON protocol.
_LISTS = {
    "AttributeName": "AttributeNames",
    "MessageSystemAttributeName": "MessageSystemAttributeNames",
    "MessageAttributeName": "MessageAttributeNames",
    "TagKey": "TagKeys",
}
_MAPS = {"Attribute": ("Attributes", "Name"), "MessageAttribute": ("MessageAttributes", "Name"), "Tag": ("Tags", "Key")}
_ENTRIES = "BatchRequestEntry"
# Name in the JSON protocol -> name of one element in the XML.
_ELEMENTS = {
    "Messages": "Message",
    "QueueUrls": "QueueUrl",
    "Attributes": "Attribute",
    "MessageAttributes": "MessageAttribute",
    "Tags": "Tag",
    "Failed": "BatchResultErrorEntry",
}


_WITHOUT_RESULT = frozenset(
    {
        "ChangeMessageVisibility",
        "DeleteMessage",
        "DeleteQueue",
        "PurgeQueue",
        "SetQueueAttributes",
        "TagQueue",
        "UntagQueue",
    }
)


def fields_of(flat: dict[str, str]) -> Fields:
    """Turn form fields into the shapes of the JSON protocol."""
    nested: Fields = {}
    for name, value in flat.items():
        if name not in ("Action", "Version"):
            _place(nested, name.split("."), value)
    return _shaped(nested)


def xml_reply(action: str, fields: Fields, request_id: str) -> bytes:
    """Write an answer."""
    inner = "".join(_element(action, name, value) for name, value in fields.items())
    result = "" if action in _WITHOUT_RESULT else f"<{action}Result>{inner}</{action}Result>"
    about = f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
    return f'<?xml version="1.0"?><{action}Response xmlns="{NAMESPACE}">{result}{about}</{action}Response>'.encode()


def xml_error(failure: QueueError, request_id: str) -> bytes:
    """Write a refusal."""
    fault = "Sender" if failure.status < 500 else "Receiver"
    inner = f"<Type>{fault}</Type><Code>{escape(failure.query_code)}</Code><Message>{escape(str(failure))}</Message>"
    about = f"<Error>{inner}<Detail/></Error><RequestId>{request_id}</RequestId>"
    return f'<?xml version="1.0"?><ErrorResponse xmlns="{NAMESPACE}">{about}</ErrorResponse>'.encode()


def _place(into: Fields, path: list[str], value: str) -> None:
    for part in path[:-1]:
        into = into.setdefault(part, {})
        if not isinstance(into, dict):
            return
    into[path[-1]] = value


def _shaped(nested: Fields) -> Fields:
    shaped: Fields = {}
    for name, value in nested.items():
        if name in _LISTS and isinstance(value, dict):
            shaped[_LISTS[name]] = _in_order(value)
        elif name in _MAPS and isinstance(value, dict):
            plural, key = _MAPS[name]
            shaped[plural] = {row[key]: row["Value"] for row in _in_order(value) if key in row and "Value" in row}
        elif name.endswith(_ENTRIES) and isinstance(value, dict):
            shaped["Entries"] = [_shaped(row) for row in _in_order(value)]
        else:
            shaped[name] = value
    if "Tags" in shaped:
        shaped["tags"] = shaped["Tags"]
    return shaped


def _in_order(numbered: Fields) -> list[Any]:
    return [numbered[key] for key in sorted(numbered, key=lambda key: int(key) if key.isdigit() else 0)]


def _element(action: str, name: str, value: Any) -> str:
    if name == "Successful":
        return "".join(_wrapped(f"{action}ResultEntry", _inside(action, row)) for row in value)
    element = _ELEMENTS.get(name, name)
    if isinstance(value, list):
        return "".join(_wrapped(element, _inside(action, row)) for row in value)
    if isinstance(value, dict) and name in _ELEMENTS:
        key = "Key" if name == "Tags" else "Name"
        rows = (_wrapped(key, escape(own)) + _wrapped("Value", _inside(action, row)) for own, row in value.items())
        return "".join(_wrapped(element, row) for row in rows)
    return _wrapped(element, _inside(action, value))


def _inside(action: str, value: Any) -> str:
    if isinstance(value, dict):
        return "".join(_element(action, name, inner) for name, inner in value.items())
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(str(value))


def _wrapped(name: str, inner: str) -> str:
    return f"<{name}>{inner}</{name}>"
