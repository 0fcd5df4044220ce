"""How a failed call of Easy Ship is told to the driver, by the table of reactions."""

from datetime import datetime

import msgspec

from packline.amazon.seller_central.reactions import reaction
from packline.amazon.seller_central.wire.parts import Shape
from packline.amazon.spapi import outcome
from packline.amazon.spapi.client import Answer
from packline.amazon.spapi.operation import Operation
from packline.domain.reports import Failed
from packline.domain.shipment import Failure
from packline.domain.step import Step
from packline.errors import AmazonError, Rejected

CONFLICT = 409
_TOLD = ("refused", "conflict", "slot", "unclear")


def read(operation: Operation, answer: Answer, decoder: msgspec.json.Decoder[Shape]) -> Shape:
    """Decode a success; an empty or null body reads as `{}`.

    Raises Unresolved for a write, whose effect a broken answer does not disprove, Unexpected for a read.
    """
    try:
        return decoder.decode(b"{}" if answer.body in (b"", b"null") else answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as why:
        raise outcome.misfit(
            operation.name,
            is_write=operation.is_write,
            status=answer.status,
            why=str(why),
            request_id=answer.request_id,
        ) from why


def failed(step: Step, at: datetime, error: AmazonError, operation: Operation) -> Failed:
    """Tell a refusal or an unclear end of a call."""
    return Failed(step, at, failure(error, operation, is_read=step.is_read))


def failure(error: AmazonError, operation: Operation, *, is_read: bool) -> Failure:
    """Dispatch on Amazon's code, then on the class of the error; the cure follows Amazon's words."""
    known = reaction(error.amazon_code)
    kind = (known.on_read if is_read else known.kind) if known else ""
    if kind not in _TOLD:
        unclear = "conflict" if error.status == CONFLICT else "unclear"
        kind = "refused" if isinstance(error, Rejected) else unclear
    details = f" ({error.details})" if error.details else ""
    cure = f" {known.person}" if known and kind == "refused" else ""
    code = error.amazon_code or error.code
    return Failure(kind, operation.name, error.status, code, error.message + details + cure, error.request_id)


def refused(
    step: Step, at: datetime, operation: Operation | str, code: str, message: str, kind: str = "refused"
) -> Failed:
    """Refuse a step before anything is sent, with the reason and the way out."""
    name = operation if isinstance(operation, str) else operation.name
    return Failed(step, at, Failure(kind, name, 0, code, message))
