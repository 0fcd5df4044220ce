"""`operators` and `integrators`: people in SmartHub and former integrators who act by themselves."""

from typing import Literal

from cyclopts import App

from packline_sim.control.commands.target import HERE, Target
from packline_sim.programs import Program

operators = App(name="operators", help="People who work in SmartHub by themselves.")
integrators = App(name="integrators", help="Former integrators whose programs still run.")
OPERATOR_COLUMNS = ("operator_id", "seller_id", "share", "takeover_share", "until", "working", "steps", "outrun")
INTEGRATOR_COLUMNS = ("integrator_id", "seller_id", "confirms", "writes_stock", "working", "confirmed", "stale")
Step = Literal["confirm", "pack", "label", "ship"]


@operators.command(name="start")
def start_operator(
    seller_id: str,
    *,
    share: float = 0.3,
    takeover_share: float = 0.0,
    step_after_s: float = 300.0,
    until: Step = "ship",
    scan_share: float = 0.8,
    reject_share: float = 0.0,
    location: tuple[str, ...] = (),
    program: tuple[Program, ...] = (),
    seller_central: bool = False,
    to: Target = HERE,
) -> None:
    """Let people of a seller work in SmartHub.

    Args:
        share: Part of the new shipments that they take.
        takeover_share: Part of the steps of others' shipments that they take.
        step_after_s: Simulated seconds before each step, on average.
        until: The last step that they take.
        scan_share: Part of the shipments whose serial numbers and bins they scan.
        reject_share: Part of the shipments that they reject instead.
        location: Locations they work at; all of the seller's otherwise. Repeat for several.
        program: Programs they work for; all otherwise. Repeat for several.
        seller_central: They book pickups of Easy Ship orders in Seller Central instead.
    """
    body: dict[str, object] = {"seller_id": seller_id, "share": share, "takeover_share": takeover_share}
    body |= {"step_after_s": step_after_s, "until": until, "scan_share": scan_share, "reject_share": reject_share}
    body |= {"locations": location, "programs": program}
    body["api"] = "seller_central" if seller_central else "external_fulfillment"
    to.rows([_flat(to.sim.post("operators", body=body))], *OPERATOR_COLUMNS)


@operators.command(name="list")
def list_operators(*, to: Target = HERE) -> None:
    """List people in SmartHub and what they did."""
    to.rows([_flat(row) for row in to.sim.get("operators")["items"]], *OPERATOR_COLUMNS)


@operators.command(name="set")
def set_operator(
    operator_id: str,
    *,
    share: float | None = None,
    takeover_share: float | None = None,
    step_after_s: float | None = None,
    until: Step | None = None,
    scan_share: float | None = None,
    reject_share: float | None = None,
    to: Target = HERE,
) -> None:
    """Change how people work in SmartHub."""
    given = {"share": share, "takeover_share": takeover_share, "step_after_s": step_after_s, "until": until}
    given |= {"scan_share": scan_share, "reject_share": reject_share}
    body = {key: value for key, value in given.items() if value is not None}
    to.rows([_flat(to.sim.patch("operators", operator_id, body=body))], *OPERATOR_COLUMNS)


@operators.command(name="stop")
def stop_operator(operator_id: str, *, to: Target = HERE) -> None:
    """Send people in SmartHub home."""
    to.rows([_flat(to.sim.delete("operators", operator_id))], *OPERATOR_COLUMNS)


@operators.command(name="resume")
def resume_operator(operator_id: str, *, to: Target = HERE) -> None:
    """Let them work again."""
    to.rows([_flat(to.sim.post("operators", operator_id, "resume"))], *OPERATOR_COLUMNS)


@integrators.command(name="start")
def start_integrator(
    seller_id: str,
    *,
    confirms: bool = True,
    confirm_after_s: float = 60.0,
    writes_stock: bool = True,
    stock_every_s: float = 900.0,
    stock: Literal["floor", "frozen"] = "floor",
    sequences: Literal["counted", "epoch_ms"] = "counted",
    first_sequence: int = 1,
    seller_central: bool = False,
    to: Target = HERE,
) -> None:
    """Let a seller's former integrator run.

    Args:
        stock: What he writes: what truly lies on the floor, or what lay there when he began.
        sequences: His sequence numbers: counted from the first one, or the time in milliseconds.
        seller_central: He books pickups of Easy Ship orders and writes listings instead.
    """
    body: dict[str, object] = {"seller_id": seller_id, "confirms": confirms, "confirm_after_s": confirm_after_s}
    body |= {"writes_stock": writes_stock, "stock_every_s": stock_every_s, "stock": stock}
    body |= {"sequences": sequences, "first_sequence": first_sequence}
    body["api"] = "seller_central" if seller_central else "external_fulfillment"
    to.rows([_flat(to.sim.post("integrators", body=body))], *INTEGRATOR_COLUMNS)


@integrators.command(name="list")
def list_integrators(*, to: Target = HERE) -> None:
    """List former integrators and what they did."""
    to.rows([_flat(row) for row in to.sim.get("integrators")["items"]], *INTEGRATOR_COLUMNS)


@integrators.command(name="set")
def set_integrator(
    integrator_id: str, *, confirms: bool | None = None, writes_stock: bool | None = None, to: Target = HERE
) -> None:
    """Switch his automatic confirmation or his writing of stock on or off."""
    given = {"confirms": confirms, "writes_stock": writes_stock}
    body = {key: value for key, value in given.items() if value is not None}
    to.rows([_flat(to.sim.patch("integrators", integrator_id, body=body))], *INTEGRATOR_COLUMNS)


@integrators.command(name="write")
def write_stock(integrator_id: str, *, to: Target = HERE) -> None:
    """Have him write all his stock now."""
    to.rows([_flat(to.sim.post("integrators", integrator_id, "write_stock"))], *INTEGRATOR_COLUMNS)


@integrators.command(name="stop")
def stop_integrator(integrator_id: str, *, to: Target = HERE) -> None:
    """Switch his program off."""
    to.rows([_flat(to.sim.delete("integrators", integrator_id))], *INTEGRATOR_COLUMNS)


@integrators.command(name="resume")
def resume_integrator(integrator_id: str, *, to: Target = HERE) -> None:
    """Switch his program on again."""
    to.rows([_flat(to.sim.post("integrators", integrator_id, "resume"))], *INTEGRATOR_COLUMNS)


def _flat(row: dict[str, object]) -> dict[str, object]:
    settings = row.pop("settings")
    return {**row, **settings} if isinstance(settings, dict) else row
