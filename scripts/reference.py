"""Make docs/reference and the generated parts of docs/programs from the code; `--check` only says what is stale."""

import argparse
from collections.abc import Callable
from pathlib import Path

from chapters.cli import cli
from chapters.easy_ship import easy_ship
from chapters.errors import errors
from chapters.events import events
from chapters.operations import operations
from chapters.programs import comparison, with_capabilities
from chapters.rest import rest
from chapters.settings import settings

DOCS = Path(__file__).parents[1] / "docs"
CHAPTERS: dict[str, Callable[[], str]] = {
    "rest.md": rest,
    "cli.md": cli,
    "settings.md": settings,
    "errors.md": errors,
    "events.md": events,
    "operations.md": operations,
    "easy-ship.md": easy_ship,
}
PROGRAM_PAGES = {"seller-flex.md": "seller_flex", "easy-ship.md": "easy_ship", "self-ship.md": "self_ship"}
PROGRAMS_HEAD = """\
# Programs

Amazon's External Fulfillment API shows three programs. A shipment tells by its channel and shipping type which one it
belongs to; Packline keeps each as data (`amazon/programs/`), and the rest of the code asks that data. Amazon names more
programs than its API shows: [Pharmacy and Local Shops](pharmacy.md) are known by their location.

"""
PROGRAMS_FOOT = """
- [Seller Flex](seller-flex.md): Amazon's Prime orders from the seller's own warehouse
- [Easy Ship](easy-ship.md): Amazon's carrier collects the seller's parcels
- [Self Ship](self-ship.md): the seller's own carrier brings them
- [Pharmacy and Local Shops](pharmacy.md): programs that no field of the API tells from the others
"""


def pages() -> dict[Path, str]:
    """Make every generated page; path -> text."""
    made = {DOCS / "reference" / name: chapter().rstrip() + "\n" for name, chapter in CHAPTERS.items()}
    made[DOCS / "programs" / "README.md"] = PROGRAMS_HEAD + comparison() + PROGRAMS_FOOT
    for name, code in PROGRAM_PAGES.items():
        page = DOCS / "programs" / name
        made[page] = with_capabilities(page.read_text(), code)
    return made


def main() -> int:
    """Write what differs, or with `--check` name it; the exit code is 1 when something was stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; say what is stale")
    check = parser.parse_args().check
    made = pages()
    stale = [path for path, text in made.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        print(f"{'stale' if check else 'written'}: {path.relative_to(DOCS.parent)}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made[path])
    return 1 if check and stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
