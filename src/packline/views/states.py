"""Rows made of a shipment's stored state, with the sentence that says where it stands."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from packline.domain.allowed import allowed_now
from packline.domain.details import Details, Line
from packline.domain.explain import explain
from packline.domain.program import Program
from packline.domain.shipment import Label, Package, PackageLine, Problem, Shipment
from packline.domain.ticket import Ticket
from packline.domain.values import Box, Window
from packline.views.rows import (
    BoxRow,
    LabelRow,
    LineRow,
    PackageRow,
    PackedLineRow,
    ProblemRow,
    RecommendedRow,
    ShipmentRow,
    TicketRow,
    WindowRow,
)

ProgramOf = Callable[[str], Program]
_decode = msgspec.msgpack.Decoder(Shipment)


def shipment_of(row: Any) -> Shipment:
    """Read the shipment of a row that has `state` and `version`."""
    return replace(_decode.decode(row["state"]), version=row["version"])


def shipment_row(shipment: Shipment, program: Program, now: datetime) -> ShipmentRow:
    """Show a shipment as a list does."""
    told = explain(shipment, program, now)
    return ShipmentRow(
        id=shipment.id,
        amazon_id=shipment.amazon_id,
        order_id=shipment.order_id,
        account=shipment.account,
        location=shipment.location,
        marketplace=shipment.marketplace,
        program=shipment.program,
        status=shipment.status,
        sub_status=shipment.sub_status,
        goal=shipment.goal,
        kind=shipment.kind,
        original_id=shipment.original_id,
        priority=shipment.priority,
        units=sum(units for _, units in shipment.items),
        packages=len(shipment.packages),
        tracking_ids=[p.label.tracking_id for p in shipment.packages if p.label and not p.label.void],
        ship_by=shipment.ship_by,
        received_at=shipment.received_at,
        as_of=shipment.as_of,
        handed_over_at=shipment.handed_over_at,
        adopted=shipment.adopted,
        source=shipment.source,
        problem=problem_row(shipment.problem),
        waits_for=told.waits_for,
        sentence=told.sentence,
        commands=[c for c in allowed_now(shipment.status, shipment.rejectable) if _has(program, c)],
        ticket=shipment.ticket,
        version=shipment.version,
    )


def _has(program: Program, command: str) -> bool:
    return command != "reschedule" or program.reschedules


def problem_row(problem: Problem | None) -> ProblemRow | None:
    """Show a problem."""
    if problem is None:
        return None
    return ProblemRow(code=problem.code, message=problem.message, hint=problem.hint, since=problem.since)


def line_rows(details: Details) -> list[LineRow]:
    """Show the lines of a shipment."""
    return [_line(line) for line in details.lines]


def recommended_rows(details: Details) -> list[RecommendedRow]:
    """Show the packages that Amazon recommends."""
    return [
        RecommendedRow(
            box=_box(entry.box) if entry.box else None,
            lines=[PackedLineRow(line_id=line, quantity=units, serial_numbers=[]) for line, units in entry.lines],
        )
        for entry in details.recommended
    ]


def package_rows(packages: Iterable[Package]) -> list[PackageRow]:
    """Show the packages of a shipment."""
    return [
        PackageRow(
            id=package.id,
            status=package.status,
            revision=package.revision,
            box=_box(package.box),
            lines=[_packed(line) for line in package.lines],
            hazmat_labels=list(package.hazmat_labels),
            fragile=package.fragile,
            label=_label(package.label) if package.label else None,
            label_error=package.label_error,
        )
        for package in packages
    ]


def ticket_row(ticket: Ticket) -> TicketRow:
    """Show a ticket."""
    return TicketRow(
        id=ticket.id,
        account=ticket.account,
        shipment=ticket.shipment,
        kind=ticket.kind,
        goal=ticket.goal,
        status=ticket.status,
        outcome=ticket.outcome,
        problem=problem_row(ticket.problem),
        warnings=list(ticket.warnings),
        requested_by=ticket.requested_by,
        created_at=ticket.created_at,
        settled_at=ticket.settled_at,
    )


def _line(line: Line) -> LineRow:
    return LineRow(
        id=line.id,
        sku=line.sku,
        title=line.title,
        units=line.units,
        serial_numbers=line.serial_numbers,
        hazmat_labels=line.hazmat_labels,
        country_of_origin=line.country_of_origin,
        item_value=line.item_value,
        multi_piece=line.multi_piece,
        gift_wrap=line.gift_wrap,
        recommended_country=line.recommended_country,
        recommended_currency=line.recommended_currency,
        total={"amount": line.total.amount, "currency": line.total.currency} if line.total else None,
    )


def _packed(line: PackageLine) -> PackedLineRow:
    return PackedLineRow(line_id=line.line_id, quantity=line.quantity, serial_numbers=list(line.serial_numbers))


def _box(box: Box) -> BoxRow:
    return BoxRow(length_cm=box.length_cm, width_cm=box.width_cm, height_cm=box.height_cm, weight_g=box.weight_g)


def _label(label: Label) -> LabelRow:
    return LabelRow(
        tracking_id=label.tracking_id,
        carrier=label.carrier,
        made_at=label.made_at,
        void=label.void,
        window=_window(label.window) if label.window else None,
        document=label.document.sha256 if label.document else None,
    )


def _window(window: Window) -> WindowRow:
    return WindowRow(start=window.start, end=window.end, method=window.method)
