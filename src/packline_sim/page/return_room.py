"""Returns: the newest, where each can go next, and the one-time password while it is good."""

from collections import Counter
from collections.abc import Mapping
from itertools import islice
from typing import Any

from packline_sim.control.stage import Stage
from packline_sim.page.acts import return_acts
from packline_sim.page.frame import names

SHOWN = 40


def facts(stage: Stage, query: Mapping[str, str]) -> dict[str, Any]:
    """Gather the list: filters are status and seller."""
    returns = stage.world.returns
    fitting = (
        row
        for row in reversed(returns.values())
        if query.get("status") in (None, "", row.status) and query.get("seller") in (None, "", row.seller_id)
    )
    return {
        "rows": [(row, return_acts(row)) for row in islice(fitting, SHOWN)],
        "counted": Counter(row.status for row in returns.values()).most_common(),
        "names": names(stage),
        "shown": SHOWN,
    }
