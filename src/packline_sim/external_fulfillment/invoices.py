"""generateInvoice and retrieveInvoice."""

import base64

from packline_sim.call import NO_CONTENT, Call, Reply, json_reply
from packline_sim.external_fulfillment.machine import permit
from packline_sim.progress import move_package, move_shipment
from packline_sim.records import Invoice, Shipment
from packline_sim.refusals import Refusal, artifact_not_found, bad_request, invalid_input

UNPACKED = frozenset({"CREATED", "PICKUP_SLOT_RETRIEVED"})


def generate_invoice(call: Call) -> Reply:
    """Answer generateInvoice; repeated, it gives the same invoice again."""
    shipment = call.shipment()
    if shipment.status != "CANCELLED" and not shipment.needs_invoice:
        raise _unneeded(call, shipment)
    verdict = permit(call.world, shipment, "generateInvoice")
    if verdict == "go":
        _make(call, shipment)
    # Nobody reads the answer when people did it in a panel; the paper is drawn when somebody asks for it.
    return NO_CONTENT if call.world.hand else _document(call, shipment)


def retrieve_invoice(call: Call) -> Reply:
    """Answer retrieveInvoice."""
    shipment = call.shipment()
    if shipment.invoice is None:
        raise artifact_not_found("INVOICE")
    return _document(call, shipment)


def _make(call: Call, shipment: Shipment) -> None:
    world = call.world
    if shipment.invoice is None:
        number = (
            f"IN-{world.streams.letters(f'invoice:{shipment.seller_id}', 4)}-{world.invoice_number(shipment.seller_id)}"
        )
        shipment.invoice = Invoice(invoice_id=number, made_ms=world.clock.now_ms(), call_seq=call.seq)
        world.emit("invoice_made", shipment, after=number, cause="generateInvoice")
    for package in shipment.packages.values():
        if package.status in UNPACKED:
            move_package(world, shipment, package, "INVOICE_GENERATED", "generateInvoice")
    move_shipment(world, shipment, "INVOICE_GENERATED", "generateInvoice")


def _unneeded(call: Call, shipment: Shipment) -> Refusal:
    if call.world.switches["unneeded_invoice"] == "404":
        return artifact_not_found("INVOICE")
    return bad_request(
        invalid_input(shipment.shipment_id, "shipmentId", "The shipment's marketplace does not support invoices.")
    )


def _document(call: Call, shipment: Shipment) -> Reply:
    if shipment.invoice is None:
        raise artifact_not_found("INVOICE")
    content = base64.b64encode(call.world.paper.invoice(shipment)).decode()
    return json_reply({"document": {"format": "PDF", "content": content}})
