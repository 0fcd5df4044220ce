"""docs/reference/errors.md, from the error family, the problems of shipments and Amazon's codes."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from chapters.error_words import DOES, PROBLEMS, REASONS
from chapters.tables import table
from packline import errors as family
from packline.amazon.spapi.outcome import NO_ANSWER, NOT_SENT, TABLE, Meaning
from packline.errors import (
    AmazonError,
    PacklineError,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
    Unexpected,
    Unresolved,
)

SOURCE = Path(family.__file__).parent
INTRODUCTION = """\
# Errors

Made from `errors.py`, `amazon/spapi/outcome.py` and the rules of the domain. Over REST an error is a problem document
(RFC 9457, `application/problem+json`) with `code`, `reason`, `detail` (what happened and why), `hint` (what to do)
and, for input, `errors` with a pointer to each field. The command line prints the same two sentences. `GET
/v1/errors/{code}` gives the row of a code.

## Codes

"""
REASONS_INTRODUCTION = """
## Reasons

`reason` is finer than `code`. Where there is no finer word it repeats the code.

"""
PROBLEMS_INTRODUCTION = """
## Problems of a shipment

A problem is stored on the shipment, is told as `shipment.stuck` or `shipment.anomaly`, and shows in `packline
shipment list --failed`. `packline shipment explain` prints what happened and what can be done; `retry` forgets it and
goes on toward what was asked for last.

"""
AMAZON_INTRODUCTION = """
## Amazon's codes

What Packline makes of an answer of Amazon's. Amazon's code counts first, compared without spaces and letter case; the
status decides where the code is missing or unknown. *Looks first* means that the shipment is read before anything is
decided, because a refused write may have had its effect earlier.

"""
_PLAIN = {
    Rejected: "refused, final",
    Throttled: "not executed; waits for its turn and is sent again",
    Unauthorized: "not executed; the account is paused",
    Unavailable: "no effect; repeated with growing pauses",
    Unresolved: "unknown effect; never repeated before a look",
    Unexpected: "kept as it is, for a person",
    AmazonError: "an error of Amazon's",
}
_SILENCE = {NOT_SENT: "no connection, nothing was sent", NO_ANSWER: "time-out or broken connection after sending"}


def errors() -> str:
    """Write codes, reasons, problems and Amazon's codes."""
    classes = [c for c in vars(family).values() if isinstance(c, type) and issubclass(c, PacklineError)]
    codes = [
        (f"`{c.code}`", c.http_status, " ".join((c.__doc__ or "").split()), DOES[c.__name__], c.default_hint)
        for c in classes
    ]
    header = ("Code", "HTTP", "Meaning", "What Packline does", "What you can do")
    return (
        INTRODUCTION
        + table(header, codes)
        + REASONS_INTRODUCTION
        + _words(REASONS, found_reasons(), ("Reason", "Meaning", "What you can do"))
        + PROBLEMS_INTRODUCTION
        + _words(PROBLEMS, found_problems(), ("Problem", "Meaning", "What Packline does", "What you can do"))
        + AMAZON_INTRODUCTION
        + table(("Amazon says", "To a read", "To a write", "Looks first"), _amazon())
    )


def found_reasons() -> set[str]:
    """Collect the reasons that the source names."""
    return _found(r'\breason="([a-z_]+)"')


def found_problems() -> set[str]:
    """Collect the codes of problems that the source names."""
    return _found(r'\bProblem\(\s*"([a-z_]+)"')


def _found(pattern: str) -> set[str]:
    rooms = ("amazon", "api", "commands", "domain", "driver", "oms", "storage", "views")
    texts = (path.read_text() for room in rooms for path in (SOURCE / room).rglob("*.py"))
    return {word for text in texts for word in re.findall(pattern, text)}


def _words(told: Mapping[str, tuple[str, ...]], found: set[str], header: tuple[str, ...]) -> str:
    if set(told) != found:
        raise ValueError(
            f"chapters/error_words.py lacks {sorted(found - set(told))} and has too much: {sorted(set(told) - found)}"
        )
    return table(header, [(f"`{word}`", *told[word]) for word in sorted(told)])


def _amazon() -> Iterable[tuple[str, str, str, str]]:
    for said, meaning in TABLE.items():
        yield _said(said), _PLAIN[meaning.read], _PLAIN[meaning.write], _looks(meaning)


def _said(said: str | int) -> str:
    if isinstance(said, int):
        return f"status {said}, code unknown"
    return _SILENCE.get(said) or f"`{said.upper() if said.startswith('sc_') else said}`"


def _looks(meaning: Meaning) -> str:
    return "yes" if meaning.reread else "no"
