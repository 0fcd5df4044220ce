"""docs/reference/operations.md, from the operations and usage plans."""

from chapters.tables import table
from packline.amazon.external_fulfillment.operations import OPERATIONS as EXTERNAL_FULFILLMENT
from packline.amazon.seller_central.operations import OPERATIONS as SELLER_CENTRAL
from packline.amazon.spapi.operation import Effect
from packline.amazon.spapi.usage_plans import DOCUMENTED, PRESETS

INTRODUCTION = """\
# Operations and usage plans

Made from the `operations.py` of `amazon/external_fulfillment` and `amazon/seller_central` and from
`amazon/spapi/usage_plans.py`. An operation is one call of Amazon's, by its operationId (`getOrderV0` is getOrder of
v0). *Effect* decides what may be repeated: a read always, a write only after a probe has shown that it had no effect.

"""
PLANS = """
## Usage plans

Amazon lets each pair of account and application make `rate` calls a second of an operation, and `burst` of them at
once. Packline waits for its turn before it calls, so that a 429 stays an exception. `--usage-plan` of `packline
account add` chooses the column: `amazon` is what Amazon documents (the burst of the shipments operations is inferred,
as twice the rate), `generous` a raised plan, `sdk` what Amazon's own SDK assumes, `off` counts nothing,
`legacy-shared-feed` grants one feed every two minutes. Cells are rate / burst.

"""
_EFFECTS = {
    Effect.READ: "reads",
    Effect.WRITE: "writes",
    Effect.READ_THAT_CHANGES_STATE: "reads, and moves the shipment",
}


def operations() -> str:
    """Write one row for each operation, then its plans."""
    calls = [
        (f"`{o.name}`", o.api, f"`{o.method} {o.path}`", ", ".join(map(str, o.success)), _EFFECTS[o.effect])
        for o in (*EXTERNAL_FULFILLMENT.values(), *SELLER_CENTRAL.values())
    ]
    plans = [(f"`{name}`", *(_plan(preset, name) for preset in PRESETS)) for name in DOCUMENTED]
    return (
        INTRODUCTION
        + table(("Operation", "API", "Call", "Success", "Effect"), calls)
        + PLANS
        + table(("Operation", *PRESETS), plans)
    )


def _plan(preset: str, operation: str) -> str:
    plan = PRESETS[preset][operation]
    return "no limit" if plan.is_unlimited else f"{plan.rate:g} / {plan.burst:g}"
