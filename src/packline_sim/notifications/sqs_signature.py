"""Whether a call to a queue is signed with the one key pair that counts here (AWS Signature Version 4)."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, quote

from packline_sim.notifications.sqs_errors import QueueError

ACCESS_KEY_ID = "AKIASIMULATED0000000"
SECRET_ACCESS_KEY = "simulated-secret-access-key-of-nobody"  # noqa: S105 - counts nowhere else
ALGORITHM = "AWS4-HMAC-SHA256"


class Signed(NamedTuple):
    """Carry what a signature is made over."""

    method: str
    path: str
    query: bytes
    headers: Mapping[str, str]
    body: bytes


def check_signature(call: Signed, demand: str) -> None:
    """Refuse a call that is not signed as the switch demands: any, present or verified. Raises QueueError 403."""
    if demand == "any":
        return
    given = call.headers.get("authorization", "")
    if not given.startswith(f"{ALGORITHM} "):
        message = "Request is missing Authentication Token: sign it with AWS Signature Version 4."
        raise QueueError("MissingAuthenticationToken", message, status=403)
    if demand == "verified":
        _verify(call, dict(part.strip().split("=", 1) for part in given.removeprefix(ALGORITHM).split(",")))


def _verify(call: Signed, parts: dict[str, str]) -> None:
    key_id, _, scope = parts.get("Credential", "").partition("/")
    if key_id != ACCESS_KEY_ID:
        message = f"The security token included in the request is invalid: the key here is {ACCESS_KEY_ID}."
        raise QueueError("InvalidClientTokenId", message, status=403)
    names = parts.get("SignedHeaders", "")
    canonical = "\n".join(
        (
            call.method,
            quote(call.path, safe="/-_.~%"),
            _query(call.query),
            *(f"{name}:{' '.join(call.headers.get(name, '').split())}" for name in names.split(";")),
            "",
            names,
            hashlib.sha256(call.body).hexdigest(),
        )
    )
    moment = call.headers.get("x-amz-date", "")
    text = "\n".join((ALGORITHM, moment, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    if not hmac.compare_digest(_digest(_key(scope), text).hex().encode(), parts.get("Signature", "").encode()):
        message = "The request signature we calculated does not match the signature you provided: check the secret."
        raise QueueError("SignatureDoesNotMatch", message, status=403)


def _key(scope: str) -> bytes:
    key = f"AWS4{SECRET_ACCESS_KEY}".encode()
    for part in scope.split("/"):
        key = _digest(key, part)
    return key


def _digest(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _query(raw: bytes) -> str:
    pairs = parse_qsl(raw.decode("latin-1"), keep_blank_values=True)
    return "&".join(sorted(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs))
