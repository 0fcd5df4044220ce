"""What the pages of getting started need: accounts that can be written, Amazon's side of them, and the simulator."""

from dataclasses import dataclass
from typing import Protocol

from packline.amazon.doctor.account import AccountDoctor
from packline.amazon.doctor.places import PlaceFinder
from packline.amazon.simulator import SimulatorDesk
from packline.commands.accounts import AccountRegister
from packline.commands.consents import ConsentDesk
from packline.commands.notification_desk import NotificationDesk
from packline.commands.stock_publishing import PublishingDesk
from packline.domain.location import Credentials
from packline.ports import Wake


class Register(AccountRegister, Protocol):
    """Accounts and locations that can be written, and what accounts sign in with."""

    async def credentials(self, account_id: str) -> Credentials:
        """Read and decrypt an account's credentials; raises NotFound where there are none."""


@dataclass(frozen=True)
class StartDesk:
    """Everything from an empty database to the first order; `address` is where browsers reach this console."""

    accounts: Register
    wake: Wake
    doctor: AccountDoctor
    places: PlaceFinder
    consents: ConsentDesk
    simulator: SimulatorDesk
    notices: NotificationDesk
    publishing: PublishingDesk
    address: str = ""
