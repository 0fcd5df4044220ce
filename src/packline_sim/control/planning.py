"""The timetable: have operations of the control API happen by themselves, at moments of the simulator's time."""

from packline_sim.control.endpoint import Endpoint, delete, get, post
from packline_sim.control.paging import Page
from packline_sim.control.stage import Stage
from packline_sim.control.timetable import Appointment, AppointmentView


def add_appointment(stage: Stage, body: Appointment) -> AppointmentView:
    """Have an operation of the control API happen later, once or again and again."""
    return stage.timetable.put(body)


def list_appointments(stage: Stage) -> Page[AppointmentView]:
    """List what is to happen, and what has happened so."""
    return Page(list(stage.timetable.list()))


def remove_appointment(stage: Stage, appointment_id: str) -> AppointmentView:
    """Call an appointment off, and show what it did."""
    return stage.timetable.remove(appointment_id)


ENDPOINTS: tuple[Endpoint, ...] = (
    post("/timetable", add_appointment, status=201),
    get("/timetable", list_appointments),
    delete("/timetable/{appointment_id}", remove_appointment),
)
