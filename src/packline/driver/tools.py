"""What the driver works with: the ports, the committer and the settings, gathered once per process."""

from collections.abc import Callable
from typing import NamedTuple

from packline.driver.errand import Errands, no_errands
from packline.driver.group_commit import Committer
from packline.driver.pace import Pace
from packline.ports import AccountStore, Clock, Gateway, IntakeStore, OutageStore, OwnershipStore, ShipmentStore
from packline.ports.notifications import TellingStore


class Tools(NamedTuple):
    """The ports, the committer and the pace."""

    shipments: ShipmentStore
    owners: OwnershipStore
    intake: IntakeStore
    accounts: AccountStore
    gateway: Gateway
    clock: Clock
    committer: Committer
    pace: Pace = Pace()
    errands: Errands = no_errands
    telling: TellingStore | None = None
    outages: OutageStore | None = None
    is_away: Callable[[BaseException], bool] = lambda error: isinstance(error, OSError)
    """Tell of what a store raised whether it cannot be reached: no fault of the shipment that was just worked on."""
