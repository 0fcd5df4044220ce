"""Amazon's answers become the right class of error."""

from __future__ import annotations

import pytest

from packline.amazon.spapi import outcome
from packline.errors import Rejected, Throttled, Unauthorized, Unavailable, Unexpected, Unresolved


def refused(status: int, code: str = "", *, is_write: bool = True, body: bytes | None = None):
    said = body if body is not None else f'{{"errors":[{{"code":"{code}","message":"m","details":"d"}}]}}'.encode()
    return outcome.refusal("op", is_write=is_write, status=status, body=said, request_id="r")


@pytest.mark.parametrize(
    ("status", "code", "read", "write", "reread"),
    [
        (400, "InvalidInput", Rejected, Rejected, True),
        (400, "Invalid Input", Rejected, Rejected, True),
        (400, "BATCH_SIZE_EXCEED", Rejected, Rejected, False),
        (404, "NotFound", Rejected, Rejected, True),
        (409, "DuplicateRequest", Unavailable, Unresolved, True),
        (409, "SC_10000", Unavailable, Unresolved, True),
        (422, "SomethingNew", Rejected, Rejected, True),
        (403, "Unauthorized", Unauthorized, Unauthorized, False),
        (401, "", Unauthorized, Unauthorized, False),
        (429, "QuotaExceeded", Throttled, Throttled, False),
        (500, "InternalFailure", Unavailable, Unresolved, True),
        (503, "", Unavailable, Unresolved, True),
        (599, "", Unavailable, Unresolved, True),
        (418, "", Rejected, Rejected, True),
        (302, "", Unexpected, Unresolved, True),
    ],
)
def test_status_and_code_choose_the_class(status, code, read, write, reread):
    """Rule: the table; only a write asks for a look at Amazon's state."""
    as_read, as_write = refused(status, code, is_write=False), refused(status, code)
    assert (type(as_read), as_read.reread) == (read, False)
    assert (type(as_write), as_write.reread) == (write, reread)
    assert (as_write.operation, as_write.status, as_write.request_id) == ("op", status, "r")


def test_the_code_counts_before_the_status():
    """Rule: Amazon's examples give one code under several statuses."""
    assert type(refused(503, "QuotaExceeded")) is Throttled
    assert type(refused(500, "SC_00002")) is Rejected
    assert type(refused(400, "SC_00000")) is Unresolved


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"errors":[{"code":"A","message":"m","details":"d"}]}', ("A", "m", "d")),
        (b'{"Errors":[{"Code":"A","Message":"m"},{"Code":"B","Message":"n"}]}', ("A", "m; n", "")),
        (b'{"errors":{"code":"A","message":null}}', ("A", "", "")),
        (b'{"errorCode":"SC_1","description":"m","retryable":false}', ("SC_1", "m", "")),
        (b'{"message":"Forbidden"}', ("", "Forbidden", "")),
        (b'{"errors":[]}', ("", "", "")),
        (b"[]", ("", "", "")),
        (b"<html>", ("", "", "")),
        (b"\xff\xfe", ("", "", "")),
        (b"", ("", "", "")),
        (b'{"errors":["x"]}', ("", "", "")),
    ],
)
def test_error_bodies_are_read_in_every_form(body, said):
    """Rule: either letter case, one or many, an older generation's words, or nothing at all."""
    assert outcome.words(body) == said


def test_a_call_that_never_left_is_known_to_have_had_no_effect():
    """Rule: not sent is Unavailable even for a write; no answer is Unresolved for a write."""
    kinds = [outcome.silence("op", is_write=True, kind=kind, why="x") for kind in (outcome.NOT_SENT, outcome.NO_ANSWER)]
    assert [(type(error), error.reread) for error in kinds] == [(Unavailable, False), (Unresolved, True)]
    assert type(outcome.silence("op", is_write=False, kind=outcome.NO_ANSWER, why="x")) is Unavailable


def test_a_success_that_cannot_be_read_is_unresolved_for_a_write():
    """Rule: the effect may be there although the answer is broken."""
    assert type(outcome.misfit("op", is_write=True, status=200, why="x")) is Unresolved
    assert type(outcome.misfit("op", is_write=False, status=200, why="x")) is Unexpected
