"""What happened in the demo: orders, calls, labels, the time of each stage, and whether everything adds up."""

import sys
from typing import TYPE_CHECKING, Any

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from packline.amazon.programs import PROGRAMS
from packline.cli.demo.tally import Stage as Taken
from packline.cli.demo.tally import part
from packline.cli.printing import span

if TYPE_CHECKING:
    from packline.cli.demo.show import Stage

_DOCUMENTS = "select kind, count(*) as files, count(distinct sha256) as kept from shipment_document group by kind"
_STUCK = "select amazon_id, status, problem from shipment where problem is not null order by amazon_id limit 20"
_CANCELLED = ": cancelled_"  # a buyer's change of mind after packing: a person must stop the parcel; nothing is wrong
_OPEN = """
select amazon_id, program, status, goal from shipment
where not (status in ('DELIVERED', 'CANCELLED') or (status = 'SHIPPED' and program <> 'self_ship'))
order by amazon_id limit 20
"""


class Report(msgspec.Struct, frozen=True):
    """The whole of it; `is_clean` when nothing is wrong."""

    orders: int
    finished: int
    expected: int | None
    seconds: float
    programs: dict[str, int]
    statuses: dict[str, int]
    calls: list[dict[str, Any]]
    throttled: int
    labels: int
    invoices: int
    documents: dict[str, int]
    commands: dict[str, int]
    stages: list[Taken]
    to_documents: dict[str, float]
    invariants: dict[str, Any]
    refused: dict[str, int]
    stuck: list[str]
    missing: list[str]

    @property
    def faults(self) -> list[str]:
        """Say everything that is wrong."""
        faults = [f"violation: {violation}" for violation in self.invariants["violations"]]
        faults += [f"waits for a person: {entry}" for entry in self.stuck if _CANCELLED not in entry]
        if self.expected is not None and self.finished < self.expected:
            faults.append(f"{self.expected - self.finished} of {self.expected} orders did not arrive in other hands")
            faults += [f"still open: {entry}" for entry in self.missing]
        return faults

    @property
    def is_clean(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.faults

    def print(self, *, as_json: bool) -> None:
        """Print it for people or programs."""
        if as_json:
            built = msgspec.to_builtins(self)
            built["stages"] = [stage._asdict() for stage in self.stages]
            sys.stdout.write(msgspec.json.encode({**built, "faults": self.faults}).decode() + "\n")
            return
        console = Console(highlight=False)
        for drawn in self.draw():
            console.print(drawn)

    def draw(self) -> list[Any]:
        """Draw it for people."""
        return [
            Text("\nWhat happened", style="bold"),
            self._facts(),
            Text("\nHow long each stage took", style="bold"),
            self._stages(),
            Text("\nCalls to Amazon", style="bold"),
            self._calls(),
            *self._verdict(),
        ]

    def _facts(self) -> Table:
        names = {code: program.name for code, program in PROGRAMS.items()}
        programs = ", ".join(f"{names.get(code, code)} {count}" for code, count in sorted(self.programs.items()))
        statuses = ", ".join(f"{count} {status.lower()}" for status, count in sorted(self.statuses.items()))
        commands = ", ".join(f"{count} {outcome}" for outcome, count in sorted(self.commands.items()))
        kept = ", ".join(f"{count} {kind.replace('_', ' ')}s" for kind, count in sorted(self.documents.items()))
        facts = Table.grid(padding=(0, 3))
        facts.add_row("  orders", f"{self.orders} in {span(self.seconds)}: {programs}")
        facts.add_row("  at Amazon now", statuses)
        facts.add_row("  commands", commands)
        facts.add_row("  labels, invoices", f"{self.labels} labels, {self.invoices} invoices made by Amazon")
        facts.add_row("  documents kept", kept)
        facts.add_row("  throttled (429)", str(self.throttled))
        return facts

    def _stages(self) -> Table:
        table = Table(box=None, header_style="dim", padding=(0, 2))
        for name in ("stage", "shipments", "half within", "95 % within"):
            table.add_column(name, justify="left" if name == "stage" else "right")
        for stage in self.stages:
            table.add_row(stage.name, str(stage.shipments), _seconds(stage.half), _seconds(stage.most))
        table.add_row(
            Text("order to documents", style="bold"),
            str(int(self.to_documents["count"])),
            _seconds(self.to_documents["half"]),
            _seconds(self.to_documents["most"]),
        )
        return table

    def _calls(self) -> Table:
        table = Table(box=None, header_style="dim", padding=(0, 2))
        for name in ("operation", "calls", "2xx", "429", "other"):
            table.add_column(name, justify="left" if name == "operation" else "right")
        for row in self.calls:
            cells = [Text(str(row[key]), style="" if row[key] else "dim") for key in ("calls", "good", "throttled")]
            other = row["calls"] - row["good"] - row["throttled"]
            table.add_row(row["operation"], *cells, Text(str(other), style="" if other else "dim"))
        return table

    def _verdict(self) -> list[Any]:
        checked = self.invariants
        lines: list[Any] = [
            Text.assemble(
                ("\nInvariants  ", "bold"),
                f"{checked['rules']} rules over {checked['shipments']} shipments and {checked['calls']} calls: ",
                ("all hold", "green") if checked["ok"] else ("violated", "bold red"),
            )
        ]
        for why, count in sorted(self.refused.items()):
            lines.append(Text(f"  Packline refused {count} × {why}", style="dim"))
        lines += [Text(f"  for a person: {entry}", style="dim") for entry in self.stuck if _CANCELLED in entry]
        lines += [Text(f"  ✗ {fault}", style="red") for fault in self.faults]
        if self.is_clean:
            lines.append(Text("Nothing is wrong.", style="bold green"))
        return lines


async def report(stage: "Stage", expected: int | None) -> Report:
    """Ask Amazon and Packline what happened."""
    stats = await stage.amazon.get("stats")
    calls = await stage.amazon.get("journal/counters")
    checked = await stage.amazon.get("invariants")
    rules = (await stage.amazon.get("invariants/rules"))["items"]
    documents = await stage.services.pool.fetch(_DOCUMENTS)
    tally = stage.tally
    both = tally.journey()
    return Report(
        orders=stats["orders"],
        finished=tally.finished(),
        expected=expected,
        seconds=(stage.services.clock.now() - stage.started_at).total_seconds(),
        programs={code: tally.count(code, "received") for code in PROGRAMS},
        statuses=stats["states"],
        calls=_by_operation(calls["calls"]),
        throttled=stats["throttled"],
        labels=stats["labels_made"],
        invoices=stats["invoices"],
        documents={row["kind"]: row["files"] for row in documents},
        commands={outcome: count for outcome, count in tally.outcomes.items() if outcome != "accepted"},
        stages=tally.stages(),
        to_documents={"count": len(both), "half": part(both, 0.5), "most": part(both, 0.95)},
        invariants={**checked, "rules": len(rules)},
        refused=dict(stage.warehouse.refused),
        stuck=[f"{r['amazon_id']} ({r['status']}): {r['problem']}" for r in await stage.services.pool.fetch(_STUCK)],
        missing=[
            f"{r['amazon_id']} ({r['program']}): {r['status']}, goal {r['goal']}"
            for r in (await stage.services.pool.fetch(_OPEN) if expected is not None else ())
        ],
    )


def _by_operation(counts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for entry in counts:
        row = rows.setdefault(
            entry["operation"], {"operation": entry["operation"], "calls": 0, "good": 0, "throttled": 0}
        )
        row["calls"] += entry["count"]
        row["good"] += entry["count"] if 200 <= entry["status"] < 300 else 0
        row["throttled"] += entry["count"] if entry["status"] == 429 else 0
    return list(rows.values())


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"
