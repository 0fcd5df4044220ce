"""A timetable: operations of the control API that happen by themselves at moments of the simulator's time."""

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from packline_sim.clock import Alarm
from packline_sim.control.problems import Refused, not_found, problem_of
from packline_sim.control.reading import BadInput, FieldError, read

if TYPE_CHECKING:
    from packline_sim.control.stage import Stage

# What moves the time or replaces the world cannot happen while time moves.
_NEVER = ("/clock/", "/reset", "/snapshots", "/scenarios", "/timetable", "/health")


class Appointment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Say what happens when: an operation of the control API, such as `POST /operators`, with its body.

    `after_s` counts simulated seconds from now (in a scenario: from its beginning). `every_s` repeats it.
    """

    call: Annotated[str, msgspec.Meta(pattern="^(POST|PATCH|DELETE) /[^ ]+$")]
    after_s: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    every_s: Annotated[float, msgspec.Meta(gt=0)] | None = None
    body: dict[str, Any] = {}


class AppointmentView(msgspec.Struct, kw_only=True):
    """Show an appointment: when it is due next (None: never again), how often it happened, why it last failed."""

    appointment_id: str
    appointment: Appointment
    due_ms: int | None
    happened: int = 0
    failed: int = 0
    last_failure: str | None = None


class Timetable:
    """Hold what is to happen on one stage."""

    def __init__(self, stage: "Stage") -> None:
        self._stage = stage
        self._count = 0
        self._rows: dict[str, AppointmentView] = {}
        self._alarms: dict[str, Alarm] = {}

    def put(self, appointment: Appointment) -> AppointmentView:
        """Enter an appointment. Raises BadInput when there is no such operation or its body does not fit."""
        _work(self._stage, appointment)
        self._count += 1
        now = self._stage.world.clock.now_ms()
        due = now + round(appointment.after_s * 1000)
        row = AppointmentView(appointment_id=f"appointment-{self._count}", appointment=appointment, due_ms=due)
        self._rows[row.appointment_id] = row
        self._arm(row)
        return row

    def list(self) -> tuple[AppointmentView, ...]:
        """Give all appointments, those that are over too."""
        return tuple(self._rows.values())

    def remove(self, appointment_id: str) -> AppointmentView:
        """Take an appointment away, or refuse."""
        row = self._rows.pop(appointment_id, None)
        if row is None:
            raise not_found("appointment", appointment_id, "GET /_sim/timetable lists them.")
        alarm = self._alarms.pop(appointment_id, None)
        if alarm is not None:
            alarm.cancel()
        return row

    def save(self) -> bytes:
        """Keep all appointments as they stand."""
        return msgspec.msgpack.encode((self._count, list(self._rows.values())))

    def load(self, saved: bytes) -> None:
        """Go back to what was kept; what is due happens again."""
        self._count, rows = msgspec.msgpack.decode(saved, type=tuple[int, list[AppointmentView]])
        self._rows = {row.appointment_id: row for row in rows}
        for row in rows:
            self._arm(row)

    def _arm(self, row: AppointmentView) -> None:
        if row.due_ms is not None:
            alarm = self._stage.world.clock.at(row.due_ms, lambda: self._happen(row))
            self._alarms[row.appointment_id] = alarm

    def _happen(self, row: AppointmentView) -> None:
        every, due = row.appointment.every_s, row.due_ms or 0
        row.due_ms = None if every is None else due + round(every * 1000)
        try:
            _work(self._stage, row.appointment)()
            row.happened += 1
        except (BadInput, Refused, LookupError, ValueError) as failure:
            row.failed += 1
            problem = problem_of(failure)
            places = [f"{error.pointer}: {error.detail}" for error in problem.errors]
            row.last_failure = "; ".join((problem.detail, *places))
        self._arm(row)


def _work(stage: "Stage", appointment: Appointment) -> Callable[[], object]:
    from packline_sim.control.routes import ENDPOINTS

    method, _, path = appointment.call.partition(" ")
    path = path.removeprefix("/_sim")
    for endpoint in ENDPOINTS:
        ids = _ids(endpoint.path, path)
        if endpoint.method != method or ids is None:
            continue
        if path.startswith(_NEVER) or inspect.iscoroutinefunction(endpoint.does):
            raise BadInput(FieldError("/call", f"{appointment.call} cannot be put on a timetable"))
        given: dict[str, Any] = dict(ids)
        body_type = endpoint.types.get("body")
        if body_type is not None:
            given["body"] = _read(body_type, appointment.body)
        return lambda: endpoint.does(stage, **given)
    raise BadInput(FieldError("/call", f"there is no operation {appointment.call}; /_sim/openapi.json has them all"))


def _read(body_type: Any, body: dict[str, Any]) -> Any:
    try:
        return read(body_type, body)
    except BadInput as refusal:
        raise BadInput(*(FieldError(f"/body{row.pointer}", row.detail) for row in refusal.errors)) from None


def _ids(shape: str, path: str) -> dict[str, str] | None:
    wanted, given = shape.strip("/").split("/"), path.strip("/").split("/")
    if len(wanted) != len(given):
        return None
    ids = {}
    for name, value in zip(wanted, given, strict=True):
        if name.startswith("{"):
            ids[name.strip("{}").partition(":")[0]] = value
        elif name != value:
            return None
    return ids
