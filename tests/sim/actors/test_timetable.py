"""Operations of the control API happen by themselves at moments of the simulator's time."""

import pytest

from packline_sim.control.reading import BadInput
from packline_sim.control.timetable import Appointment

PEOPLE = {"seller_id": "S1", "share": 1.0}


def test_an_operation_happens_at_its_moment(stage, credentials) -> None:
    """Not before, and once."""
    stage.timetable.put(Appointment(call="POST /operators", after_s=60, body=PEOPLE))
    stage.world.clock.advance(59)
    assert not stage.cast.operators
    stage.world.clock.advance(1000)
    assert list(stage.cast.operators) == ["operator-1"]
    (row,) = stage.timetable.list()
    assert (row.happened, row.due_ms) == (1, None)


def test_it_can_happen_again_and_again(stage, credentials, order) -> None:
    """With ids in the path, and without a body."""
    stage.timetable.put(Appointment(call="POST /integrators", body={"seller_id": "S1", "stock_every_s": 1e6}))
    stage.timetable.put(Appointment(call="POST /_sim/integrators/integrator-1/write_stock", after_s=10, every_s=60))
    stage.world.clock.advance(300)
    assert stage.world.stock.row("S1", "L1", "KETTLE").sequences == {"": 5}


def test_a_refusal_at_the_moment_is_kept(stage, credentials) -> None:
    """What cannot be done then is told where the timetable is shown; the clock goes on."""
    stage.timetable.put(Appointment(call="DELETE /operators/operator-7", after_s=5))
    stage.world.clock.advance(10)
    (row,) = stage.timetable.list()
    assert (row.happened, row.failed) == (0, 1)
    assert "no operator 'operator-7'" in row.last_failure


@pytest.mark.parametrize(
    ("call", "body", "place"),
    [
        ("POST /nowhere", {}, "/call"),
        ("POST /clock/advance", {"seconds": 5}, "/call"),
        ("POST /reset", {}, "/call"),
        ("POST /operators", {"share": 0.5}, "/body/seller_id"),
        ("POST /faults", {"kind": "nonsense"}, "/body/kind"),
    ],
)
def test_what_cannot_be_planned_is_refused_at_once(stage, call: str, body: dict[str, object], place: str) -> None:
    """Unknown operations, what moves the time, and bodies that do not fit are named before anything is entered."""
    with pytest.raises(BadInput) as refusal:
        stage.timetable.put(Appointment(call=call, body=body))
    assert [row.pointer for row in refusal.value.errors] == [place]
    assert stage.timetable.list() == ()


def test_the_timetable_survives_a_snapshot(stage, credentials) -> None:
    """What was to come comes, also after the world was emptied meanwhile."""
    stage.timetable.put(Appointment(call="POST /operators", after_s=60, body=PEOPLE))
    stage.world.clock.advance(30)
    saved = stage.save()
    stage.world.reset()
    assert stage.timetable.list() == ()
    stage.load(saved)
    stage.world.clock.advance(29)
    assert not stage.cast.operators
    stage.world.clock.advance(1)
    assert list(stage.cast.operators) == ["operator-1"]


def test_an_appointment_can_be_called_off(stage, credentials) -> None:
    """Afterwards nothing happens."""
    row = stage.timetable.put(Appointment(call="POST /operators", after_s=60, body=PEOPLE))
    stage.timetable.remove(row.appointment_id)
    stage.world.clock.advance(100)
    assert not stage.cast.operators
