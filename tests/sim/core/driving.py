"""A client that calls the simulator inside the test's own process, and packages to send."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from packline_sim.records import Shipment
from packline_sim.server import Simulator
from packline_sim.specs import Credentials

START_MS = 1_790_000_000_000  # a Monday, 14:13 in UTC
BASE = "/externalFulfillment/2024-09-11"
INVENTORY = "/externalFulfillment/inventory/2024-09-11/inventories"


@dataclass(frozen=True)
class Answer:
    """What the simulator answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def code(self) -> str:
        return self.json()["errors"][0]["code"]

    @property
    def text(self) -> str:
        return self.body.decode()


class Client:
    """Call a simulator as one seller's connector would, without a network."""

    def __init__(self, app: Simulator, credentials: Credentials) -> None:
        self.app = app
        self.world = app.world
        self.credentials = credentials
        self.token: str | None = None

    async def sign_in(self, **changes: str) -> Answer:
        fields = {
            "grant_type": "refresh_token",
            "client_id": self.credentials.client_id,
            "client_secret": self.credentials.client_secret,
            "refresh_token": self.credentials.refresh_token,
            **changes,
        }
        answer = await self.send(
            "POST", "/auth/o2/token", urlencode(fields).encode(), {"content-type": "application/x-www-form-urlencoded"}
        )
        if answer.status == 200:
            self.token = answer.json()["access_token"]
        return answer

    async def call(
        self, method: str, path: str, body: Any = None, *, content_type: str = "application/json", **query: Any
    ) -> Answer:
        if self.token is None:
            await self.sign_in()
        headers = {"x-amz-access-token": self.token or "", "content-type": content_type, "host": "amazon.test"}
        raw = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        text = urlencode({name: value for name, value in query.items() if value is not None}, quote_via=quote)
        return await self.send(method, path + (f"?{text}" if text else ""), raw, headers)

    async def send(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> Answer:
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "scheme": "http",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        sent: list[dict[str, Any]] = []
        inbox = [{"type": "http.request", "body": body}]

        async def receive() -> dict[str, Any]:
            return inbox.pop() if inbox else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        start = sent[0]
        content = b"".join(message.get("body", b"") for message in sent[1:])
        return Answer(start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, content)

    async def confirm(self, shipment: Shipment) -> Answer:
        return await self.call("POST", f"{BASE}/shipments/{shipment.shipment_id}", operation="CONFIRM")

    async def reject(self, shipment: Shipment, body: Any = None) -> Answer:
        return await self.call("POST", f"{BASE}/shipments/{shipment.shipment_id}", body, operation="REJECT")

    async def pack(self, shipment: Shipment, *packages: dict[str, Any]) -> Answer:
        body = {"packages": list(packages) or [package_of(shipment)]}
        return await self.call("POST", f"{BASE}/shipments/{shipment.shipment_id}/packages", body)

    async def repack(self, shipment: Shipment, package: dict[str, Any], package_id: str | None = None) -> Answer:
        path = f"{BASE}/shipments/{shipment.shipment_id}/packages/{package_id or package['id']}"
        return await self.call("PUT", path, package)

    async def options(self, shipment: Shipment, package_id: str = "PKG-1") -> Answer:
        path = f"{BASE}/shipments/{shipment.shipment_id}/shippingOptions"
        return await self.call("GET", path, packageId=package_id)

    async def invoice(self, shipment: Shipment) -> Answer:
        return await self.call("POST", f"{BASE}/shipments/{shipment.shipment_id}/invoice")

    async def label(
        self, shipment: Shipment, body: Any = None, *, operation: str = "GENERATE", option: str | None = None
    ) -> Answer:
        path = f"{BASE}/shipments/{shipment.shipment_id}/shipLabels"
        return await self.call("PUT", path, body, operation=operation, shippingOptionId=option)

    async def status(self, shipment: Shipment, body: Any = None, package_id: str = "PKG-1", **query: Any) -> Answer:
        path = f"{BASE}/shipments/{shipment.shipment_id}/packages/{package_id}"
        return await self.call("PATCH", path, body, **query)

    async def show(self, shipment: Shipment) -> Any:
        return (await self.call("GET", f"{BASE}/shipments/{shipment.shipment_id}")).json()

    async def bring_to(self, shipment: Shipment, status: str) -> None:
        """Take a shipment along its journey until it stands in `status`."""
        steps: list[tuple[str, Callable[[], Any]]] = [
            ("CONFIRMED", lambda: self.confirm(shipment)),
            ("PACKAGE_CREATED", lambda: self.pack(shipment)),
            ("PICKUP_SLOT_RETRIEVED", lambda: self.options(shipment)),
            ("INVOICE_GENERATED", lambda: self.invoice(shipment)),
            ("SHIPLABEL_GENERATED", lambda: self.label(shipment)),
            ("SHIPPED", lambda: self.status(shipment, {"status": "SHIPPED"})),
            ("DELIVERED", lambda: self.status(shipment, {"status": "DELIVERED"})),
        ]
        names = [name for name, _ in steps]
        passed = names.index(shipment.status) + 1 if shipment.status in names else 0
        wanted = names.index(status) + 1 if status in names else 0
        for reached, step in steps[passed:wanted]:
            if reached == "INVOICE_GENERATED" and not shipment.needs_invoice:
                continue
            answer = await step()
            assert answer.status < 300, answer.text
        assert shipment.status == status


def package_of(shipment: Shipment, package_id: str = "PKG-1", **changes: Any) -> dict[str, Any]:
    """Describe one package that holds everything."""
    items = []
    for line in shipment.lines:
        item: dict[str, Any] = {"packageLineItemId": line.line_id, "quantity": line.units}
        if line.serial_required:
            item["serialNumbers"] = [f"SN-{line.line_id}-{number}" for number in range(line.units)]
        if line.pieces > 1:
            item["pieces"] = line.pieces
        if line.origin_required:
            item["countryOfOrigin"] = "IN"
        if line.value_required:
            item["itemValue"] = {"value": "10.00", "currencyCode": "INR"}
        items.append(item)
    side = {"value": "10.5", "dimensionUnit": "CM"}
    package = {
        "id": package_id,
        "dimensions": {"length": side, "width": side, "height": side},
        "weight": {"value": "500", "weightUnit": "G"},
        "packageLineItems": items,
    }
    if any(line.hazmat_required for line in shipment.lines):
        package["hazmatLabels"] = ["UN3481"]
    return {**package, **changes}
