"""The driver in small: the next step of a shipment's life, taken against a small Amazon."""

from collections.abc import Callable
from typing import Any, Protocol

from builders import at
from packline.domain.program import Program
from packline.domain.shipment import Shipment
from packline.domain.steps import PROBE, begin, next_step


class Life(Protocol):
    """A shipment on both sides: ours, and the small Amazon's."""

    shipment: Shipment
    program: Program
    amazon: Any

    def report(self, report: Any) -> None:
        """Take in what Amazon said."""


def take_step(life: Life, fate: str, look: Callable[[], Any]) -> bool:
    """Take the next step, or look where that is next; False where nothing is left to do.

    `fate` is that of the call: ok, lost_before, lost_after, busy; or crash_before, crash_after, and nobody hears it.
    """
    step = next_step(life.shipment, life.program, at(life.amazon.minute))
    if step is None:
        return False
    if step == PROBE:
        life.report(look())
        return True
    life.shipment = begin(life.shipment, step, at(life.amazon.minute))
    if fate.startswith("crash"):
        life.amazon.call(step, "lost_after" if fate == "crash_after" else "lost_before")
    else:
        life.report(life.amazon.call(step, fate))
    return True
