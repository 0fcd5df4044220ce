"""Run benchmarks by name and write what they found: `python -m bench [names] [--short]`."""

from __future__ import annotations

import argparse
import importlib
import json
import platform
from pathlib import Path
from typing import Any

BENCHMARKS = {
    "get_shipment": "typed getShipment calls a second, beside python-amazon-sp-api and Amazon's own SDK",
    "prism": "getShipment requests a second that the simulator answers, beside Stoplight Prism",
    "intake": "shipments a second taken in and stored, beside a bare batched upsert of the same bodies",
    "inbox": "notifications a second stored once each before they leave their queue, beside the 5,000 that may come",
    "notifications": "milliseconds from a notification in the queue to the seller's webhook, at 200 a second",
    "outage": "seconds until every status of 10,000 shipments was read after an outage, beside what the quota needs",
    "commit": "steps a second written with events, calls and documents, beside bare statements with the same bytes",
    "ledger": "entries of stock a second with causes and balances, beside a bare batched insert; reads beside millions",
    "stock": "seconds until Amazon has acknowledged changed SKUs, beside quota and batch size; one change, in ms",
    "journey": "shipments a second from the goal to the documents, everything stored, beside a bare loop",
    "split": "seconds to take 500 labels and invoices out of one combined PDF, beside copying its pages unmatched",
    "printing": "seconds until 500 labels are one file for the printer, beside copying their pages by PDFium alone",
    "console": "milliseconds of each page of the console with a million shipments, beside a page that asks nothing",
    "routing": "milliseconds to allocate a thousand order lines over 200 locations, beside the naive way",
    "easy_ship_scheduling": "Easy Ship orders of a seller scheduled in an hour, beside the 3,600 that the rate allows",
    "easy_ship_labels": "labels and invoices of one seller in hand in an hour, beside one feed for each order",
    "easy_ship_stock": "seconds until Amazon is told of a seller's changed quantities, beside single calls alone",
    "easy_ship_legacy": "feeds in an hour where all kinds share one bucket: documents, and inventory beside them",
    "backlog": "share of the tightest bucket that a backlog uses under Amazon's rates, and calls refused",
}
"""Name of the module in this folder, and what it measures; it has `run(args) -> dict`, whose `passed` is judged."""

RESULTS = Path(__file__).parent / "results"


def main() -> int:
    """Run what was asked for; the exit code is 1 when a target was missed."""
    args = _arguments()
    missed = [name for name in args.names or BENCHMARKS if not _measure(name, args)]
    for name in missed:
        print(f"{name}: target missed")
    return 1 if missed else 0


def _measure(name: str, args: argparse.Namespace) -> bool:
    print(f"\n{name}: {BENCHMARKS[name]}")
    found: dict[str, Any] = importlib.import_module(f"bench.{name}").run(args)
    found["python"] = platform.python_version()
    args.results.mkdir(parents=True, exist_ok=True)
    (args.results / f"{name}.json").write_text(json.dumps(found, indent=2) + "\n")
    return bool(found.get("passed", True))


def _arguments() -> argparse.Namespace:
    listing = "\n".join(f"  {name:20} {what}" for name, what in BENCHMARKS.items())
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        epilog=f"benchmarks:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", choices=[[], *BENCHMARKS], help="which to run (default: all)")
    parser.add_argument("--short", action="store_true", help="a few seconds each, for a look")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the JSON files")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
