"""How returns come into being and travel back."""

from typing import TYPE_CHECKING

from packline_sim.creation import BadSpec
from packline_sim.marketplaces import MARKETPLACES
from packline_sim.progress import BadMove
from packline_sim.records import Line, Return, Shipment, Transition
from packline_sim.specs import ReturnSpec, ReturnStatus
from packline_sim.streams import digits, uuid

if TYPE_CHECKING:
    from packline_sim.world import World

OTP_SECONDS = 7 * 86_400
GONE = frozenset({"SHIPPED", "DELIVERED"})
FINAL = frozenset({"PROCESSED", "REJECTED", "CANCELLED", "CUSTOMER_CANCELLED_PICK_UP"})
WITH_BUYER = (
    "CREATED",
    "CARRIER_NOTIFIED_TO_PICK_UP_FROM_CUSTOMER",
    "CARRIER_OUT_FOR_PICK_UP_FROM_CUSTOMER",
    "CUSTOMER_RESCHEDULED_PICK_UP",
)
TAKEN_OVER = ("PICKED_FROM_CUSTOMER", "CUSTOMER_DROPPED_OFF")
ON_THE_ROAD = ("IN_TRANSIT", "OUT_FOR_DELIVERY", "REPLANNED")
ARRIVED = ("DELIVERED", "PARTIALLY_PROCESSED", "PROCESSED")
# Usual flow inferred from the status texts of External Fulfillment Returns 2024-09-11; any step forward is allowed.
LEGAL: dict[str, frozenset[str]] = {
    **{
        status: frozenset(
            {*WITH_BUYER[1:], *TAKEN_OVER, *ON_THE_ROAD, "CUSTOMER_CANCELLED_PICK_UP", "CANCELLED", "REJECTED"}
        )
        for status in WITH_BUYER
    },
    **{
        status: frozenset({*ON_THE_ROAD, "DELIVERED", "REJECTED", "CANCELLED"})
        for status in (*TAKEN_OVER, *ON_THE_ROAD)
    },
    "DELIVERED": frozenset({"PARTIALLY_PROCESSED", "PROCESSED", "REJECTED"}),
    "PARTIALLY_PROCESSED": frozenset({"PROCESSED"}),
}
# A parcel that never reached the buyer is with the carrier already: nobody collects it (inferred).
NEVER_WITH_BUYER = frozenset(
    {*WITH_BUYER, "CUSTOMER_CANCELLED_PICK_UP", "CUSTOMER_DROPPED_OFF", "PICKED_FROM_CUSTOMER"}
)


def build_return(world: "World", spec: ReturnSpec) -> Return:
    """Make a return of a shipment's line. Raises BadSpec."""
    shipment = _departed(world, spec.shipment_id)
    line = shipment.lines[0] if spec.line_id is None else shipment.line(spec.line_id)
    if line is None:
        raise BadSpec("line_id", f"Shipment {spec.shipment_id} has no line {spec.line_id}.")
    _check_units(world, shipment, spec, line)
    _check_kind(spec, shipment)
    label = next((row.live_label for row in shipment.packages.values() if row.live_label is not None), None)
    # Drawn for this return alone, so that the same seed names it the same, whichever comes back first.
    draw = world.streams.about("return", shipment.shipment_id, line.line_id, len(shipment.return_ids))
    marketplace = MARKETPLACES[shipment.marketplace_id]
    now = world.clock.now_ms()
    arrives = spec.return_location_id or shipment.location_id
    if (shipment.seller_id, arrives) not in world.locations:
        raise BadSpec("return_location_id", f"Seller {shipment.seller_id} has no location {arrives}.")
    record = Return(
        return_id=uuid(draw),
        seller_id=shipment.seller_id,
        shipment_id=shipment.shipment_id,
        order_id=shipment.order_id,
        sku=line.sku,
        units=spec.units,
        status=spec.status,
        return_type=spec.return_type,
        return_sub_type=spec.return_sub_type,
        reason=spec.reason,
        rma_id=f"RMA{digits(draw, 9)}",
        return_location_id=arrives,
        fulfillment_location_id=shipment.location_id,
        channel=shipment.channel,
        marketplace_name=marketplace.name,
        invoice_id=None if shipment.invoice is None else shipment.invoice.invoice_id,
        forward_carrier=None if label is None else label.carrier,
        forward_tracking_id=None if label is None else label.tracking_id,
        reverse_carrier=marketplace.carrier,
        reverse_tracking_id=digits(draw, 12),
        created_ms=now,
        updated_ms=now,
        otp=digits(draw, 6) if spec.with_otp and world.switches["return_otp"] == "from_start" else None,
        wants_otp=spec.with_otp,
        previous_tracking=[],
        history=[Transition(at_ms=now, before=None, after=spec.status, cause="created", call_seq=0)],
    )
    if record.otp is not None:
        record.otp_valid_till = now // 1000 + OTP_SECONDS
    _note_moment(world, record, spec.status)
    return record


