"""Usage plans: read every bucket's level, choose a preset, give an operation another rate."""

from typing import Annotated

import msgspec

from packline_sim.control.endpoint import Endpoint, get, patch, post
from packline_sim.control.problems import Refused
from packline_sim.control.stage import Stage
from packline_sim.quotas import AMAZON, Plan, Preset, QuotaLevel


class PlanView(msgspec.Struct, frozen=True, kw_only=True):
    """Show the plan of one operation, in calls a second and calls of burst; `seller_id` None holds for all."""

    operation: str
    rate: float
    burst: int
    seller_id: str | None = None


class QuotasView(msgspec.Struct, frozen=True, kw_only=True):
    """Show the preset, the plans in force (none when off), what differs from the preset, and every used bucket."""

    preset: Preset
    plans: list[PlanView]
    overrides: list[PlanView]
    levels: list[QuotaLevel]


class PresetChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Choose a preset: `amazon` as documented, `generous`, `sdk` as in Amazon's clients, `off`.

    `legacy-shared-feed` is as documented, but all feeds share one bucket: 15, and one more every two minutes.
    """

    preset: Preset


class PlanChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Give an operation, or all of them when None, another plan for one seller or all; `remove` takes it away again."""

    operation: str | None = None
    seller_id: str | None = None
    rate: Annotated[float, msgspec.Meta(ge=0, le=1_000_000)] | None = None
    burst: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    remove: bool = False


def show_quotas(stage: Stage) -> QuotasView:
    """Show plans and the level of every bucket that was used."""
    quotas = stage.world.quotas
    plans = ((name, quotas.plan("", name)) for name in AMAZON)
    return QuotasView(
        preset=quotas.preset,
        plans=[_plan_view(name, plan, None) for name, plan in plans if plan is not None],
        overrides=[_plan_view(name, plan, seller_id) for (seller_id, name), plan in quotas.overrides.items()],
        levels=quotas.levels(stage.world.clock.now_ms()),
    )


def change_quotas(stage: Stage, body: PlanChange) -> QuotasView:
    """Change the plan of an operation while everything runs; levels stay, but never above the new burst."""
    if body.seller_id is not None:
        stage.seller(body.seller_id)
    for operation in (body.operation,) if body.operation else AMAZON:
        stage.world.quotas.override(operation, _changed_plan(stage, body, operation), seller_id=body.seller_id)
    return show_quotas(stage)


def use_quota_preset(stage: Stage, body: PresetChoice) -> QuotasView:
    """Change to a preset; changes made to single operations are dropped."""
    stage.world.quotas.use(body.preset)
    return show_quotas(stage)


def refill_quotas(stage: Stage) -> QuotasView:
    """Fill every bucket."""
    stage.world.quotas.refill()
    return show_quotas(stage)


def _changed_plan(stage: Stage, body: PlanChange, operation: str) -> Plan | None:
    if body.remove:
        return None
    if body.rate is None and body.burst is None:
        raise Refused(422, "Nothing to change", "Neither `rate` nor `burst` is given.", "Give one, or `remove`: true.")
    now = stage.world.quotas.plan(body.seller_id or "", operation) or AMAZON.get(operation) or Plan(1, 1)
    rate = now.rate if body.rate is None else body.rate
    burst = max(1, round(rate * 2)) if body.burst is None else body.burst
    return Plan(rate, burst)


def _plan_view(operation: str, plan: Plan, seller_id: str | None) -> PlanView:
    return PlanView(operation=operation, rate=plan.rate, burst=plan.burst, seller_id=seller_id)


ENDPOINTS: tuple[Endpoint, ...] = (
    get("/quotas", show_quotas),
    patch("/quotas", change_quotas),
    post("/quotas/preset", use_quota_preset),
    post("/quotas/refill", refill_quotas),
)
