"""Those who act by themselves beside buyers and carriers: people in SmartHub, former integrators, minds of buyers."""

from typing import NamedTuple

from packline_sim.actors.central_integrator import CentralIntegrator
from packline_sim.actors.central_operator import CentralOperator
from packline_sim.actors.former_integrator import FormerIntegrator, Integrator
from packline_sim.actors.minds import Minds
from packline_sim.actors.smarthub_operator import Operator, SmartHubOperator
from packline_sim.control.problems import not_found
from packline_sim.records import Change
from packline_sim.world import World


class SavedCast(NamedTuple):
    """Keep the settings of those who act, whether they were at work, and what integrators remember."""

    operators: dict[str, tuple[Operator, bool]]
    integrators: dict[str, tuple[Integrator, bool, dict[tuple[str, str], int]]]


class Cast:
    """Hold those who act in one world, by id."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.operators: dict[str, SmartHubOperator] = {}
        self.integrators: dict[str, FormerIntegrator] = {}
        self.minds = Minds(world)

    def follow(self, change: Change) -> None:
        """Tell everybody of a change of the world."""
        self.minds.follow(change)
        for operator in self.operators.values():
            operator.follow(change)
        for integrator in self.integrators.values():
            integrator.follow(change)

    def hire(self, settings: Operator) -> SmartHubOperator:
        """Let new people work in SmartHub."""
        operator_id = f"operator-{len(self.operators) + 1}"
        operator = self.operators[operator_id] = self._operator(operator_id, settings)
        operator.start()
        return operator

    def employ(self, settings: Integrator) -> FormerIntegrator:
        """Let a former integrator's program run."""
        integrator_id = f"integrator-{len(self.integrators) + 1}"
        integrator = self.integrators[integrator_id] = self._integrator(integrator_id, settings)
        integrator.start()
        return integrator

    def operator(self, operator_id: str) -> SmartHubOperator:
        """Find people in SmartHub, or refuse."""
        found = self.operators.get(operator_id)
        if found is None:
            raise not_found("operator", operator_id, "GET /_sim/operators lists them.")
        return found

    def integrator(self, integrator_id: str) -> FormerIntegrator:
        """Find a former integrator, or refuse."""
        found = self.integrators.get(integrator_id)
        if found is None:
            raise not_found("integrator", integrator_id, "GET /_sim/integrators lists them.")
        return found

    def save(self) -> SavedCast:
        """Keep who acts and how."""
        return SavedCast(
            {key: (row.state.settings, row.state.working) for key, row in self.operators.items()},
            {key: (row.state.settings, row.state.working, row.memory()) for key, row in self.integrators.items()},
        )

    def load(self, saved: SavedCast) -> None:
        """Let those who were kept act again, after the world went back; their counts begin anew."""
        self.minds.resume()
        for key, (settings, working) in saved.operators.items():
            operator = self.operators[key] = self._operator(key, settings)
            if working:
                operator.start()
        for key, (plan, running, sequences) in saved.integrators.items():
            integrator = self.integrators[key] = self._integrator(key, plan)
            integrator.remember(sequences)
            if running:
                integrator.start()

    def _operator(self, operator_id: str, settings: Operator) -> SmartHubOperator:
        kind = CentralOperator if settings.api == "seller_central" else SmartHubOperator
        return kind(self._world, operator_id, settings)

    def _integrator(self, integrator_id: str, settings: Integrator) -> FormerIntegrator:
        kind = CentralIntegrator if settings.api == "seller_central" else FormerIntegrator
        return kind(self._world, integrator_id, settings)
