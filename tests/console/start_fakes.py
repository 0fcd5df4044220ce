"""The desks of getting started and of files over a house, with no Amazon behind them."""

from typing import Any

from packline.amazon.consent import ConsentGate
from packline.amazon.doctor.account import AccountDoctor
from packline.amazon.doctor.places import PlaceFinder
from packline.amazon.simulator import SimulatorDesk
from packline.amazon.spapi.transport import NotSent, Request, Response
from packline.commands.accounts import ENDPOINTS
from packline.commands.bulk_acts import BulkDesk
from packline.commands.consents import ConsentDesk
from packline.commands.document_drops import DropCounter
from packline.console.file_desk import FileDesk
from packline.console.start_desk import StartDesk
from packline.storage.bulk_acts import BulkActs
from packline.storage.consents import Consents
from packline.storage.document_drops import DocumentDrops
from packline.storage.secrets import Vault


class NoAmazon:
    """A network on which nobody is; what was asked is kept."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def send(self, request: Request) -> Response:
        self.asked.append(f"{request.method} {request.url}")
        raise NotSent("nobody listens")


def start_of(services: Any, transport: Any = None) -> StartDesk:
    """Join what the pages of getting started need."""
    net, pool, clock = transport or NoAmazon(), services.pool, services.clock
    doctor = AccountDoctor(net, clock, services.accounts, ENDPOINTS)
    consents = Consents(pool, Vault({1: b"k" * 32}))
    return StartDesk(
        accounts=services.accounts,
        wake=services.wake,
        doctor=doctor,
        places=PlaceFinder(net, doctor),
        consents=ConsentDesk(consents, services.accounts, services.wake, ConsentGate(net, clock), clock),
        simulator=SimulatorDesk(net),
        notices=services.notices,
        publishing=services.publishing,
    )


def bulk_of(services: Any) -> BulkDesk:
    """Join what acts on many shipments need."""
    return BulkDesk(BulkActs(services.pool), services.desk, services.clock)


def files_of(services: Any) -> FileDesk:
    """Join what the pages of files need."""
    drops = DropCounter(DocumentDrops(services.pool), services.drops, services.accounts, services.clock)
    return FileDesk(services.listing_files, services.accounts, drops, services.pickups)
