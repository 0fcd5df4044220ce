"""`smarthub`: what the seller's people do in Amazon's own panel."""

from typing import Literal

from cyclopts import App

from packline_sim.control.commands.target import HERE, Target
from packline_sim.programs import Program

smarthub = App(name="smarthub", help="SmartHub: confirm, pack, scan, label, ship by hand.")
COLUMNS = ("shipment_id", "status", "sub_status", "worked_in_smarthub")
Step = Literal["confirm", "pack", "label", "ship"]


@smarthub.command(name="confirm")
def confirm(*shipment_ids: str, to: Target = HERE) -> None:
    """Confirm shipments."""
    to.rows([to.sim.post("smarthub", one, "confirm") for one in shipment_ids], *COLUMNS)


@smarthub.command(name="pack")
def pack(*shipment_ids: str, scan: bool = True, to: Target = HERE) -> None:
    """Pack shipments, scanning bins and serial numbers unless told not to."""
    to.rows([to.sim.post("smarthub", one, "pack", body={"scan": scan}) for one in shipment_ids], *COLUMNS)


@smarthub.command(name="scan")
def scan(
    shipment_id: str,
    *,
    line: str | None = None,
    serial: tuple[str, ...] = (),
    bin_id: str | None = None,
    to: Target = HERE,
) -> None:
    """Scan a shipment that has not left: every line from the floor's records, or one line as told.

    Args:
        line: Id of the line.
        serial: Serial number of a unit; repeat for several.
        bin_id: Bin that the units came from.
    """
    told = [{"line_id": line, "serials": serial or None, "bin_id": bin_id}] if line else []
    to.rows([to.sim.post("smarthub", shipment_id, "scan", body={"lines": told})], *COLUMNS)


@smarthub.command(name="label")
def label(*shipment_ids: str, to: Target = HERE) -> None:
    """Print the labels of packed shipments, with invoices where they are needed."""
    to.rows([to.sim.post("smarthub", one, "label") for one in shipment_ids], *COLUMNS)


@smarthub.command(name="ship")
def ship(*shipment_ids: str, to: Target = HERE) -> None:
    """Mark labelled shipments as shipped."""
    to.rows([to.sim.post("smarthub", one, "ship") for one in shipment_ids], *COLUMNS)


@smarthub.command(name="reject")
def reject(
    *shipment_ids: str, reason: Literal["OUT_OF_STOCK", "CUSTOMER_REQUESTED"] = "OUT_OF_STOCK", to: Target = HERE
) -> None:
    """Reject shipments."""
    to.rows([to.sim.post("smarthub", one, "reject", body={"reason": reason}) for one in shipment_ids], *COLUMNS)


@smarthub.command(name="work")
def work(
    *shipment_ids: str,
    until: Step = "ship",
    scan: bool = True,
    seller: str | None = None,
    location: str | None = None,
    program: Program | None = None,
    limit: int = 1000,
    to: Target = HERE,
) -> None:
    """Take shipments through every step up to one: those named, or all that wait.

    Args:
        until: The last step to take.
        scan: Whether people scan bins and serial numbers.
        limit: At most so many shipments, the oldest first.
    """
    body: dict[str, object] = {"until": until, "scan": scan, "shipment_ids": shipment_ids, "limit": limit}
    body |= {"seller_id": seller, "location_id": location, "program": program}
    done = to.sim.post("smarthub", "work", body=body)
    rows = [{"shipment_id": one, "steps": steps, "reason": ""} for one, steps in done["steps"].items()]
    rows += [{**row, "steps": []} for row in done["refused"]]
    to.rows(rows, "shipment_id", "steps", "reason")


@smarthub.command(name="floor")
def floor(
    seller_id: str,
    *,
    location: str | None = None,
    sku: str | None = None,
    bin_id: str | None = None,
    serial: tuple[str, ...] = (),
    to: Target = HERE,
) -> None:
    """List a seller's bins, or lay units into one of them (location, sku and bin_id are needed then)."""
    if sku is not None:
        body = {"location_id": location, "sku": sku, "bin_id": bin_id, "serials": serial}
        to.sim.post("sellers", seller_id, "floor", body=body)
    to.rows(to.sim.get("sellers", seller_id, "floor")["items"], "location_id", "sku", "bin_id", "serials")
