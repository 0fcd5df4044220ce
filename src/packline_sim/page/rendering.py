"""Templates of the page, and what they can call."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packline_sim.page import words

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent
STATIC = HERE / "static"


@lru_cache(1)
def environment() -> "Environment":
    """Make the templates ready; the engine is loaded when somebody first looks at the page."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"span": words.span, "exact": words.exact, "hour": words.hour, "short": words.short}
    made.filters |= {"tone": words.tone, "thousands": lambda number: f"{number:,}".replace(",", "\u202f")}
    return made


def render(template: str, **facts: Any) -> str:
    """Write a page."""
    return environment().get_template(template).render(**facts)
