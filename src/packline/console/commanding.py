"""Commands given by people at the console: the same desk as the API's, refusals in words."""

from collections.abc import Callable, Mapping

from packline.commands.confirm import Confirm
from packline.commands.deliver import Deliver
from packline.commands.hand_over import HandOver
from packline.commands.out_for_delivery import OutForDelivery
from packline.commands.pack import Pack
from packline.commands.reject import Reject
from packline.commands.relabel import Relabel
from packline.commands.reschedule import Reschedule
from packline.commands.retry import Retry
from packline.domain.api_key import Role
from packline.domain.values import Value
from packline.errors import NotFound

PLAIN: dict[str, Callable[[Mapping[str, str]], Value]] = {
    "confirm": lambda _: Confirm(),
    "reject": lambda form: Reject(form.get("reason", "OUT_OF_STOCK")),
    "pack": lambda _: Pack(),
    "relabel": lambda _: Relabel(),
    "reschedule": lambda _: Reschedule(),
    "hand_over": lambda _: HandOver(),
    "out_for_delivery": lambda _: OutForDelivery(),
    "deliver": lambda _: Deliver(),
    "retry": lambda _: Retry(),
}
"""Commands that need no more than their name (and, to reject, Amazon's reason)."""


def asked(kind: str, form: Mapping[str, str]) -> Value:
    """Make a command's request of a form.

    Raises NotFound for a command that there is not.
    """
    if kind not in PLAIN:
        raise NotFound(f"There is no command {kind}.")
    return PLAIN[kind](form)


def role_for(kind: str) -> Role:
    """Give the role that a command needs."""
    return Role.OPERATOR if kind == "retry" else Role.PACKER
