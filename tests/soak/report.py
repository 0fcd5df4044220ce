"""The report of a long run: what was done, what went wrong on purpose, and what was found."""

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import asyncpg

from soak.comparison import Findings

if TYPE_CHECKING:
    from soak.machine import Database
    from soak.run import Run

SHOWN = 40
_CALLS = "select count(*)::int from call"


class Report(NamedTuple):
    """Figures by name, in the order in which they are shown, and all that is wrong."""

    figures: dict[str, Any]
    wrong: list[str]
    listed: dict[str, str]

    @staticmethod
    async def make(run: "Run", found: Findings, database: "Database", seconds: float) -> "Report":
        """Gather everything at the end of a run."""
        faults = Counter[str]()
        for row in [*run.sim.control.get("faults")["items"], *run.struck]:
            faults[row["rule"]["kind"]] += row["struck"]
        answers = Counter[int]()
        for (_, status), count in run.sim.counters().items():
            answers[status] += count
        trouble, warehouse = run.trouble, run.warehouse
        rates = run.buying_s, found.compared["shipments"]
        figures: dict[str, Any] = {
            "shipments": found.compared["shipments"],
            "buyers ordered": run.ordered,
            "ends": dict(sorted(found.ends.items())),
            "waits": dict(sorted(found.waits.items())),
            "compared": dict(found.compared),
            "feed events read": warehouse.book.events,
            "events stored": await _count(run.services.pool, "select count(*)::int from event"),
            "calls": await _count(run.services.pool, _CALLS),
            "answers by status": dict(sorted(answers.items())),
            "faults met": dict(sorted(faults.items())),
            "kills": trouble.kills,
            "freezes": trouble.freezes,
            "take-overs": len(trouble.take_overs),
            "slowest take-over s": round(max(trouble.take_overs, default=0.0), 2),
            "database restarts": len(trouble.away),
            "database away s": [round(one, 2) for one in trouble.away],
            "workers that ended by themselves": sum(worker.ends for worker in run.workers),
            "warehouse did": dict(sorted(warehouse.done.items())),
            "warehouse was refused": dict(sorted(warehouse.refused.items())),
            "warehouse waited for the database": warehouse.interruptions,
            "units oversold at Amazon": found.oversold,
            "on a person's list": len(found.listed),
            "reasons": dict(Counter(found.listed.values()).most_common(12)),
            "database MB": round(database.size / 1e6),
            "seconds of orders": round(rates[0], 1),
            "shipments a second": round(rates[1] / rates[0], 1) if rates[0] else 0.0,
            "seconds": round(seconds, 1),
            "violations": len(found.wrong),
        }
        return Report(figures, found.wrong, found.listed)

    @property
    def passed(self) -> bool:
        """Tell whether nothing was lost, doubled, oversold without report, or silent."""
        return not self.wrong

    def text(self) -> str:
        """Write it as a table for people."""
        width = max(len(name) for name in self.figures)
        lines = [f"{name:<{width}}  {value}" for name, value in self.figures.items()]
        lines += [f"WRONG  {line}" for line in self.wrong[:SHOWN]]
        if len(self.wrong) > SHOWN:
            lines.append(f"WRONG  and {len(self.wrong) - SHOWN} more")
        return "\n".join(lines)


async def _count(pool: asyncpg.Pool, sql: str) -> int:
    return int(await pool.fetchval(sql))
