"""Every live answer against Amazon's machine-readable specifications."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from packline_sim.records import Shipment
from packline_sim.specs import ReturnSpec
from packline_sim.world import World
from sim.core.driving import BASE, INVENTORY, Answer, Client

Order = Callable[..., Shipment]
SPECS = Path(__file__).resolve().parents[4] / "shared" / "specs"
FILES = {
    "Shipments": "externalFulfillmentShipments_2024-09-11.json",
    "Inventory": "externalFulfillmentInventory_2024-09-11.json",
    "Returns": "externalFulfillmentReturns_2024-09-11.json",
}
pytestmark = pytest.mark.skipif(
    not SPECS.is_dir(), reason=f"LOUD: Amazon's specifications are not at {SPECS}, answers are not checked against them"
)


def check(api: str, definition: str, answer: Answer) -> Any:
    """Validate an answer's body against a definition; unknown fields are faults too."""
    specification = json.loads((SPECS / FILES[api]).read_text())
    schema = {"$ref": f"#/definitions/{definition}", "definitions": closed(specification["definitions"])}
    body = answer.json()
    faults = [
        f"{fault.instance_path}: {fault.message}" for fault in jsonschema_rs.Draft4Validator(schema).iter_errors(body)
    ]
    assert faults == []
    return body


def closed(definitions: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {**schema, "additionalProperties": False} if schema.get("properties") else schema
        for name, schema in definitions.items()
    }


@pytest.mark.parametrize("program", ["SELLER_FLEX", "EASY_SHIP", "SELF_SHIP"])
async def test_shipment_answers_fit_the_model(client: Client, order: Order, program: str) -> None:
    """Each answer along a journey satisfies External Fulfillment Shipments 2024-09-11, closed."""
    original = order(program=program)
    shipment = order(
        program=program,
        gift=True,
        gift_message="Enjoy",
        prime=True,
        shipment_type="REPLACEMENT",
        original_shipment_id=original.shipment_id,
    )
    path = f"{BASE}/shipments/{shipment.shipment_id}"
    await client.bring_to(shipment, "PACKAGE_CREATED")
    check("Shipments", "ShippingOptionsResponse", await client.options(shipment))
    check("Shipments", "InvoiceResponse", await client.invoice(shipment))
    check("Shipments", "ShipLabelsResponse", await client.label(shipment))
    check("Shipments", "ShipLabelsResponse", await client.label(shipment, operation="REGENERATE"))
    check("Shipments", "InvoiceResponse", await client.call("GET", f"{path}/invoice"))
    check("Shipments", "Shipment", await client.call("GET", path))
    listed = check(
        "Shipments", "ShipmentsResponse", await client.call("GET", f"{BASE}/shipments", status="SHIPLABEL_GENERATED")
    )
    assert listed["shipments"]
    rejected = order(program=program)
    await client.reject(rejected)
    check("Shipments", "Shipment", await client.call("GET", f"{BASE}/shipments/{rejected.shipment_id}"))


async def test_failed_labels_and_errors_fit_the_model(client: Client, order: Order) -> None:
    """A FAILURE inside a 200 and every refusal have the model's form."""
    shipment = order()
    check("Shipments", "ErrorList", await client.pack(shipment))
    check("Shipments", "ErrorList", await client.call("GET", f"{BASE}/shipments/NOPE"))
    await client.bring_to(shipment, "INVOICE_GENERATED")
    failed = check("Shipments", "ShipLabelsResponse", await client.label(shipment, option="none"))
    assert failed["packageShipLabelList"][0]["status"] == "FAILURE"
    client.world.quotas.use("sdk")
    await client.confirm(shipment)
    check("Shipments", "ErrorList", await client.confirm(shipment))


async def test_inventory_answers_fit_the_model(client: Client) -> None:
    """Good and bad elements satisfy External Fulfillment Inventory 2024-09-11."""
    update = {"quantity": 5, "clientSequenceNumber": 1, "marketplaceAttributes": {"channelName": "MFN"}}
    uris = ("/inventory/update?locationId=LOC1&skuId=KETTLE", "inventory/fetch?locationId=NO&skuId=KETTLE", "/what")
    requests = [{"uri": uri, "method": "POST", "body": update} for uri in uris]
    body = check("Inventory", "BatchInventoryResponse", await client.call("POST", INVENTORY, {"requests": requests}))
    assert [row["status"]["statusCode"] for row in body["responses"]] == [200, 400, 400]


async def test_return_answers_fit_the_model(client: Client, order: Order, world: World) -> None:
    """listReturns and getReturn satisfy External Fulfillment Returns 2024-09-11."""
    shipment = order()
    await client.bring_to(shipment, "SHIPPED")
    record = world.create_return(ReturnSpec(shipment_id=shipment.shipment_id, return_type="REJECT"))
    world.move_return(record.return_id, "REPLANNED")
    check("Returns", "Return", await client.call("GET", f"{BASE}/returns/{record.return_id}"))
    assert check("Returns", "ReturnsResponse", await client.call("GET", f"{BASE}/returns"))["returns"]
