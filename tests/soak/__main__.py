"""`make soak`: the long run. `--help` lists what can be set; the exit code says whether anything was wrong."""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
import tempfile
from pathlib import Path

import structlog
import uvloop

from soak.plan import SHORT, Plan
from soak.report import Report
from soak.run import soak


def main() -> int:
    """Run and print the report."""
    asked = _asked()
    plan = SHORT if asked.short else Plan()
    given = {name: value for name, value in vars(asked).items() if name in Plan._fields and value is not None}
    plan = plan._replace(**given)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)  # a database that is away is part of the plan
    folder = Path(asked.folder or tempfile.mkdtemp(prefix="packline-soak-log-"))
    folder.mkdir(parents=True, exist_ok=True)
    _tell(f"{plan}\nlogs of the workers are in {folder}")
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))  # all that was started must end
    report = uvloop.run(_run(plan, folder))
    if asked.json:
        Path(asked.json).write_text(json.dumps(report._asdict(), indent=1, default=str))
    sys.stdout.write(report.text() + "\n")
    return 0 if report.passed else 1


async def _run(plan: Plan, folder: Path) -> Report:
    return await asyncio.wait_for(soak(plan, folder, _tell), 60 * (plan.minutes * 2 + 10))


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--shipments", type=int, help="how many buyers order (100000)")
    parser.add_argument("--seed", type=int, default=_seed(), help="of everything that is drawn; or PACKLINE_SEED")
    parser.add_argument("--workers", type=int, help="Packline worker processes (2)")
    parser.add_argument("--minutes", type=float, help="wall time after which buyers stop, whatever is left (20)")
    parser.add_argument("--days", type=float, help="simulated days in which orders come (7)")
    parser.add_argument("--tail-days", type=float, help="simulated days after the last order (0.8)")
    parser.add_argument("--haste", type=float, help="factor by which carriers are quicker (4)")
    parser.add_argument("--reap-every-s", type=float, help="real seconds between two kills or freezes (30)")
    parser.add_argument("--fastest", type=float, help="simulated seconds in a real one at most")
    parser.add_argument("--calm", dest="is_calm", action="store_true", default=None, help="no trouble at all")
    parser.add_argument("--short", action="store_true", help="the form that runs with the other tests")
    parser.add_argument("--folder", help="where logs go")
    parser.add_argument("--json", help="file that the report goes to as well")
    return parser.parse_args()


def _seed() -> int | None:
    return int(os.environ["PACKLINE_SEED"]) if "PACKLINE_SEED" in os.environ else None


if __name__ == "__main__":
    sys.exit(main())
