"""Whatever fits Amazon's specifications is read: every operation, every status, in every dress."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from contract.instances import answers, instance
from contract.specification import ABSENT, ORDERS_AND_EASY_SHIP, SELLER_CENTRAL, is_present
from packline.amazon.seller_central import parse, parse_v0
from packline.amazon.seller_central.capabilities import load
from packline.amazon.seller_central.wire import easy_ship, feeds, listings, orders, orders_v0
from packline.amazon.seller_central.wire.parts import is_there, reader
from packline.amazon.spapi import outcome
from packline.errors import AmazonError
from unit.amazon.seller_central.seller import shipment

pytestmark = pytest.mark.skipif(not is_present(), reason=ABSENT)
CAPABILITIES = load()
ESSENTIAL = frozenset({"createFeedDocument", "createFeed", "getFeedDocument", "getReportDocument"})
"""Answers that are nothing without what they are asked for: an address, an id."""


def _order(body: bytes) -> None:
    read = parse.order(body)
    facts = parse.facts(read, CAPABILITIES.of(parse.marketplace(read)))
    parse.is_ours(read)
    assert facts.amazon_id == "403-1234567-1234567"
    assert len(parse.details(body).lines) <= len(read.order_items or ())


def _search(body: bytes) -> None:
    for raw in reader(orders.OrdersPage).decode(body).orders or ():
        _order(bytes(raw))


def _one(body: bytes) -> None:
    _order(bytes(reader(orders.OneOrder).decode(body).order))


def _orders_v0(body: bytes) -> None:
    payload = reader(orders_v0.OrdersAnswer).decode(body).payload or orders_v0.OrdersPayload()
    for raw in payload.orders or ():
        parse_v0.is_ours(parse_v0.head(raw), silent=True)
        _order(bytes(raw))


def _one_v0(body: bytes) -> None:
    raw = reader(orders_v0.OrderAnswer).decode(body).payload
    if is_there(raw):
        _order(bytes(raw))


def _items_v0(body: bytes) -> None:
    payload = reader(orders_v0.ItemsAnswer).decode(body).payload or orders_v0.ItemsPayload()
    head = msgspec.Raw(b'{"AmazonOrderId":"403-1234567-1234567","OrderStatus":"Unshipped"}')
    _order(parse_v0.with_items(head, payload.order_items or ()))


def _package(body: bytes) -> None:
    _packaged(reader(easy_ship.Package).decode(body))


def _packaged(package: easy_ship.Package) -> None:
    assert parse.label(package, "PKG-1").ok
    parse.package_facts(package, shipment())
    parse.is_void(package)


def _packages(body: bytes) -> None:
    for package in reader(easy_ship.Packages).decode(body).packages or ():
        _packaged(package)


def _bulk(body: bytes) -> None:
    told = reader(easy_ship.BulkSchedule).decode(body)
    for package in told.scheduled_packages or ():
        _packaged(package)


def _slots(body: bytes) -> None:
    answer = reader(easy_ship.HandoverSlots).decode(body)
    assert len(parse.options(answer)) == len(answer.time_slots or ())


def _as(shape: type[Any]) -> Callable[[bytes], object]:
    return lambda body: reader(shape).decode(body)


READ: dict[str, Callable[[bytes], object]] = {
    "searchOrders": _search,
    "getOrder": _one,
    "getOrders": _orders_v0,
    "getOrder of v0": _one_v0,
    "getOrderItems": _items_v0,
    "listHandoverSlots": _slots,
    "createScheduledPackage": _package,
    "getScheduledPackage": _package,
    "updateScheduledPackages": _packages,
    "createScheduledPackageBulk": _bulk,
    "createFeedDocument": _as(feeds.UploadAddress),
    "createFeed": _as(feeds.CreatedFeed),
    "getFeed": _as(feeds.Feed),
    "getFeeds": _as(feeds.FeedsPage),
    "getFeedDocument": _as(feeds.DocumentAddress),
    "getReport": _as(feeds.Report),
    "getReportDocument": _as(feeds.DocumentAddress),
    "createRestrictedDataToken": _as(feeds.RestrictedToken),
    "getListingsItem": _as(listings.ListingsItem),
    "patchListingsItem": _as(listings.Submission),
}
FILES = (*ORDERS_AND_EASY_SHIP, *SELLER_CENTRAL)
EVERY = [(file, *answer) for file in FILES for answer in answers(file)] if is_present() else []


@pytest.mark.parametrize("file", FILES)
def test_every_answer_that_fits_its_specification_is_read(file: str) -> None:
    """Rule: successes are understood, refusals are told with Amazon's code; nothing crashes, nothing is dropped."""
    seen = set()
    for _, operation, status, dress in (row for row in EVERY if row[0] == file):
        body = json.dumps(instance(file, operation, status, dress)).encode()
        if status >= 400:
            error = outcome.refusal(operation, is_write=True, status=status, body=body)
            assert isinstance(error, AmazonError)
            assert error.amazon_code or not json.loads(body).get("errors"), (operation, status, dress)
            continue
        name = f"{operation} of v0" if (file, operation) == ("ordersV0.json", "getOrder") else operation
        if name not in READ:
            continue
        seen.add(name)
        try:
            READ[name](body)
        except msgspec.DecodeError as why:
            raise AssertionError(f"{name} in {dress}: {why}: {body[:400]!r}") from why
    assert seen


def test_an_answer_that_lacks_what_it_was_asked_for_is_told_and_not_guessed() -> None:
    """Rule: an address or an id that is missing is an error with the field's name."""
    for name in sorted(ESSENTIAL):
        with pytest.raises(msgspec.DecodeError, match=r"required field|Expected"):
            READ[name](b"{}")
    with pytest.raises(msgspec.DecodeError):
        _order(b'{"orderId": null}')


def test_every_operation_that_packline_asks_is_read_here() -> None:
    """Rule: a new operation needs its reader in this list."""
    from packline.amazon.seller_central.operations import OPERATIONS

    told = {"getOrderV0": "getOrder of v0", "createListingsFeed": "createFeed"}
    reports = {"createReport", "getReports"}
    assert {told.get(name, name) for name in OPERATIONS} - reports <= set(READ)
