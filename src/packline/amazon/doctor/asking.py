"""One harmless read at Amazon, outside lanes and call log, whose refusal is an answer too."""

import msgspec

from packline.amazon.spapi.transport import NoAnswer, NotSent, Request, Response, Transport

ASKS_S = 15.0
Answer = Response | NotSent | NoAnswer


class _Errors(msgspec.Struct):
    errors: list[dict[str, str | None]] = []


async def ask(transport: Transport, endpoint: str, target: str, token: str) -> Answer:
    """Read once from an address; silence is given back, not raised."""
    headers = {"x-amz-access-token": token, "user-agent": "Packline (doctor)"}
    request = Request("GET", endpoint.rstrip("/") + target, headers, timeout=ASKS_S)
    try:
        return await transport.send(request)
    except (NotSent, NoAnswer) as silence:
        return silence


def reason(answer: Response) -> str:
    """Give Amazon's code and message of a refusal; "" where the body holds neither."""
    try:
        first = msgspec.json.decode(answer.body, type=_Errors).errors[0]
    except (msgspec.DecodeError, IndexError):
        return ""
    return f"{first.get('code') or ''}: {first.get('message') or ''}"


def details(answer: Response) -> str:
    """Give Amazon's details of a refusal, else its message."""
    try:
        first = msgspec.json.decode(answer.body, type=_Errors).errors[0]
    except (msgspec.DecodeError, IndexError):
        return ""
    return first.get("details") or first.get("message") or ""
