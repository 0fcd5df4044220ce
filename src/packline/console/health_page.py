"""Health: is everything moving, what lags, how the day went, and what will be late."""

from datetime import datetime
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from packline.console import charts, moments
from packline.console.charts import Chart, Series
from packline.console.frame import page, part, scope_of
from packline.console.place import Place, get
from packline.console.room import Room
from packline.console.words import mark, t, tell
from packline.views import day, flows, health, quotas
from packline.views.paging import Scope

PLACE = Place("health", mark("Health"), "/health", "h", "health", 80)
KEPT_S = 60.0
LAG_RISK_S, LAG_LATE_S = 120.0, 900.0
LANES, ACCOUNTS = 8, 20
FLOWS = 60
FLOW_WORDS = {
    "polling": mark("reading lists at Amazon"),
    "orders": mark("new orders"),
    "notifications": mark("notifications"),
    "stock": mark("quantities to Amazon"),
    "returns": mark("reading returns"),
    "documents": mark("labels and invoices by feeds"),
    "webhooks": mark("events to your system"),
}
FLOW_STATES = {
    "ok": (mark("fine"), "good", "check"),
    "silent": (mark("silent"), "late", "alert"),
    "learning": (mark("learning its habits"), "", "clock"),
}
RISKS = (mark("late"), mark("1 h"), mark("2 h"), mark("4 h"), mark("8 h"), mark("24 h"), mark("later"))


class Use(NamedTuple):
    """How much of a lane is in use (0 to 100), and how many calls wait for it."""

    account: str
    operation: str
    share: float
    waiting: int


class Lag(NamedTuple):
    """How far one flow is behind: `tone` and `word` judge it, `share` is its bar (0 to 100)."""

    name: str
    place: str
    at: datetime | None
    word: str
    tone: str
    icon: str
    share: float
    error: str


async def show(room: Room, request: Request) -> Response:
    """Show what is wrong first, then how far each flow is; the charts come after the page."""
    now, scope = room.clock.now(), scope_of(request)
    found = await health.health(room.pool, now, room.version)
    content = {
        "status": found["status"],
        "problems": [tell(problem) for problem in found["problems"]],
        "overdue": found["overdue"],
        "lags": await _lags(room, scope, now),
        "flows": await _flows(room, scope),
    }
    return await page(room, request, "health.html", "health", content)


async def drawn(room: Room, request: Request) -> Response:
    """Draw the charts; what was drawn for a reader is kept for some seconds."""
    now, scope = room.clock.now(), scope_of(request)
    numbers, directory = await _numbers(room, scope, now), await room.directory.look(room)
    shown = [_day(numbers["hours"], directory.house_zone(scope)), _risk(numbers["risk"])]
    lanes = []
    for account in [key for key in directory.accounts if scope.sees(key)][:ACCOUNTS]:
        lanes += await quotas.lanes_of(room.pool, room.gateway, account, now)
    return part("charts_part.html", {"charts": shown, "uses": _use(lanes), "name": directory.name})


async def _numbers(room: Room, scope: Scope, now: datetime) -> dict[str, Any]:
    kept = room.drawn.get(("day", scope))
    if kept and (now - kept[0]).total_seconds() < KEPT_S:
        return dict(kept[1])
    made = {"hours": await day.hours(room.pool, now, scope), "risk": await day.risk(room.pool, now, scope)}
    room.drawn[("day", scope)] = (now, made)
    return made


def _day(hours: list[day.HourRow], zone: str) -> Chart:
    labels = [moments.clock(row["hour"], zone) for row in hours]
    return charts.columns(
        t("Orders and stages through the day"),
        labels,
        (
            Series(t("received"), [row["received"] for row in hours], "one"),
            Series(t("labeled"), [row["labeled"] for row in hours], "two"),
            Series(t("handed over"), [row["handed_over"] for row in hours], "three"),
        ),
        every=4,
    )


def _risk(counts: list[int]) -> Chart:
    made = charts.columns(
        t("Open shipments by the time until their ship-by"),
        [t(said) for said in RISKS],
        (Series(t("open"), counts, "one"),),
    )
    return charts.toned(made, ("late", "risk", "risk", "one", "one", "one", "one"))


def _use(lanes: list[Any]) -> list[Use]:
    """Give the fullest lanes: how much of the bucket is in use, and who waits."""
    counted = [lane for lane in lanes if lane["rate"] and lane["burst"]]
    shares = [(100 * (1 - max(0.0, lane["level"]) / lane["burst"]), lane) for lane in counted]
    fullest = sorted(shares, key=lambda one: -one[0])[:LANES]
    return [Use(lane["account"], lane["operation"], share, lane["waiting"]) for share, lane in fullest]


async def _lags(room: Room, scope: Scope, now: datetime) -> list[Lag]:
    directory = await room.directory.look(room)
    return [
        _lag(
            t("Reading orders"),
            f"{directory.name(row['account'])} · {row['location'] or t('all locations')}",
            row["at"],
            row["error"],
            now,
        )
        for row in await day.sweeps(room.pool, scope)
    ]


async def _flows(room: Room, scope: Scope) -> list[dict[str, Any]]:
    """Give the flows as they were last judged: the silent ones first, and not more than a person reads."""
    silent = (await flows.flows(room.pool, silent=True, limit=FLOWS, scope=scope)).items
    others = (await flows.flows(room.pool, silent=False, limit=FLOWS, scope=scope)).items
    directory = await room.directory.look(room)
    return [
        {
            **row,
            "word": t(FLOW_WORDS[row["flow"]]) if row["flow"] in FLOW_WORDS else row["flow"],
            "name": directory.name(row["account"]) if row["account"] else "",
            "chip": FLOW_STATES[row["state"]],
            "said": tell(row["says"]),
        }
        for row in [*silent, *others][:FLOWS]
    ]


def _lag(name: str, place: str, at: datetime | None, error: str, now: datetime) -> Lag:
    seconds = (now - at).total_seconds() if at else LAG_LATE_S
    late, risk = seconds >= LAG_LATE_S, seconds >= LAG_RISK_S or bool(error)
    word, tone, icon = (
        (t("silent"), "late", "alert")
        if late
        else (t("slow"), "risk", "clock")
        if risk
        else (t("fine"), "good", "check")
    )
    return Lag(name, place, at, word, tone, icon, min(100.0, 100 * seconds / LAG_LATE_S), error)


PATHS = (get("/health", show), get("/health/charts", drawn))
