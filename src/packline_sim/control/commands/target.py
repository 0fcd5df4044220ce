"""Which simulator a command speaks to and how it shows what it learns: tables for people, JSON lines for programs."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

from cyclopts import Parameter

if TYPE_CHECKING:
    from rich.console import Console

    from packline_sim.control.client import ControlClient

WIDTH_IN_PIPES = 160
DEFAULT_URL = "http://127.0.0.1:8181"


@Parameter(name="*")
@dataclass(frozen=True)
class Target:
    """Where the simulator is and how to print."""

    url: Annotated[str, Parameter(env_var="PACKLINE_SIM_URL")] = DEFAULT_URL
    """Address of the simulator."""
    json: Annotated[bool, Parameter(negative="")] = False
    """Print one JSON object a line instead of tables."""

    @property
    def sim(self) -> "ControlClient":
        """Open a client of this simulator."""
        from packline_sim.control.client import ControlClient, SimulatorError

        try:
            return ControlClient(self.url, fail=leave)
        except SimulatorError as no_address:
            leave(no_address)

    def rows(self, rows: Iterable[Mapping[str, Any]], *columns: str) -> None:
        """Print a listing; `columns` are the fields that people see, programs get all of them."""
        if self.json:
            for row in rows:
                _json_line(row)
            return
        _table(list(rows), columns)

    def line(self, row: Mapping[str, Any], *columns: str) -> None:
        """Print one row that came after the table, without columns that line up."""
        if self.json:
            _json_line(row)
            return
        sys.stdout.write("  ".join(_plain_cell(row.get(column)) for column in columns) + "\n")
        sys.stdout.flush()

    def one(self, record: Mapping[str, Any]) -> None:
        """Print one thing, a field a line."""
        if self.json:
            _json_line(record)
            return
        _card(record)


HERE = Target()


def leave(failure: Exception) -> NoReturn:
    """Tell a failure on standard error and end the command with exit code 1."""
    sys.stderr.write(f"{failure}\n")
    raise SystemExit(1)


def _json_line(record: object) -> None:
    import msgspec

    sys.stdout.write(msgspec.json.encode(record).decode() + "\n")
    sys.stdout.flush()


def _console() -> "Console":
    from rich.console import Console

    return Console() if sys.stdout.isatty() else Console(width=WIDTH_IN_PIPES)


def _table(rows: list[Mapping[str, Any]], columns: tuple[str, ...]) -> None:
    from rich.table import Table

    console = _console()
    if not rows:
        console.print("[dim]nothing to show[/dim]")
        return
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        numeric = all(isinstance(row.get(column), int | float) for row in rows)
        table.add_column(column.replace("_", " "), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    console.print(table)


def _card(record: Mapping[str, Any]) -> None:
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in record.items():
        table.add_row(name.replace("_", " "), _cell(value))
    _console().print(table)


def _cell(value: object) -> str:
    from rich.markup import escape

    if value is None or value == [] or value == {}:
        return "[dim]–[/dim]"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list) and all(isinstance(item, str | int) for item in value):
        return escape(", ".join(str(item) for item in value))
    if isinstance(value, dict):
        return "\n".join(f"{escape(str(name))}: {_cell(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return "\n\n".join(_cell(inner) for inner in value)
    return escape(str(value))


def _plain_cell(value: object) -> str:
    return "–" if value is None else f"{value:.1f}" if isinstance(value, float) else str(value)
