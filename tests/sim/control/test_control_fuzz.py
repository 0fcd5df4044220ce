"""Whatever is sent to the control API, it answers as it describes itself and never falls over."""

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import checks

from packline_sim.clock import SimClock
from packline_sim.server import create_app
from packline_sim.specs import LocationSpec, SellerSpec, SkuSpec
from packline_sim.world import World


def _app():
    world = World(1, clock=SimClock(start_ms=1_800_000_000_000, speed=0))
    world.create_seller(SellerSpec(name="Fuzzed Goods", seller_id="S1"))
    world.create_location("S1", LocationSpec(location_id="L1"))
    world.create_sku("S1", SkuSpec(sku="A"))
    return create_app(world)


schema = schemathesis.openapi.from_asgi("/_sim/openapi.json", _app())


@schema.parametrize()
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_operation_answers_as_described(case) -> None:
    """No server error, and every answer fits its schema."""
    case.call_and_validate(checks=[checks.not_a_server_error, checks.response_schema_conformance])
