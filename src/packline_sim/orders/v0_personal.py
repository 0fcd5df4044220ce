"""What of the buyer the Orders API v0 tells: as much as a restricted data token opens."""

from packline_sim.auth.access import opened
from packline_sim.call import Call
from packline_sim.orders.v0_body import ADDRESS, BUYER
from packline_sim.refusals import unauthorized

EVERYTHING = frozenset({ADDRESS, BUYER})


def opened_elements(call: Call, path: str) -> frozenset[str]:
    """Tell the data elements that the call's token opens at a path."""
    if call.world.switches["v0_personal_data"] == "open":
        return EVERYTHING
    return frozenset() if call.token is None else opened(call.token, "GET", path)


def demand_restricted_token(call: Call) -> None:
    """Refuse an ordinary token where everything is personal. Raises Refusal 403."""
    if call.world.switches["v0_personal_data"] == "open":
        return
    if call.token is None or not call.token.paths:
        raise unauthorized(403, "")
