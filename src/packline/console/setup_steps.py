"""The steps from an empty database to the first order, and how far an account is in each."""

from ast import literal_eval
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

from packline.console.words import mark
from packline.domain.location import Api, stranger
from packline.views import house_checks
from packline.views.rows import AccountRow, LocationRow

_FIRST = """
(select id, amazon_id from shipment where account_id = $1 and due_at is not null limit 1)
union all
(select id, amazon_id from (
    select id, amazon_id, account_id from shipment order by received_at desc, id desc limit 20000
) newest where account_id = $1 limit 1)
limit 1
"""
"""Open shipments have an index by account; the others are looked for among the newest of the house only."""
_STRANGERS = """
select reason from parked where account_id = $1 and resolved_at is null and starts_with(reason, $2)
group by reason order by count(*) desc limit 20
"""
_BEHIND = """
select count(*)::int from stock_drift d left join stock_sequence q using (account_id, location_id, sku, channel)
where d.account_id = $1 and d.amazon_seq > greatest(coalesce(q.last, 0), coalesce((
    select case when p.numbering = 'milliseconds' then $2::bigint else 0 end from stock_publishing p
    where p.account_id = $1
), $2::bigint))
"""
_DECIDED = "select 1 from stock_publishing where account_id = $1 and by_whom <> ''"


class Step(NamedTuple):
    """One step: its name in the address, its title, and what it is good for."""

    name: str
    title: str
    lead: str


class Stands(NamedTuple):
    """How a step stands: `tone` is good, risk, late or nothing (not done yet); `word` says it."""

    step: Step
    tone: str
    word: str


class First(NamedTuple):
    """A shipment of an account, by our id and by Amazon's; while it is the first order, it is the only one."""

    id: str
    name: str


STEPS = (
    Step("account", mark("Account"), mark("Amazon knows the application, the region and the marketplaces.")),
    Step("locations", mark("Locations"), mark("The places that ship. What comes from others is set aside.")),
    Step("programs", mark("Programs"), mark("What ships from where, and what happens there without being asked.")),
    Step("numbers", mark("Sequence numbers"), mark("Amazon takes stock only with a higher number than the last one.")),
    Step(
        "notifications",
        mark("Notifications"),
        mark("Amazon tells at once; without them Packline asks every few seconds."),
    ),
    Step("order", mark("First order"), mark("One order through the whole house shows that all of it works.")),
)
BY_NAME = {step.name: step for step in STEPS}
_TONES = {"good": "good", "doubt": "risk", "bad": "late"}
_WORDS = {
    "good": mark("done"),
    "risk": mark("look at this"),
    "late": mark("wrong"),
    "": mark("to do"),
}


async def stands(
    pool: asyncpg.Pool, account: AccountRow, places: Sequence[LocationRow], now: datetime
) -> dict[str, Stands]:
    """Tell how each step stands, by what is stored here; Amazon is not asked."""
    tones = {
        "account": "late" if account["paused_reason"] else "good" if account["enabled"] else "risk",
        "locations": await _locations(pool, account["id"], places),
        "programs": "good" if places else "",
        "numbers": await _numbers(pool, account, now),
        "notifications": await _notifications(pool, account, now),
        "order": "good" if await first_order(pool, account["id"]) else "",
    }
    return {name: Stands(BY_NAME[name], tone, _WORDS[tone]) for name, tone in tones.items()}


def next_of(found: dict[str, Stands], after: str = "") -> str:
    """Give the first step that is not done; after a step, the next one in order."""
    names = list(found)
    if after:
        return names[min(names.index(after) + 1, len(names) - 1)]
    return next((name for name in names if found[name].tone in ("", "late")), names[-1])


async def first_order(pool: asyncpg.Pool, account: str) -> First | None:
    """Give the first shipment of an account; of many any one, as nobody waits for it any more."""
    row = await pool.fetchrow(_FIRST, account)
    return First(row["id"], row["amazon_id"]) if row else None


async def strangers(pool: asyncpg.Pool, account: str) -> list[str]:
    """Give locations whose shipments were set aside, as nobody had named them."""
    before, _, behind = stranger("").partition(repr(""))
    reasons = [row["reason"] for row in await pool.fetch(_STRANGERS, account, before)]
    return [str(literal_eval(reason.removeprefix(before).partition(behind)[0])) for reason in reasons]


async def behind(pool: asyncpg.Pool, account: str, now: datetime) -> int:
    """Count SKUs for which Amazon, when it was asked last, had a higher sequence number than we would send."""
    return int(await pool.fetchval(_BEHIND, account, int(now.timestamp() * 1000)))


async def _locations(pool: asyncpg.Pool, account: str, places: Sequence[LocationRow]) -> str:
    if not places:
        return ""
    return "risk" if await strangers(pool, account) else "good"


async def _numbers(pool: asyncpg.Pool, account: AccountRow, now: datetime) -> str:
    if account["api"] == Api.SELLER_CENTRAL:
        return "good"
    if await behind(pool, account["id"], now):
        return "late"
    return "good" if await pool.fetchval(_DECIDED, account["id"]) else ""


async def _notifications(pool: asyncpg.Pool, account: AccountRow, now: datetime) -> str:
    told = await house_checks.told_of(pool, now, account["id"], account["name"])
    return _TONES[told.state]
