"""Texts that a spreadsheet would calculate: guarded in the CSV that we write, as they were in the CSV that we read."""

import re

_GUARD = "'"
_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*%?")


def guarded(text: str) -> str:
    """Put an apostrophe before a text that would be a formula; numbers with a sign are left alone."""
    return f"{_GUARD}{text}" if _is_formula(text) else text


def unguarded(text: str) -> str:
    """Take the apostrophe away again, so that a file of ours comes back as it was."""
    return text[1:] if text.startswith(_GUARD) and _is_formula(text[1:]) else text


def _is_formula(text: str) -> bool:
    return text.startswith(_BEGINS) and _NUMBER.fullmatch(text) is None
