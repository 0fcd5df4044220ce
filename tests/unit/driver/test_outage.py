"""After a silence no quantity is told before every status was read again."""

from datetime import datetime

import pytest
from msgspec.structs import replace

from packline.domain.shipment import Status
from packline.driver.outage import AGAIN, Outage
from packline.errors import Rejected, Unavailable
from packline.ports import Cursor
from unit.driver.driving import Shop

pytestmark = pytest.mark.anyio


class Holds:
    """Holds in memory; `is_behind`: the ledger has not taken what the sweep found."""

    def __init__(self) -> None:
        self.since: datetime | None = None
        self.told: list[str] = []
        self.is_behind = False

    async def held_since(self, account: str) -> datetime | None:
        return self.since

    async def hold(self, account: str, reason: str, now: datetime) -> None:
        self.since = now
        self.told.append(reason)

    async def release(self, account: str, read_at: datetime, now: datetime) -> bool:
        assert read_at <= now
        if self.is_behind:
            return False
        self.since = None
        self.told.append("released")
        return True


def shop_with_holds() -> tuple[Shop, Holds]:
    shop, holds = Shop(), Holds()
    shop.tools = shop.tools._replace(outages=holds)
    return shop, holds


async def away(shop: Shop, minutes: float) -> None:
    await shop.clock.during(shop.clock.sleep(minutes * 60))


async def test_an_outage_holds_what_is_told_until_all_is_read() -> None:
    """Most of an hour without a look: held first, every listing read, then released."""
    shop, holds = shop_with_holds()
    await shop.work()
    await away(shop, 50)
    await shop.work()
    assert len(holds.told) == 2
    assert "every status is read first" in holds.told[0]
    assert holds.told[1] == "released"


async def test_the_first_look_and_a_short_pause_hold_nothing() -> None:
    """Nothing was known before, or hardly anything can have happened."""
    shop, holds = shop_with_holds()
    await shop.work()
    await away(shop, 5)
    await shop.work()
    assert holds.told == []


async def test_amazons_outage_holds_until_the_last_listing_answers() -> None:
    """One listing that still fails keeps the hold; its next success ends it."""
    shop, holds = shop_with_holds()
    await shop.work()
    await away(shop, 50)
    shop.amazon.pages["SHIPPED"].append(Unavailable("down"))
    await shop.work()
    assert (len(holds.told), holds.since is not None) == (1, True)
    await shop.work_for(1)
    assert holds.told[-1] == "released"


async def test_a_first_look_that_fails_holds_until_every_status_was_read() -> None:
    """An account that came while Amazon was away: nobody knows yet what was shipped, so no quantity is told."""
    shop, holds = shop_with_holds()
    for listing in Status:
        shop.amazon.pages[listing.value].append(Unavailable("down"))
    await shop.work()
    await shop.work_for(2)
    assert "yet; every status is read first" in holds.told[0]
    assert holds.told[-1] == "released"


async def test_an_outage_in_the_middle_of_the_first_look_waits_for_the_rest_of_it() -> None:
    """Listings that were never given are no refused ones where they failed before Amazon came back."""
    shop, holds = shop_with_holds()
    outage, now = Outage(shop.tools, "acme-in"), shop.clock.now
    began = now()
    read, unread = Cursor("acme-in", "", "ACCEPTED", None, began), Cursor("acme-in", "", "SHIPPED", None)
    await away(shop, 50)
    failed = replace(unread, failed_at=now(), error="down")
    await outage.begin([read, failed])
    assert holds.since == now()
    await away(shop, 1)
    failed = replace(failed, failed_at=now())
    await away(shop, 1)
    again = replace(read, succeeded_at=now())
    await outage.end([again, failed])
    assert holds.since is not None
    await away(shop, 1)
    await outage.end([again, replace(failed, succeeded_at=now(), failed_at=None)])
    assert holds.since is None


async def test_a_process_that_dies_in_between_leaves_the_end_to_the_next() -> None:
    """The hold is in the store, so whoever drains next ends it."""
    shop, holds = shop_with_holds()
    await shop.work()
    holds.since = shop.clock.now()
    await away(shop, 1)
    await shop.work()
    assert holds.since is None


async def test_a_listing_that_was_never_given_is_not_waited_for() -> None:
    """An account that may not read one listing would else be held for ever."""
    shop, holds = shop_with_holds()
    for place in ("", "EXSB"):
        shop.amazon.pages["DELIVERED"] += [Rejected("no role " + place)] * 40
    await shop.work()
    await away(shop, 50)
    await shop.work_for(2)
    assert holds.told[-1:] == ["released"]


async def test_the_ledger_comes_first() -> None:
    """All is read, but the ledger has not taken it: it is looked for again at once, not at the next poll."""
    shop, holds = shop_with_holds()
    await shop.work()
    await away(shop, 50)
    holds.is_behind = True
    await shop.work_for(0.1)
    assert holds.told[-1] != "released"
    holds.is_behind = False
    await shop.work_for(0.1)
    assert holds.told[-1] == "released"


async def test_a_busy_account_is_looked_at_again_all_the_same() -> None:
    """The next look has its moment: it does not recede while other work keeps the drain awake."""
    shop, holds = shop_with_holds()
    holds.since, holds.is_behind = shop.clock.now(), True
    outage = Outage(shop.tools, "acme-in")
    await outage.open()
    read = Cursor("acme-in", "", "ACCEPTED", None, shop.clock.now())
    await outage.end([read])
    wanted = outage.next_at()
    assert wanted == shop.clock.now() + AGAIN
    await shop.clock.during(shop.clock.sleep(1))
    assert outage.next_at() == wanted
    holds.is_behind = False
    await outage.end([read])
    assert holds.since is None
