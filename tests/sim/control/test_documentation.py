"""Pages that are made from the code are as the code is."""

from pathlib import Path

import pytest

from packline_sim import switches
from packline_sim.control import reference
from packline_sim.faults import KINDS

PAGES = Path(__file__).parents[3] / "docs" / "simulator"


@pytest.mark.parametrize(
    ("page", "written", "command"),
    [
        ("switches.md", switches.markdown, "packline_sim.switches"),
        ("control-api.md", reference.markdown, "packline_sim.control.reference"),
    ],
)
def test_a_generated_page_is_up_to_date(page: str, written, command: str) -> None:
    """Whoever changes an operation or a switch writes its page again."""
    path = PAGES / page
    assert path.read_text(encoding="utf-8") == written(), f"python -m {command} > {path}"


def test_every_kind_of_fault_is_explained() -> None:
    """The page on faults names each kind."""
    text = (PAGES / "faults.md").read_text(encoding="utf-8")
    assert [kind for kind in KINDS if f"`{kind}`" not in text] == []
