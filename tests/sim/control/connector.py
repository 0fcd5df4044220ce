"""The smallest connector that can ship: enough to move shipments from outside, with nothing but HTTP."""

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from packline_sim.control.handles import Seller

BASE = "/externalFulfillment/2024-09-11"


class Connector:
    """Act for one seller."""

    def __init__(self, url: str, seller: Seller) -> None:
        self._url = url
        self._token = self._sign_in(seller)

    def call(self, method: str, path: str, body: object = None, **query: str) -> tuple[int, Any]:
        """Call an operation of the shipments API; gives status and decoded body, whatever the status."""
        target = f"{self._url}{BASE}{path}" + (f"?{urllib.parse.urlencode(query)}" if query else "")
        content = None if body is None else json.dumps(body).encode()
        headers = {"x-amz-access-token": self._token, "content-type": "application/json"}
        request = urllib.request.Request(target, content, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return response.status, _json(response.read())
        except urllib.error.HTTPError as refusal:
            return refusal.code, _json(refusal.read())

    def confirm(self, shipment_id: str) -> int:
        return self.call("POST", f"/shipments/{shipment_id}", operation="CONFIRM")[0]

    def label(self, shipment_id: str, package_id: str = "PKG-1") -> int:
        """Take a shipment from its first status to its label, all units in one package."""
        self.confirm(shipment_id)
        _, shipment = self.call("GET", f"/shipments/{shipment_id}")
        package = {**_package(shipment), "id": package_id}
        self.call("POST", f"/shipments/{shipment_id}/packages", {"packages": [package]})
        self.call("GET", f"/shipments/{shipment_id}/shippingOptions", packageId=package_id)
        if shipment["shipmentRequirements"]["invoice"]["requirement"] == "REQUIRED":
            self.call("POST", f"/shipments/{shipment_id}/invoice")
        body = {"packageIds": [package_id]}
        return self.call("PUT", f"/shipments/{shipment_id}/shipLabels", body, operation="GENERATE")[0]

    def _sign_in(self, seller: Seller) -> str:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": seller.refresh_token,
            "client_id": seller.client_id,
            "client_secret": seller.client_secret,
        }
        with urllib.request.urlopen(f"{self._url}/auth/o2/token", urllib.parse.urlencode(form).encode()) as response:
            return str(json.load(response)["access_token"])


def _package(shipment: dict[str, Any]) -> dict[str, Any]:
    side = {"value": "20", "dimensionUnit": "CM"}
    lines = shipment["lineItems"]
    return {
        "dimensions": {"length": side, "width": side, "height": side},
        "weight": {"value": "900", "weightUnit": "G"},
        "packageLineItems": [
            {"packageLineItemId": line["shipmentLineItemId"], "quantity": line["numberOfUnits"]} for line in lines
        ],
    }


def _json(body: bytes) -> Any:
    return json.loads(body) if body else None
