"""The live screen: what comes in, how far it is, what Amazon says, and what happened last."""

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from packline.amazon.programs import PROGRAMS
from packline.amazon.spapi.clock import SystemClock
from packline.cli.demo.tally import ORDER
from packline.cli.printing import span

if TYPE_CHECKING:
    from packline.cli.demo.show import Stage

_TONES = {"command.rejected": "red", "shipment.cancelled": "red", "shipment.stuck": "red", "shipment.anomaly": "red"}


class Screen:
    """Draw the demo on a terminal; on anything else say one line now and then."""

    def __init__(self, stage: "Stage", *, expected: int | None = None, data: str = "") -> None:
        """Watch a stage; `expected` orders are shown as done / all."""
        self._stage, self._expected, self._data = stage, expected, data
        self._console = Console(file=sys.stderr)
        self._clock = SystemClock()
        self._since = self._clock.monotonic()
        self._live: Live | None = None
        self._said = -1

    def live(self) -> AbstractContextManager[Any]:
        """Hold the terminal while it lasts."""
        if not self._console.is_terminal:
            return nullcontext()
        self._live = Live(console=self._console, auto_refresh=False, screen=self._expected is None)
        return self._live

    def update(self, stats: dict[str, Any]) -> None:
        """Draw what is."""
        if self._live is not None:
            self._live.update(self.draw(stats), refresh=True)
            return
        if self._said < 0:
            told = f"console {self._stage.running.url}/, simulated Amazon {self._stage.amazon.url}/_sim/"
            self._console.print(told, highlight=False)
        seconds = int(self._clock.monotonic() - self._since)
        if seconds // 5 != self._said:
            self._said = seconds // 5
            self._console.print(f"{seconds:>4} s  {self._line(stats)}", highlight=False, soft_wrap=True)

    def draw(self, stats: dict[str, Any]) -> RenderableType:
        """Draw everything."""
        parts: list[RenderableType] = [self._head(stats), Text(), self._programs(), self._amazon(stats), self._events()]
        return Panel(Group(*parts), title="[bold]Packline demo[/bold]", border_style="blue", padding=(0, 1))

    def _head(self, stats: dict[str, Any]) -> RenderableType:
        seconds = self._clock.monotonic() - self._since
        url = self._stage.running.url
        lines = Table.grid(padding=(0, 2))
        lines.add_row(Text("console", style="bold"), Text(f"{url}/", style="cyan"))
        lines.add_row(Text("REST API", style="bold"), Text(f"{url}/v1   described at {url}/openapi.json", style="cyan"))
        page = f"{self._stage.amazon.url}/_sim/   watch and steer it"
        lines.add_row(Text("Amazon", style="bold"), Text(page, style="cyan"))
        if self._data:
            hint = f"packline shipment list --data {self._data}"
            lines.add_row(Text("try", style="bold"), Text(hint, style="dim"))
        if self._expected:
            done = self._stage.tally.finished()
            bar = ProgressBar(total=self._expected, completed=done, width=40)
            state = Table.grid(padding=(0, 2))
            state.add_row(bar, f"{done} of {self._expected} in other hands", f"{span(seconds)}")
            lines.add_row(Text("progress", style="bold"), state)
        else:
            rate = 60 * stats["orders"] / max(seconds, 1.0)
            lines.add_row(Text("running", style="bold"), f"{span(seconds)}, {rate:.0f} orders a minute; Ctrl-C ends it")
        return lines

    def _programs(self) -> RenderableType:
        table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
        table.add_column("program")
        stages = [name for name in ORDER if name != "label"]
        for name in stages:
            table.add_column(name, justify="right")
        for code, program in PROGRAMS.items():
            counts = [self._stage.tally.count(code, name) for name in stages]
            table.add_row(program.name, *(Text(str(n), style="" if n else "dim") for n in counts))
        return table

    def _amazon(self, stats: dict[str, Any]) -> RenderableType:
        return Text.assemble("\n", ("Amazon  ", "bold"), self._line(stats), "\n")

    def _line(self, stats: dict[str, Any]) -> str:
        tally = self._stage.tally
        return (
            f"{stats['orders']} orders   {tally.finished()} in other hands   {stats['calls']} calls   "
            f"{stats['throttled']} throttled (429)   {stats['failed']} failed   "
            f"{stats['labels_made']} labels   {stats['invoices']} invoices"
        )

    def _events(self) -> RenderableType:
        table = Table.grid(padding=(0, 2))
        for at, kind, amazon_id, program in reversed(self._stage.tally.last):
            name = PROGRAMS[program].name if program in PROGRAMS else ""
            table.add_row(Text(f"{at:%H:%M:%S}", style="dim"), Text(kind, style=_TONES.get(kind, "")), amazon_id, name)
        return table