def move_return(world: "World", record: Return, status: ReturnStatus, otp: str | None = None) -> None:
    """Move a return along its way; `otp` is what the carrier is told at the door when it is DELIVERED.

    Raises BadMove for a step that cannot follow, and for a password that is wrong or no longer valid.
    """
    before = record.status
    if status not in LEGAL.get(before, frozenset()):
        raise BadMove(f"Return {record.return_id} is {before}; {status} cannot follow.")
    if record.return_type == "REJECT" and status in NEVER_WITH_BUYER:
        raise BadMove(f"Return {record.return_id} brings back what no buyer took; {status} cannot follow.")
    if otp is not None:
        _check_otp(world, record, status, otp)
    if status == "REPLANNED":
        record.previous_tracking = [*record.previous_tracking, (record.reverse_carrier, record.reverse_tracking_id)]
        record.reverse_tracking_id = world.streams.digits(f"return:{record.seller_id}", 12)
    if status == "OUT_FOR_DELIVERY" and record.wants_otp and not otp_is_valid(world, record):
        _issue(world, record, world.streams.digits(f"return:{record.seller_id}", 6), OTP_SECONDS)
    record.status = status
    record.history.append(
        Transition(at_ms=world.clock.now_ms(), before=before, after=status, cause="carrier", call_seq=0)
    )
    _note_moment(world, record, status)
    world.touch_return(record)
    world.emit_return("return_status", record, before=before)


def set_otp(world: "World", record: Return, otp: str | None, valid_seconds: float) -> None:
    """Give a return another one-time password, valid from now for so long; a new one is drawn where none is given.

    Raises BadMove once the return has been delivered or ended.
    """
    if record.status in {*ARRIVED, *FINAL}:
        raise BadMove(f"Return {record.return_id} is {record.status}; a password is for a delivery that is to come.")
    record.wants_otp = True
    _issue(world, record, otp or world.streams.digits(f"return:{record.seller_id}", 6), valid_seconds)
    world.touch_return(record)
    world.emit_return("return_changed", record)


def restock(world: "World", record: Return, units: int | None) -> None:
    """Lay units that came back on the floor of the location where they arrived; all that are left by default.

    Amazon is not told: it knows no call for it. Raises BadMove.
    """
    if record.status not in ARRIVED:
        raise BadMove(f"Return {record.return_id} is {record.status}; only what has arrived can be laid back.")
    left = record.units - record.restocked
    wanted = left if units is None else units
    if not 1 <= wanted <= left:
        raise BadMove(f"Return {record.return_id} has {left} of {record.units} units left to lay back, not {wanted}.")
    record.restocked += wanted
    row = world.stock.row(record.seller_id, record.return_location_id, record.sku)
    row.on_hand += wanted
    world.tell("units_restocked", record.seller_id, record.return_id, "control", after=str(wanted))


def otp_is_valid(world: "World", record: Return) -> bool:
    """Tell whether the return has a password that counts now."""
    till = record.otp_valid_till
    return record.otp is not None and till is not None and world.clock.now_ms() < till * 1000


def _issue(world: "World", record: Return, otp: str, valid_seconds: float) -> None:
    record.otp = otp
    record.otp_valid_till = round(world.clock.now_ms() / 1000 + valid_seconds)


def _check_otp(world: "World", record: Return, status: ReturnStatus, otp: str) -> None:
    if status != "DELIVERED":
        raise BadMove(f"A password is asked for at the delivery, not when a return becomes {status}.")
    if otp != record.otp:
        raise BadMove(f"Return {record.return_id}: {otp} is not its password.")
    if not otp_is_valid(world, record):
        raise BadMove(f"Return {record.return_id}: its password is no longer valid. Give it another one.")


def _check_kind(spec: ReturnSpec, shipment: Shipment) -> None:
    if spec.return_type == "CUSTOMER":
        return
    if shipment.status == "DELIVERED":
        raise BadSpec("return_type", f"Shipment {spec.shipment_id} was DELIVERED: only the CUSTOMER can send it back.")
    if spec.status != "CREATED" and spec.status in NEVER_WITH_BUYER:
        raise BadSpec("status", f"What no buyer took is never {spec.status}; it begins CREATED or IN_TRANSIT.")


def _departed(world: "World", shipment_id: str) -> Shipment:
    shipment = world.shipments.get(shipment_id)
    if shipment is None:
        raise BadSpec("shipment_id", f"There is no shipment {shipment_id}.")
    if shipment.status not in GONE:
        raise BadSpec(
            "shipment_id",
            f"Shipment {shipment_id} is {shipment.status}: only what was shipped can come back. "
            "Have the carrier scan it first.",
        )
    return shipment


def _check_units(world: "World", shipment: Shipment, spec: ReturnSpec, line: Line) -> None:
    records = [world.returns[return_id] for return_id in shipment.return_ids]
    ended = {"CANCELLED", "REJECTED"}
    returned = sum(row.units for row in records if row.sku == line.sku and row.status not in ended)
    # A return names its SKU only, so that lines of one SKU are counted together.
    sent = sum(row.units for row in shipment.lines if row.sku == line.sku)
    if not 1 <= spec.units <= min(line.units, sent - returned):
        raise BadSpec("units", f"Line {line.line_id} has {line.units} units, {returned} of them returned already.")


def _note_moment(world: "World", record: Return, status: str) -> None:
    now = world.clock.now_ms()
    if status in {"PICKED_FROM_CUSTOMER", "CUSTOMER_DROPPED_OFF"}:
        record.pickup_ms = now
    if status == "DELIVERED":
        record.delivered_ms = now
        record.delivery_mode = "WITH_OTP" if otp_is_valid(world, record) else "WITHOUT_OTP"
