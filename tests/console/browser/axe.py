"""What axe-core says of a page, as far as it is serious."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

SERIOUS = ("serious", "critical")


async def faults_of(page: Page) -> list[tuple[str, str, str]]:
    """Look at the page that is open: the rules that it breaks seriously, the first element of each, what to mend."""
    told = await Axe().run(page)
    return [
        (one["id"], one["nodes"][0]["html"][:140], one["nodes"][0]["failureSummary"][:260])
        for one in told.response["violations"]
        if one["impact"] in SERIOUS
    ]
