"""One gateway for all of Amazon's APIs: each account and each shipment goes to the API that it runs on."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from packline.amazon.spapi.doors import Doors
from packline.domain.details import Details, read_left
from packline.domain.location import Account
from packline.domain.program import Program
from packline.domain.reports import Facts
from packline.domain.shipment import Shipment
from packline.domain.step import Step
from packline.ports import Guard, Listing, Page, Performed, Query


class ApiGateway(Protocol):
    """What one API folder offers; the methods mean what they mean in `ports.Gateway`."""

    async def perform(self, account: str, shipment: Shipment, step: Step, guard: Guard | None = None) -> Performed:
        """Make the call of one step."""

    async def list_page(self, account: str, query: Query, token: str | None, guard: Guard | None = None) -> Page:
        """Read one page of a listing."""

    async def read_one(self, account: str, amazon_id: str, guard: Guard | None = None, urgency: float = 0.0) -> Page:
        """Read one shipment by its id."""

    def listings(self, account: Account) -> tuple[Listing, ...]:
        """Tell which listings intake must read."""

    def details(self, body: bytes) -> Details:
        """Decode the part of a stored body that people and checks read."""

    def program_for(self, shipment: Shipment) -> Program:
        """Give the program of a shipment."""

    def program_of(self, facts: Facts) -> Program | None:
        """Tell a shipment's program from its facts."""


class Gateways:
    """Hand everything on to the right API (implements `ports.Gateway`)."""

    def __init__(
        self, doors: Doors, apis: Mapping[str, ApiGateway], opened: Callable[[bytes], bytes] | None = None
    ) -> None:
        """Take the gateways by the name of their API (`domain.location.Api`); `opened` decrypts stored bodies."""
        self._doors, self._apis, self._opened = doors, apis, opened

    async def perform(self, account: str, shipment: Shipment, step: Step, guard: Guard | None = None) -> Performed:
        """Make the call of one step; see `ports.Gateway.perform`."""
        return await self._apis[shipment.api].perform(account, shipment, step, guard)

    async def list_page(self, account: str, query: Query, token: str | None, guard: Guard | None = None) -> Page:
        """Read one page of a listing by the account's API."""
        return await (await self._of(account)).list_page(account, query, token, guard)

    async def read_one(self, account: str, amazon_id: str, guard: Guard | None = None, urgency: float = 0.0) -> Page:
        """Read one shipment by the account's API; see `ports.Gateway.read_one`."""
        return await (await self._of(account)).read_one(account, amazon_id, guard, urgency)

    def listings(self, account: Account) -> tuple[Listing, ...]:
        """Tell which listings intake must read to miss nothing of an account."""
        return self._apis[account.api].listings(account)

    def details(self, body: bytes, api: str) -> Details:
        """Decode the part of a stored body that people and checks read, or what was left of it when it was erased."""
        plain = self._opened(body) if self._opened else body
        return read_left(plain) or self._apis[api].details(plain)

    def program_for(self, shipment: Shipment) -> Program:
        """Give the program of a shipment, with what its API and marketplace can do."""
        return self._apis[shipment.api].program_for(shipment)

    def program_of(self, facts: Facts) -> Program | None:
        """Tell a shipment's program from its facts."""
        return self._apis[facts.api].program_of(facts)

    def quotas(self, account: str) -> Sequence[dict[str, Any]]:
        """Show the lanes of an account that this process uses."""
        return self._doors.quotas(account)

    def take_up(self, account: str, levels: bytes) -> None:
        """Start an account's lanes as its last owner left them."""
        self._doors.take_up(account, levels)

    def lay_down(self, account: str) -> bytes:
        """Drop what is held of an account that this process no longer owns, and tell its lanes' levels."""
        return self._doors.lay_down(account)

    def forget(self, account: str) -> None:
        """Read an account anew: its settings or credentials changed."""
        self._doors.forget(account)

    async def _of(self, account: str) -> ApiGateway:
        return self._apis[(await self._doors.door(account)).settings.api]
