"""People in SmartHub and former integrators who act by themselves: start, change, stop."""

from typing import Protocol, TypeVar

from packline_sim.actors.former_integrator import Integrator, IntegratorChange, IntegratorState
from packline_sim.actors.smarthub_operator import Operator, OperatorChange, OperatorState
from packline_sim.control.endpoint import Endpoint, delete, get, patch, post
from packline_sim.control.paging import Page
from packline_sim.control.stage import Stage

StateT_co = TypeVar("StateT_co", covariant=True)


class Worker(Protocol[StateT_co]):
    """Act by itself until it is stopped."""

    @property
    def state(self) -> StateT_co:
        """Show settings and counts."""

    def start(self) -> None:
        """Begin, or go on."""

    def stop(self) -> None:
        """Act no more."""


def _resumed(worker: Worker[StateT_co]) -> StateT_co:
    worker.start()
    return worker.state


def _stopped(worker: Worker[StateT_co]) -> StateT_co:
    worker.stop()
    return worker.state


def start_operator(stage: Stage, body: Operator) -> OperatorState:
    """Let people of a seller work in SmartHub by themselves, from now on."""
    return stage.hire_operator(body)


def list_operators(stage: Stage) -> Page[OperatorState]:
    """List people in SmartHub, with what they did."""
    return Page([row.state for row in stage.cast.operators.values()])


def show_operator(stage: Stage, operator_id: str) -> OperatorState:
    """Show people in SmartHub, with what they did."""
    return stage.cast.operator(operator_id).state


def change_operator(stage: Stage, operator_id: str, body: OperatorChange) -> OperatorState:
    """Change how people work in SmartHub; what is left out stays."""
    return stage.change_operator(operator_id, body)


def resume_operator(stage: Stage, operator_id: str) -> OperatorState:
    """Let people who went home work again, first on what lies there."""
    return _resumed(stage.cast.operator(operator_id))


def stop_operator(stage: Stage, operator_id: str) -> OperatorState:
    """Send people in SmartHub home; what they had begun stays where it is."""
    return _stopped(stage.cast.operator(operator_id))


def start_integrator(stage: Stage, body: Integrator) -> IntegratorState:
    """Let a seller's former integrator run: he confirms by himself and writes stock in numbers of his own."""
    return stage.employ_integrator(body)


def list_integrators(stage: Stage) -> Page[IntegratorState]:
    """List former integrators, with what they did."""
    return Page([row.state for row in stage.cast.integrators.values()])


def show_integrator(stage: Stage, integrator_id: str) -> IntegratorState:
    """Show a former integrator, with what he did."""
    return stage.cast.integrator(integrator_id).state


def change_integrator(stage: Stage, integrator_id: str, body: IntegratorChange) -> IntegratorState:
    """Change what a former integrator still does; what is left out stays."""
    return stage.change_integrator(integrator_id, body)


def write_integrator_stock(stage: Stage, integrator_id: str) -> IntegratorState:
    """Have a former integrator write all his stock now."""
    stage.cast.integrator(integrator_id).write_stock()
    return show_integrator(stage, integrator_id)


def resume_integrator(stage: Stage, integrator_id: str) -> IntegratorState:
    """Switch a former integrator's program on again."""
    return _resumed(stage.cast.integrator(integrator_id))


def stop_integrator(stage: Stage, integrator_id: str) -> IntegratorState:
    """Switch a former integrator's program off."""
    return _stopped(stage.cast.integrator(integrator_id))


ENDPOINTS: tuple[Endpoint, ...] = (
    post("/operators", start_operator, status=201),
    get("/operators", list_operators),
    get("/operators/{operator_id}", show_operator),
    patch("/operators/{operator_id}", change_operator),
    post("/operators/{operator_id}/resume", resume_operator),
    delete("/operators/{operator_id}", stop_operator),
    post("/integrators", start_integrator, status=201),
    get("/integrators", list_integrators),
    get("/integrators/{integrator_id}", show_integrator),
    patch("/integrators/{integrator_id}", change_integrator),
    post("/integrators/{integrator_id}/write_stock", write_integrator_stock),
    post("/integrators/{integrator_id}/resume", resume_integrator),
    delete("/integrators/{integrator_id}", stop_integrator),
)
