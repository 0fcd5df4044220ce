"""The simulator beside Packline, spoken to through its control API: only for who tries Packline without Amazon."""

from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import msgspec

from packline.amazon.spapi.transport import NoAnswer, NotSent, Request, Transport
from packline.domain.location import Account, Api
from packline.errors import Denied, Invalid, NotFound

APPLICATION = "Packline"
QUEUE = "packline"
ASKS_S = 30.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_TOKENS = "/auth/o2/token"
_JSON = {"content-type": "application/json"}
_PROGRAMS = {"seller_flex": "SELLER_FLEX", "easy_ship": "EASY_SHIP", "self_ship": "SELF_SHIP", "pharmacy": "PHARMACY"}


class Application(NamedTuple):
    """An application at the simulator, with what it signs in with."""

    application_id: str
    client_id: str
    client_secret: str


class Place(NamedTuple):
    """A place of a seller at the simulator, and its country."""

    id: str
    name: str
    country: str


class SimulatedQueue(NamedTuple):
    """A queue at the simulator: its ARN, and the address at which it is read."""

    arn: str
    url: str


def is_simulated(endpoint: str) -> bool:
    """Tell whether an endpoint is on this machine, where no Amazon is."""
    parts = urlsplit(endpoint)
    return parts.scheme == "http" and parts.hostname in _LOOPBACK


class SimulatorDesk:
    """What a newcomer needs of a simulator: an application to consent to, places, a queue, a buyer."""

    def __init__(self, transport: Transport) -> None:
        """Ask over `transport`; every method raises NotFound where no simulator answers."""
        self._transport = transport

    def token_url(self, address: str) -> str:
        """Give the simulator's address of Login with Amazon. Raises Invalid for one that is not on this machine."""
        if not is_simulated(address):
            raise Invalid(
                f"{address or 'Nothing'} is no simulator's address.",
                hint="A simulator runs on this machine, such as http://127.0.0.1:8181; `packline sim serve` starts it.",
            )
        return address.rstrip("/") + _TOKENS

    async def application(self, address: str) -> Application:
        """Give the application named Packline; registered where there is none."""
        self.token_url(address)
        found = (await self._ask("GET", address, "applications"))["items"]
        named = next((row for row in found if row["name"] == APPLICATION), None)
        row = named or await self._ask("POST", address, "applications", {"name": APPLICATION})
        return Application(row["application_id"], row["client_id"], row["client_secret"])

    async def places(self, account: Account) -> list[Place]:
        """List the places of a seller."""
        found = await self._ask("GET", account.endpoint, f"sellers/{quote(account.seller_id, safe='')}/locations")
        return [Place(row["location_id"], row["name"], row["country"]) for row in found["items"]]

    async def queue(self, account: Account) -> SimulatedQueue:
        """Give the queue named packline; made where there is none."""
        address = account.endpoint.rstrip("/")
        found = (await self._ask("GET", address, "queues"))["items"]
        named = next((row for row in found if row["name"] == QUEUE), None)
        row = named or await self._ask("POST", address, "queues", {"name": QUEUE})
        return SimulatedQueue(row["arn"], address + row["path"])

    async def order(self, account: Account, location: str, program: str) -> str:
        """Let a buyer order something; gives Amazon's id of the shipment or order. Raises Denied without stock."""
        body: dict[str, Any] = {"seller_id": account.seller_id, "count": 1}
        if account.api is Api.SELLER_CENTRAL:
            made = (await self._ask("POST", account.endpoint, "orders", body))["orders"]
            key = "order_id"
        else:
            body |= {"location_id": location, "program": _PROGRAMS.get(program, "SELLER_FLEX")}
            made = (await self._ask("POST", account.endpoint, "shipments", body))["shipments"]
            key = "shipment_id"
        if not made:
            raise Denied(
                "The simulated Amazon has nothing of this seller in stock, so that nobody could order.",
                hint="Put stock on the floor at the simulator's page, under Stock.",
                reason="nothing_to_order",
            )
        return str(made[0][key])

    async def _ask(self, method: str, address: str, path: str, body: Any = None) -> Any:
        content = msgspec.json.encode(body) if body is not None else b""
        request = Request(method, f"{address.rstrip('/')}/_sim/{path}", _JSON, content, ASKS_S)
        try:
            answer = await self._transport.send(request)
            told = msgspec.json.decode(answer.body)
        except (NotSent, NoAnswer, msgspec.DecodeError) as silence:
            raise NotFound(
                f"No simulator answers at {address}.",
                hint="Start one with `packline sim serve`.",
                reason="no_simulator",
            ) from silence
        if answer.status >= 400:
            says = str(told.get("detail", "")) if isinstance(told, dict) else ""
            raise Denied(
                f"The simulator refused {path}: {says or answer.status}", hint="Look at its page.", reason="simulator"
            )
        return told
