"""Calls as they come, and the quota meters that they draw on."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from packline_sim.control.stage import Stage
from packline_sim.journal import CallFilter
from packline_sim.page.frame import names
from packline_sim.quotas import PRESETS

SHOWN = 60
_CODE = re.compile(r"[0-9]{3}")


def facts(stage: Stage, query: Mapping[str, str]) -> dict[str, Any]:
    """Gather the last calls that fit (operation, status, seller, shipment) and every bucket that was used."""
    world = stage.world
    chosen = CallFilter(
        operation=query.get("operation") or None,
        status=_code(query.get("status", "")),
        seller_id=query.get("seller") or None,
        shipment_id=query.get("shipment") or None,
    )
    levels = sorted(world.quotas.levels(world.clock.now_ms()), key=lambda row: row.tokens / row.burst)
    by_status: Counter[int] = Counter()
    for (_, code), count in world.journal.counters.items():
        by_status[code] += count
    return {
        "entries": world.journal.tail(SHOWN, chosen)[::-1],
        "levels": levels[:24],
        "preset": world.quotas.preset,
        "presets": list(PRESETS),
        "by_status": sorted(by_status.items()),
        "operations": sorted({operation for operation, _ in world.journal.counters}),
        "total": world.journal.total,
        "effects": world.journal.effects,
        "names": names(stage),
    }


def _code(typed: str) -> int | None:
    """Read a code; what is none fits no call."""
    if not typed:
        return None
    return int(typed) if _CODE.fullmatch(typed) else -1
