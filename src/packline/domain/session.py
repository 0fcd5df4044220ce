"""A session: a browser that somebody signed in with."""

from datetime import datetime

from packline.domain.values import Value

LONGEST_AGENT = 200
_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


class Session(Value, frozen=True):
    """One session; `agent` is what the browser calls itself, `address` where it was opened from.

    It ends at `ends_at` whatever happens, and earlier where nothing was done for the idle time since `seen_at`.
    """

    id: str
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    agent: str = ""
    address: str = ""


def browser_of(agent: str) -> str:
    """Name the browser and the system of a user agent, as far as people care."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return ", ".join(part for part in (browser, system) if part) or agent[:40]
