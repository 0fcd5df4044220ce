"""What axe-core says of a page, as far as it is serious."""

from collections.abc import Sequence
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

Fault = tuple[str, str, str]
"""A rule that is broken seriously, the first element that breaks it, and what to mend."""
_SERIOUS = ("serious", "critical")
_COLOURS = "axe.run(document, {runOnly: ['color-contrast', 'link-in-text-block']})"


async def faults_of(page: Page) -> list[Fault]:
    """Look at the page that is open, by all rules."""
    return _serious((await Axe().run(page)).response["violations"])


async def faults_of_colours(page: Page) -> list[Fault]:
    """Look at it again by the rules of colours only; `faults_of` must have looked before."""
    return _serious((await page.evaluate(_COLOURS))["violations"])


def _serious(violations: Sequence[dict[str, Any]]) -> list[Fault]:
    return [
        (one["id"], one["nodes"][0]["html"][:140], one["nodes"][0]["failureSummary"][:260])
        for one in violations
        if one["impact"] in _SERIOUS
    ]
