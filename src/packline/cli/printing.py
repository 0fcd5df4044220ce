"""What a command shows: tables and cards for people, one JSON object a line for programs."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

NOTHING = "–"
SKEW_S = 2.0
MOST_TELLING = 3  # columns that a table keeps however narrow the terminal is; commands name the most telling first
GOOD, BAD, WARN, QUIET = "green", "bold red", "yellow", "dim"
_COLOURS = {
    "succeeded": GOOD, "DELIVERED": GOOD, "SHIPPED": GOOD, "SHIPLABEL_GENERATED": GOOD, "ok": GOOD,
    "rejected": BAD, "denied": BAD, "failed": BAD, "CANCELLED": BAD, "paused": WARN, "pending": WARN,
}  # fmt: skip


@dataclass(frozen=True)
class Printer:
    """Print to standard output, in one of the two forms; `now` makes times relative for people."""

    json: bool
    now: datetime | None = None

    @cached_property
    def console(self) -> "Console":
        """Give the terminal; without one, lines are as wide as they need."""
        from rich.console import Console

        console = Console(highlight=False)
        return console if console.is_terminal else Console(highlight=False, width=200)

    def rows(self, rows: Iterable[Mapping[str, Any]], *columns: str, empty: str = "Nothing to show.") -> None:
        """Print a listing. People see `columns` (all where none are named); programs get every field."""
        if self.json:
            for row in rows:
                self.line(row)
            return
        listed = list(rows)
        if not listed:
            self.console.print(empty, style=QUIET)
            return
        wanted = columns or tuple(listed[0])
        shown = self._fitting(listed, wanted)
        self.console.print(self.table(listed, shown))
        left_out = [c.replace("_", " ") for c in wanted if c not in shown and any(row.get(c) for row in listed)]
        if left_out:
            self.console.print(f"Too wide for this terminal: {', '.join(left_out)}. --json has it all.", style=QUIET)

    def _fitting(self, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> list[str]:
        """Leave out columns that are empty, then the last ones that do not fit: an id that is broken is no id."""
        filled = [c for c in columns if any(row.get(c) not in (None, "", [], {}, ()) for row in rows)]
        widths = {c: max(len(c), *(len(self.cell(row.get(c))) for row in rows)) + 2 for c in filled}
        while len(filled) > MOST_TELLING and sum(widths[c] for c in filled) > self.console.width:
            filled.pop()
        return filled or list(columns)

    def table(self, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> "Table":
        """Lay rows out as a table; numbers stand at the right."""
        from rich.table import Table

        table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
        for column in columns:
            numbers = all(isinstance(row.get(column), int | float | None) for row in rows)
            table.add_column(column.replace("_", " "), justify="right" if numbers else "left", overflow="fold")
        for row in rows:
            table.add_row(*(self.cell(row.get(column)) for column in columns))
        return table

    def one(self, record: Mapping[str, Any], *fields: str) -> None:
        """Print one thing, a field a line; programs get every field."""
        from rich.table import Table

        if self.json:
            self.line(record)
            return
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        table.add_column(style="bold")
        table.add_column(overflow="fold")
        for name in fields or tuple(record):
            if record.get(name) not in (None, "", [], {}, ()):
                table.add_row(name.replace("_", " "), self.cell(record.get(name)))
        self.console.print(table)

    def say(self, text: str, style: str = "") -> None:
        """Tell people something that programs do not need."""
        if not self.json:
            self.console.print(text, style=style or None, markup=False)

    def line(self, record: object) -> None:
        """Print one JSON object on a line of its own."""
        import msgspec

        sys.stdout.write(msgspec.json.encode(record).decode() + "\n")
        sys.stdout.flush()

    def cell(self, value: object) -> "Text":
        """Write one value for people."""
        from rich.text import Text

        if value in (None, "", [], {}, ()):
            return Text(NOTHING, style=QUIET)
        if isinstance(value, datetime):
            return Text(relative(value, self.now) if self.now else value.isoformat(timespec="seconds"))
        text = _plain(value)
        return Text(text, style=_COLOURS.get(text, ""))


def relative(moment: datetime, now: datetime) -> str:
    """Say how long ago or in how long, in the largest fitting unit and the next: `4 min ago`, `in 2 h 10 min`."""
    seconds = (moment - now).total_seconds()
    if 0 < seconds < SKEW_S:
        return "just now"  # another machine's clock, or written while this command was starting
    size = span(abs(seconds))
    return f"in {size}" if seconds > 0 else f"{size} ago"


def span(seconds: float) -> str:
    """Write a duration for people."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{hours // 24} days"


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    if isinstance(value, list | tuple):
        return ", ".join(_plain(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(item)}" for name, item in value.items())
    return str(value)
