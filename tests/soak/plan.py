"""How large a long run is, and how rough: everything that can be set, in one place."""

from typing import NamedTuple

DAY_S = 86_400.0


class Plan(NamedTuple):
    """One long run; `minutes` is the wall time after which buyers stop, whatever is still to be ordered."""

    shipments: int = 100_000
    seed: int = 418
    workers: int = 2
    days: float = 7.0
    tail_days: float = 0.8
    """Days after the last order in which parcels arrive and returns come back."""
    haste: float = 4.0
    """By which factor carriers, and buyers who send something back, are quicker than in a real week."""
    minutes: float = 20.0
    least: int = 0
    """Orders that are waited for, however long they take: a run with fewer proves little."""
    slowest: float = 120.0
    """Simulated seconds in a real one: Amazon grants one write a second, for which nothing may wait."""
    fastest: float = 1_200.0
    """Simulated seconds in a real one: an access token of an hour must outlive some calls."""
    backlog: int = 1_000
    """Things that are late at which time is slowed down: the machine, not Amazon, is what they wait for."""
    rarer: float = 3.0
    """By which factor listings are polled more rarely than `run.POLLS` says: notifications tell what they find."""
    reap_every_s: float = 30.0
    """Real seconds between two kills or freezes of a worker."""
    restarts: int = 4
    """Restarts of the database over the whole run; every second one is immediate, as after a crash."""
    is_calm: bool = False
    """No faults and nobody else at work: to find out how fast the machine is."""

    @property
    def buying_s(self) -> float:
        """Give the simulated seconds in which orders come."""
        return self.days * DAY_S

    @property
    def tail_s(self) -> float:
        """Give the simulated seconds after the last order."""
        return self.tail_days * DAY_S

    def orders_per_minute(self, share: float, hours: tuple[float, ...]) -> float:
        """Give the rate of a crowd of buyers that places its share of the orders in time, by the hours of its day."""
        mean = sum(hours) / len(hours) if hours else 1.0
        return self.shipments * share * 60 / (self.buying_s * mean)

    def orders(self, share: float) -> int:
        """Give how many orders a share of all is."""
        return max(1, round(self.shipments * share))


SHORT = Plan(
    shipments=100,
    workers=2,
    days=0.12,
    tail_days=0.1,
    haste=40.0,
    minutes=0.5,
    least=30,
    reap_every_s=2.0,
    restarts=2,
    backlog=15,
    rarer=1.0,
)
"""What runs with the other tests."""
