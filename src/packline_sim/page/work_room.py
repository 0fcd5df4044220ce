"""Feeds and reports: what Amazon works on, to hold up, to kill and to let go."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from packline_sim.control.stage import Stage
from packline_sim.page.acts import Act, act
from packline_sim.page.frame import names

SHOWN = 40


def facts(stage: Stage, _: Mapping[str, str]) -> dict[str, Any]:
    """Gather the newest feeds and reports."""
    feeds = islice(reversed(stage.world.feeds.values()), SHOWN)
    reports = islice(reversed(stage.world.reports.values()), SHOWN)
    return {
        "feeds": [(row, _acts("feeds", row.feed_id, row.status)) for row in feeds],
        "reports": [(row, _acts("reports", row.report_id, row.status)) for row in reports],
        "names": names(stage),
    }


def _acts(kind: str, work_id: str, status: str) -> list[Act]:
    if status not in ("IN_QUEUE", "IN_PROGRESS"):
        return []
    verbs = (("Hold up", "hold"), ("Let go", "release"), ("Kill", "kill"))
    return [
        act("Amazon", label, "POST", f"/{kind}/{work_id}/{verb}", {}, f"{work_id}: {label.lower()}")
        for label, verb in verbs
    ]
