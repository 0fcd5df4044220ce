"""`timetable`: operations of the control API that happen by themselves."""

from cyclopts import App

from packline_sim.control.commands.target import HERE, Target, leave

timetable = App(name="timetable", help="What happens by itself at moments of the simulator's time.")
COLUMNS = ("appointment_id", "call", "due_ms", "happened", "failed", "last_failure")


@timetable.command(name="add")
def add(
    call: str,
    *,
    after_s: float = 0.0,
    every_s: float | None = None,
    body: str = "{}",
    to: Target = HERE,
) -> None:
    """Have an operation of the control API happen later.

    Args:
        call: Method and path, such as "POST /operators".
        after_s: Simulated seconds from now.
        every_s: Repeat it each so many seconds.
        body: The operation's body as JSON.
    """
    import msgspec

    try:
        given = msgspec.json.decode(body)
    except msgspec.DecodeError as fault:
        leave(ValueError(f"--body is not JSON: {fault}. Give an object, such as '{{\"share\": 1}}'."))
    asked = {"call": call, "after_s": after_s, "every_s": every_s, "body": given}
    to.rows([_flat(to.sim.post("timetable", body=asked))], *COLUMNS)


@timetable.command(name="list")
def list_appointments(*, to: Target = HERE) -> None:
    """List what is to happen and what has happened."""
    to.rows([_flat(row) for row in to.sim.get("timetable")["items"]], *COLUMNS)


@timetable.command(name="remove")
def remove(appointment_id: str, *, to: Target = HERE) -> None:
    """Call an appointment off."""
    to.rows([_flat(to.sim.delete("timetable", appointment_id))], *COLUMNS)


def _flat(row: dict[str, object]) -> dict[str, object]:
    appointment = row.pop("appointment")
    return {**row, **appointment} if isinstance(appointment, dict) else row
