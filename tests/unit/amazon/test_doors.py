"""The door of an account: read once, however many shipments want it at the same moment."""

import asyncio

import pytest

from packline.amazon.spapi.clock import SystemClock
from packline.amazon.spapi.doors import Doors
from packline.amazon.spapi.http1 import Http1Transport
from packline.domain.location import Account, Credentials, Region
from packline.errors import NotFound


class Directory:
    """Accounts that are read slowly; counts the looks, and fails while `failing`."""

    def __init__(self) -> None:
        self.looks, self.failing = 0, False
        self.gate = asyncio.Event()
        self.name = "first"

    async def __call__(self, account: str) -> tuple[Account, Credentials]:
        self.looks += 1
        name = self.name
        await self.gate.wait()
        if self.failing:
            raise NotFound(f"There is no account {account}.")
        found = Account(account, name, "S1", Region.EU, ("M1",), "http://127.0.0.1", "http://127.0.0.1/t", "app")
        return found, Credentials("id", "secret", "refresh")


@pytest.fixture
def directory() -> Directory:
    return Directory()


@pytest.fixture
def doors(directory: Directory) -> Doors:
    return Doors(Http1Transport(), SystemClock(), directory, {})


async def test_many_that_want_a_door_at_once_read_it_once(directory: Directory, doors: Doors) -> None:
    """All shipments of an account start together: each of them would read settings and decrypt credentials."""
    asked = [asyncio.create_task(doors.door("a")) for _ in range(20)]
    await asyncio.sleep(0)
    directory.gate.set()
    found = await asyncio.gather(*asked)
    assert directory.looks == 1
    assert all(door is found[0] for door in found)


async def test_one_that_stops_waiting_does_not_take_the_door_from_the_others(
    directory: Directory, doors: Doors
) -> None:
    """A shipment may be cancelled while its account is read; its neighbours go on."""
    first, second = asyncio.create_task(doors.door("a")), asyncio.create_task(doors.door("a"))
    await asyncio.sleep(0)
    first.cancel()
    directory.gate.set()
    assert (await second).settings.id == "a"
    assert first.cancelled()


async def test_a_failure_is_told_to_all_and_not_remembered(directory: Directory, doors: Doors) -> None:
    """The next who asks reads again, and finds the account that came meanwhile."""
    directory.failing = True
    directory.gate.set()
    failures = await asyncio.gather(doors.door("a"), doors.door("a"), return_exceptions=True)
    assert [type(failure) for failure in failures] == [NotFound, NotFound]
    directory.failing = False
    assert (await doors.door("a")).settings.name == "first"


async def test_what_was_read_before_a_change_is_not_kept_after_it(directory: Directory, doors: Doors) -> None:
    """`forget` while a read is under way: the old settings must not come back for half a minute."""
    asked = asyncio.create_task(doors.door("a"))
    await asyncio.sleep(0.01)
    directory.name = "second"
    doors.forget("a")
    directory.gate.set()
    await asked
    assert (await doors.door("a")).settings.name == "second"
