"""What hints tell a person to type can be typed."""

import re
from pathlib import Path

import pytest
from cyclopts import App

from docs.pages import ROOT, pages
from packline.cli import app

# The reference is written from the command line itself; the rest is written by hand.
SOURCES = sorted(p for p in (ROOT / "src" / "packline").rglob("*.py") if "packline_sim" not in p.parts)
PAGES = [page for page in pages() if "reference" not in page.parts]
_TOLD = re.compile(r"`(packline(?: [a-z][a-z-]*)+)")


@pytest.mark.parametrize("file", [f for f in (*SOURCES, *PAGES) if _TOLD.search(f.read_text())], ids=lambda f: f.name)
def test_every_command_that_is_named_exists(file: Path) -> None:
    """A command in backticks, in a hint or on a page, is one of the command line's."""
    named = set(_TOLD.findall(file.read_text()))

    unknown = [command for command in named if not _exists(command.split()[1:])]

    assert not unknown


def _exists(words: list[str]) -> bool:
    found: App = app
    for word in words:
        names = [name for name in found if not name.startswith("-")]
        if not names:
            return True  # what follows are values
        if word not in names:
            return False
        found = found[word]
    return True
