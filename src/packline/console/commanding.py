"""Commands given by people at the console: the same desk as the API's, refusals in words."""

from collections.abc import Callable, Mapping

from packline.commands.confirm import Confirm
from packline.commands.deliver import Deliver
from packline.commands.hand_over import HandOver
from packline.commands.out_for_delivery import OutForDelivery
from packline.commands.pack import Pack, PackageRequest
from packline.commands.reject import Reject
from packline.commands.relabel import Relabel
from packline.commands.repack import Repack
from packline.commands.reschedule import Reschedule
from packline.commands.retry import Retry
from packline.commands.slots import SlotRequest
from packline.domain.api_key import Role
from packline.domain.shipment import PackageLine
from packline.domain.slot import SlotPolicy
from packline.domain.values import Box, Value
from packline.errors import FieldError, Invalid, NotFound
from packline.views.rows import ShipmentDetail

PLAIN: dict[str, Callable[[Mapping[str, str]], Value]] = {
    "confirm": lambda _: Confirm(),
    "reject": lambda form: Reject(form.get("reason", "OUT_OF_STOCK")),
    "pack": lambda form: Pack(slot=_slot(form)),
    "relabel": lambda form: Relabel(_slot(form)),
    "reschedule": lambda form: Reschedule(_slot(form)),
    "hand_over": lambda _: HandOver(),
    "out_for_delivery": lambda _: OutForDelivery(),
    "deliver": lambda _: Deliver(),
    "retry": lambda _: Retry(),
}
"""Commands that need no more than their name, a reason or a wish for a slot."""
SLOTS = ("recommended", "earliest")
SIDES = ("length_cm", "width_cm", "height_cm", "weight_g")


def asked(kind: str, form: Mapping[str, str], detail: ShipmentDetail | None = None) -> Value:
    """Make a command's request of a form; `detail` is needed where boxes are given (`PKG-1.length_cm`...).

    Raises NotFound for a command that there is not, Invalid for sizes that are no numbers.
    """
    if kind in ("pack", "repack") and detail is not None and any(name.endswith(SIDES[0]) for name in form):
        return _boxes(kind, form, detail)
    if kind not in PLAIN:
        raise NotFound(f"There is no command {kind}.")
    return PLAIN[kind](form)


def _boxes(kind: str, form: Mapping[str, str], detail: ShipmentDetail) -> Value:
    whole = tuple(PackageLine(line["id"], line["units"]) for line in detail["lines"])
    known = [
        (row["id"], tuple(PackageLine(line["line_id"], line["quantity"], tuple(line["serial_numbers"]))
        for line in row["lines"]), tuple(row["hazmat_labels"]), row["fragile"])
        for row in detail["package_list"]
    ]  # fmt: skip
    packages = tuple(
        PackageRequest(_box(form, name), lines, name, labels, fragile)
        for name, lines, labels, fragile in (known if kind == "repack" else [("PKG-1", whole, (), False)])
    )
    return Repack(packages, _slot(form)) if kind == "repack" else Pack(packages, _slot(form))


def _box(form: Mapping[str, str], name: str) -> Box:
    wrong, sizes = [], []
    for side in SIDES:
        given = form.get(f"{name}.{side}", "").replace(",", ".").strip()
        try:
            sizes.append(float(given))
        except ValueError:
            wrong.append(FieldError(f"/{name}.{side}", f"{given or 'nothing'} is no number."))
    if wrong:
        raise Invalid(f"The size of {name} is not complete: {wrong[0].message}", errors=tuple(wrong))
    return Box(*sizes)


def _slot(form: Mapping[str, str]) -> SlotRequest | None:
    wished = form.get("slot", "")
    return SlotRequest(SlotPolicy(wished)) if wished in SLOTS else None


def role_for(kind: str) -> Role:
    """Give the role that a command needs."""
    return Role.OPERATOR if kind == "retry" else Role.PACKER
