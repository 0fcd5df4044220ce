"""Polling is a safety net while notifications tell everything, and as wide as ever when they do not."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from builders import NOON, facts
from fakes import FakeClock, page
from packline.domain.reliance import DISTRUST, Telling, doubt
from unit.driver.driving import Shop

GOOD = Telling(True, NOON, NOON)


@pytest.mark.parametrize(
    ("telling", "word"),
    [
        (GOOD, ""),
        (Telling(), "set up"),
        (replace(GOOD, told_at=None), "has come yet"),
        (replace(GOOD, read_at=None), "nobody reads"),
        (replace(GOOD, read_at=NOON - timedelta(minutes=2)), "nobody reads"),
        (replace(GOOD, missed_at=NOON - timedelta(minutes=1), missed_id="S-7"), "S-7"),
        (replace(GOOD, missed_at=NOON - DISTRUST), ""),
        (replace(GOOD, missed_at=NOON - DISTRUST, told_at=NOON - 2 * DISTRUST, missed_id="S-7"), "none has come"),
        (replace(GOOD, told_at=NOON - timedelta(days=3)), ""),
    ],
)
def test_when_notifications_can_be_relied_on(telling: Telling, word: str) -> None:
    """Subscribed, read, heard of, and nothing missed lately; a quiet weekend is no reason for doubt."""
    assert word in doubt(telling, NOON)
    assert bool(doubt(telling, NOON)) is bool(word)


@dataclass
class Tells:
    """What the store says of notifications, and what polling noted."""

    clock: FakeClock
    known: Telling = GOOD
    missed: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)

    async def telling(self, _account: str) -> Telling:
        return replace(self.known, read_at=self.clock.now() if self.known.read_at else None)

    async def note_found(self, _account: str, news: Sequence[tuple[str, datetime]], _now: datetime) -> None:
        self.found += [one for one, _ in news]

    async def judge(self, _account: str, _before: datetime, _now: datetime) -> list[str]:
        missed, self.missed = self.missed, []
        return missed


def shop_with(telling: Telling) -> tuple[Shop, Tells]:
    """Open a shop whose account has notifications."""
    shop = Shop(poll_net_s=300.0)
    tells = Tells(shop.clock, telling)
    shop.tools = shop.tools._replace(telling=tells)
    return shop, tells


def looks(shop: Shop) -> int:
    return sum(query.listing == "ACCEPTED" for query, _ in shop.amazon.asked)


async def test_while_they_tell_everything_polling_rests() -> None:
    """In half an hour a listing is read seven times instead of 360."""
    shop, _ = shop_with(GOOD)
    await shop.work_for(30)
    assert 5 <= looks(shop) <= 8


async def test_without_them_polling_is_as_ever() -> None:
    """Every five seconds, and the store of notifications is not asked for more than it knows."""
    shop, _ = shop_with(Telling())
    await shop.work_for(2)
    assert looks(shop) >= 20


async def test_when_nobody_reads_the_queue_polling_widens_within_two_minutes() -> None:
    """The worker that read it is gone, or its key was withdrawn."""
    shop, tells = shop_with(GOOD)
    await shop.work_for(5)
    before = looks(shop)
    tells.known = replace(GOOD, read_at=None)
    await shop.work_for(3)
    assert looks(shop) - before >= 15


async def test_what_polling_finds_alone_widens_it() -> None:
    """A new shipment that no notification told: noted at once, and once it is judged as missed, polling is wide."""
    shop, tells = shop_with(GOOD)
    shop.amazon.pages["ACCEPTED"].append(page((facts(), b"body")))
    await shop.work_for(1)
    assert tells.found == ["S-1"]
    tells.missed = ["S-1"]
    before = looks(shop)
    await shop.work_for(10)
    assert looks(shop) - before <= 4  # this fake forgets at once what it judged: the next look trusts again
    tells.known = replace(GOOD, missed_at=shop.clock.now(), missed_id="S-1")
    before = looks(shop)
    await shop.work_for(3)
    assert looks(shop) - before >= 15


async def test_our_own_moves_prove_nothing() -> None:
    """What a poll shows of our own calls, nobody had to tell."""
    shop, tells = shop_with(GOOD)
    shop.amazon.pages["ACCEPTED"].append(page((facts(), b"body")))
    await shop.work_for(1)
    tells.found.clear()
    known = facts("ACCEPTED", 1, sub_status="DELIVERED")
    shop.amazon.pages["ACCEPTED"].append(page((known, b"other body")))
    await shop.work_for(6)
    assert tells.found == []
