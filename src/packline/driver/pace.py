"""How much at once and how often."""

from datetime import timedelta

from packline.domain.values import Value


class Pace(Value, frozen=True):
    """How much at once and how often: shipments in flight, seconds between polls, time spans of intake."""

    per_account: int = 64
    """Shipments of one account in flight."""
    per_worker: int = 256
    """Shipments in flight in this process; every account may have a few beyond it."""
    floor: int = 4
    """Shipments that an account may have in flight however many accounts there are."""
    accounts: int = 2000
    """Accounts that this process works for at the same time."""
    idle_s: float = 1.0
    """A drain whose next work is nearer than this waits for it instead of ending."""
    poll_new_s: float = 5.0
    """Seconds between two looks for new shipments."""
    poll_rest_s: float = 30.0
    """Seconds between two looks for changed shipments."""
    poll_returns_s: float = 60.0
    """Seconds between two sweeps of a location's returns in one status, where the quota allows it."""
    poll_net_s: float = 300.0
    """Seconds between two looks while notifications tell everything."""
    outage_s: float = 900.0
    """Seconds without a successful look after which no quantity is told before every status was read again."""
    look_back: timedelta = timedelta(days=7)
    """How far the first intake of an account looks back."""
    overlap: timedelta = timedelta(seconds=60)
    """By how much each window of intake overlaps the one before."""
    page_size: int = 100
    """Shipments asked for in one page; Amazon gives at most 100."""
    sweep_s: float = 1.0
    """Seconds between two looks for accounts that nobody works for."""
