"""The long run's warehouse: what it does again, because an answer was lost, it has done once."""

from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from builders import NOON
from packline.bootstrap import Services
from packline.domain.endpoint import FeedEvent
from packline.storage.database import AWAY
from soak.book import Book
from soak.town import Town
from soak.warehouse import Warehouse

SHELF = ("asoakshop", "LEJ1", "SEEDS")


class Clock:
    """Time that the test moves."""

    at = 0.0

    def monotonic(self) -> float:
        """Tell the seconds."""
        return self.at


class Dock:
    """A dock whose answers are lost as often as the test says."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self.lost = 0

    async def receive(self, item: str, _pieces: Any, *, key: str, by: str) -> None:
        """Take it in, and lose the answer while there is something to lose."""
        assert key
        assert by
        self.received.append(item)
        if self.lost and len(self.received) > 2:
            self.lost -= 1
            raise ConnectionResetError("the database went away")


def warehouse(seed: int = 1) -> tuple[Warehouse, Clock, Dock]:
    """Make a warehouse that knows two returns of two units, both at its door, and expects nothing else."""
    clock, dock = Clock(), Dock()

    async def bodies(_names: list[str]) -> dict[str, bytes]:
        return {}

    tickets = SimpleNamespace(bodies=bodies)
    services = SimpleNamespace(pool=None, returns=None, accounts=None, clock=clock, tickets=tickets)
    town = SimpleNamespace(shops=(), shelf=lambda account, location, sku: (account, location, sku), sim=None)
    made = Warehouse(cast(Services, services), cast(Town, town), seed)
    vars(made)["_dock"] = dock
    vars(made)["_central"] = {"asoakshop"}  # its floor is not counted at Amazon: no simulator is asked
    for item in _good(2):
        news = made.book.read(_came_back(item))
        assert news.came_back is not None
        made._expect("asoakshop", news.came_back)
    return made, clock, dock


def _good(count: int) -> list[str]:
    """Name returns whose units the warehouse will find sellable: it draws that by the name."""
    probe = Warehouse.__new__(Warehouse)
    names = (f"ret_{number}" for number in range(1000))
    return [name for name in names if probe._is_drawn(name, 0.7)][:count]


def _event(name: str, data: dict[str, Any]) -> FeedEvent:
    return FeedEvent(
        cursor="1.1", name=name, at=NOON, cause="test", account="asoakshop", shipment=None, location="LEJ1",
        data=msgspec.json.encode(data),
    )  # fmt: skip


def _came_back(item: str) -> FeedEvent:
    told = {"id": item, "amazon_id": item, "status": "DELIVERED", "kind": "customer", "location": "LEJ1"}
    return _event("return.delivered", {"return": {**told, "sku": "SEEDS", "units": 2, "received_units": 0}})


def _told(name: str, status: str, version: int, **event: Any) -> FeedEvent:
    told = {"id": "shp_1", "amazon_id": "A1", "account": "asoakshop", "location": "LEJ1", "program": "seller_flex"}
    return _event(name, {"event": event, "shipment": {**told, "status": status, "sub_status": "", "version": version}})


def _moved(status: str, version: int, name: str) -> FeedEvent:
    return _told(name, status, version, items=[["SEEDS", 2]])


async def test_a_return_that_is_told_again_lies_on_the_shelf_once() -> None:
    """The database that goes away between two returns has both told again; each lies in the book once."""
    made, clock, dock = warehouse()
    clock.at, dock.lost = 4 * 3600.0, 1
    with pytest.raises(AWAY):
        await made._act()
    assert made.overdue() == 2, "what is not known to be done is still to be done"
    await made._act()
    assert made.restocked == {SHELF: 4}
    assert (made.overdue(), made.planned) == (0, 0)
    assert len(set(dock.received)) == 2


def test_what_is_drawn_for_a_thing_does_not_hang_on_when_it_came() -> None:
    """The same seed plans the same hour for a return, whatever came before it; another seed another hour."""
    one, again, other = ({task.subject: task.due for task in warehouse(seed)[0]._due} for seed in (1, 1, 2))
    assert one == again
    assert one != other


def test_what_was_refused_because_the_parcel_left_is_not_asked_again() -> None:
    """A person gives a command again that Amazon refused, but not for a parcel that is with the carrier."""
    book = Book()
    for problem, refused in (("refused_by_amazon", "refused_by_amazon"), ("parcel_has_left", "")):
        book.read(_told("command.rejected", "SHIPPED", 1, problem={"code": problem}))
        assert book.shipments["shp_1"].refused == refused


def test_a_parcel_that_amazon_saw_leaving_has_left() -> None:
    """What SmartHub or a carrier took away is gone for the book too, though the warehouse handed nothing over."""
    book = Book()
    book.read(_moved("ACCEPTED", 1, "shipment.received"))
    assert not book.shipments["shp_1"].has_left
    book.read(_moved("SHIPPED", 2, "shipment.adopted"))
    book.read(_moved("CANCELLED", 3, "shipment.cancelled"))
    assert book.shipments["shp_1"].has_left
