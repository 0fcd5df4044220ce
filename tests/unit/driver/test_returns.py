"""The returns errand: every location and status, inside its share of the quota, whatever single flows run into."""

from datetime import datetime, timedelta
from typing import Any

from fakes import FakeClock
from packline.domain.returns import STATUSES, SeenReturn
from packline.driver.returns import CALLS_AT_ONCE, LOOK_BACK, WITHOUT_ROLE, ReturnsErrand
from packline.errors import AmazonError, Fenced, Rejected, Unauthorized, Unavailable
from packline.ports.returns import ReturnCursor, ReturnPage, ReturnQuery
from storage.test_returns import seen
from unit.driver.driving import Shop


class Shelf:
    """A store of returns in memory."""

    def __init__(self, *places: str) -> None:
        self.rows: dict[tuple[str, str], ReturnCursor] = {}
        self.spots, self.saved, self.is_mine = list(places), [], True

    async def cursors(self, account: str) -> list[ReturnCursor]:
        return list(self.rows.values())

    async def save_cursors(self, account: str, cursors: Any) -> None:
        self.rows |= {(one.location, one.status): one for one in cursors}

    async def places(self, account: str) -> list[str]:
        return self.spots

    async def save(self, owner: Any, found: Any, now: datetime) -> int | None:
        self.saved += found
        return len(found) if self.is_mine else None

    async def tidy(self, account: str, now: datetime) -> None:
        """Nothing to tidy."""


class List:
    """Amazon's list of returns: what it answers by (location, status), and what it was asked."""

    def __init__(self, rate: float = 0.0) -> None:
        self.answers: dict[tuple[str, str], list[ReturnPage | AmazonError]] = {}
        self.asked: list[ReturnQuery] = []
        self.plan = rate

    async def rate(self, account: str) -> float:
        return self.plan

    async def page(self, account: str, query: ReturnQuery, token: str | None, guard: Any) -> ReturnPage:
        self.asked.append(query)
        waiting = self.answers.get((query.location, query.status))
        answer = waiting.pop(0) if waiting else ReturnPage(())
        if isinstance(answer, AmazonError):
            raise answer
        return answer


class Stage:
    """One account with a list and a shelf."""

    def __init__(self, *places: str, rate: float = 0.0) -> None:
        self.shop = Shop()
        self.clock: FakeClock = self.shop.clock
        self.list, self.shelf = List(rate), Shelf(*places)

    async def errand(self) -> ReturnsErrand:
        drain = await self.shop.drain()
        made = ReturnsErrand(self.shop.tools, self.shelf, self.list, drain.account, drain._guard)
        await made.open()
        return made


def page(*entries: SeenReturn, token: str | None = None) -> ReturnPage:
    """Make a page."""
    return ReturnPage(entries, next_token=token)


async def test_each_location_and_status_is_asked_once_and_creation_once_for_all() -> None:
    """Two locations: thirty pairs, and one call for what arrives elsewhere."""
    stage = Stage("A", "B")
    await (await stage.errand()).run()
    asked = [(query.location, query.status) for query in stage.list.asked]
    assert sorted(asked) == sorted([("", ""), *((place, status) for place in "AB" for status in STATUSES)])
    assert {query.since for query in stage.list.asked} == {
        stage.clock.now() - LOOK_BACK - stage.shop.tools.pace.overlap
    }


async def test_sweeps_use_half_of_the_quota_at_most() -> None:
    """With one call a second, two locations cannot be swept more often than about every minute."""
    stage = Stage("A", "B", rate=1.0)
    stage.shop.tools = stage.shop.tools._replace(pace=stage.shop.tools.pace.__class__(poll_returns_s=5.0))
    errand = await stage.errand()
    await errand.run()
    assert errand.next_at() - stage.clock.now() == timedelta(seconds=62)


async def test_windows_begin_where_amazon_was_and_end_never_after_our_own_time() -> None:
    """The next window starts at the newest update, by Amazon's clock, less the overlap; a future one counts as now."""
    stage = Stage("A")
    now = stage.clock.now()
    newest = now - timedelta(minutes=7)
    stage.list.answers = {
        ("A", "CREATED"): [page(seen(as_of=newest), token="more"), page()],
        ("A", "DELIVERED"): [page(seen("DELIVERED", as_of=now + timedelta(days=9)))],
    }
    await (await stage.errand()).run()
    assert stage.shelf.rows["A", "CREATED"].after == newest
    assert stage.shelf.rows["A", "DELIVERED"].after == now
    assert stage.shelf.rows["A", "IN_TRANSIT"].after is None


async def test_a_flow_that_fails_keeps_its_window_and_stops_no_other() -> None:
    """Refused once: the error is noted, the others are read, and the next sweep starts where it was."""
    stage = Stage("A")
    stage.list.answers = {("A", "CREATED"): [Rejected("no")], ("A", "DELIVERED"): [page(seen("DELIVERED"))]}
    errand = await stage.errand()
    await errand.run()
    failed = stage.shelf.rows["A", "CREATED"]
    assert (failed.error, failed.succeeded_at, failed.after) == ("no", None, None)
    assert len(stage.shelf.saved) == 1
    stage.clock.at = errand.next_at()
    await errand.run()
    assert stage.shelf.rows["A", "CREATED"].error is None


async def test_without_the_role_the_errand_rests_and_the_account_goes_on() -> None:
    """403 of the returns API pauses nothing but returns, for a quarter of an hour."""
    stage = Stage("A")
    stage.list.answers = {("", ""): [Unauthorized("no role")]}
    errand = await stage.errand()
    await errand.run()
    assert errand.next_at() >= stage.clock.now() + WITHOUT_ROLE
    assert stage.shop.store.account_rows["acme-in"].paused_reason is None


async def test_what_cannot_be_read_is_parked_and_the_rest_is_told() -> None:
    """One unreadable return hides no other."""
    stage = Stage("A")
    stage.list.answers = {("A", "CREATED"): [ReturnPage((seen(),), ((b"{}", "no id"),))]}
    await (await stage.errand()).run()
    assert len(stage.shelf.saved) == 1
    assert [row[0] for row in stage.shop.store.parked] == ["listReturns"]


async def test_while_amazon_is_away_the_rest_of_a_sweep_is_not_asked_for() -> None:
    """Eight calls that hear nothing are enough: all keep their windows, and come again at their own pace."""
    stage = Stage("A", "B")
    flows = [("", ""), *((place, status) for place in "AB" for status in STATUSES)]
    stage.list.answers = {flow: [Unavailable("down")] for flow in flows}
    errand = await stage.errand()
    await errand.run()
    assert len(stage.list.asked) == CALLS_AT_ONCE
    assert {row.error for row in stage.shelf.rows.values()} == {"down"}
    assert set(stage.shelf.rows) == set(flows)
    assert errand.next_at() == stage.clock.now() + timedelta(seconds=stage.shop.tools.pace.poll_returns_s)
    stage.list.answers.clear()
    stage.clock.at = errand.next_at() + timedelta(hours=1)
    await errand.run()
    assert {row.error for row in stage.shelf.rows.values()} == {None}


async def test_another_owner_ends_it() -> None:
    """Nothing is written, nothing more is asked."""
    stage = Stage("A")
    stage.shelf.is_mine = False
    stage.list.answers = {("A", "CREATED"): [page(seen())]}
    try:
        await (await stage.errand()).run()
    except Fenced:
        assert stage.shelf.rows == {}
    else:
        raise AssertionError("it went on")
