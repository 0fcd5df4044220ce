"""The benchmark of the console measures every page there is."""

import re
import runpy
from pathlib import Path

from packline.console.pages import MODULES


def test_every_page_is_measured_or_says_why_not():
    """A page that is added is added to the benchmark, or to those that are not measured, with the reason."""
    bench = runpy.run_path(str(Path(__file__).parents[2] / "bench" / "console_pages.py"))
    elsewhere, asked = bench["ELSEWHERE"], [page.partition("?")[0] for page in (*bench["PAGES"], *bench["STREAMS"])]
    paths = {path.path for module in MODULES for path in module.PATHS if path.method == "GET"}
    missing = [
        path for path in paths if path not in elsewhere and not any(_shape(path).fullmatch(one) for one in asked)
    ]
    assert not missing
    assert not [path for path in elsewhere if path not in paths]


def _shape(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]*\})", path)
    return re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts))
