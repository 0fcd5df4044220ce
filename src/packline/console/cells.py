"""Cells and rows of tables: what a list shows, and what it exports."""

from datetime import datetime
from typing import Any, NamedTuple


class Cell(NamedTuple):
    """One cell; `kind` says how it is drawn, `value` is what an export writes (the text where there is none)."""

    kind: str
    text: str = ""
    tone: str = ""
    href: str = ""
    title: str = ""
    icon: str = ""
    at: datetime | None = None
    zone: str = "UTC"
    value: Any = None

    @property
    def exported(self) -> Any:
        """Give what an export writes."""
        if self.at is not None:
            return self.at.isoformat()
        return self.text if self.value is None else self.value


class Act(NamedTuple):
    """A button in a row: a command posted to an address."""

    label: str
    action: str
    fields: tuple[tuple[str, str], ...] = ()


class Row(NamedTuple):
    """One row; `id` is stable, so that it can be updated where it stands and chosen."""

    id: str
    cells: tuple[Cell, ...]
    act: Act | None = None
    href: str = ""
    tone: str = ""


class Column(NamedTuple):
    """One column: its name in exports, its marked heading, its width class, and from which width it is shown.

    `from_width` is empty (always), `wide` (from 1100 px) or `wider` (from 1440 px).
    """

    name: str
    label: str
    width: str = ""
    from_width: str = ""


def text(words: str, tone: str = "", *, href: str = "", title: str = "") -> Cell:
    """Plain words in one line."""
    return Cell("text", words, tone, href, title)


def say(sentence: str, tone: str = "") -> Cell:
    """A sentence that may take the rest of the row."""
    return Cell("say", sentence, tone, title=sentence)


def ident(words: str, *, href: str = "", title: str = "") -> Cell:
    """An id, in a face in which 0 and O differ; a click copies it where it leads nowhere."""
    return Cell("id", words, "", href, title or words)


def number(value: float | None, unit: str = "", tone: str = "") -> Cell:
    """A number at the end of its column."""
    shown = "" if value is None else f"{value:,.0f}{unit}" if value == int(value) else f"{value:,.1f}{unit}"
    return Cell("number", shown, tone, value="" if value is None else value)


def chip(words: str, tone: str, icon: str) -> Cell:
    """A status: icon, word and colour, never colour alone."""
    return Cell("chip", words, tone, icon=icon)


def countdown(at: datetime | None, zone: str = "UTC", *, running: bool = True) -> Cell:
    """The time left until a moment, counted down where it stands; only the moment where it does not run any more."""
    return Cell("left" if running else "when", at=at, zone=zone, value="")


def ago(at: datetime | None, zone: str = "UTC") -> Cell:
    """How long ago something was, the exact moment on hover."""
    return Cell("ago", at=at, zone=zone, value="")


def when(at: datetime | None, zone: str = "UTC") -> Cell:
    """Day and time in its zone, both zones on hover."""
    return Cell("when", at=at, zone=zone, value="")


def second(at: datetime | None, zone: str = "UTC") -> Cell:
    """Day and time to the second, for logs."""
    return Cell("second", at=at, zone=zone, value="")
