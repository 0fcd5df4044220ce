"""Migration day's list: what is green, what is red, and that every red line has its cure."""

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from builders import NOON
from packline.domain.migration_day import DONE, PARALLEL, Day, Standing, checks

GREEN = Standing(
    account="acme-in",
    now=NOON,
    day=Day("acme-in", PARALLEL, NOON - timedelta(hours=2), ("A",), ("A", "B")),
    enabled=True,
    paused_reason=None,
    has_credentials=True,
    api="external_fulfillment",
    locations=("A", "B"),
    confirming=(),
    held=("A", "B"),
    flows=(("ACCEPTED", NOON, ""), ("CONFIRMED", NOON - timedelta(minutes=1), "")),
    returns_read_at=NOON,
    parked=0,
    strangers=0,
    came_confirmed=0,
    adopted=0,
    skus=10,
    unnumbered=10,
    behind=0,
    asks_first=True,
    numbering="milliseconds",
    webhooks=1,
    deaf=0,
    compared_orders=(NOON, 0),
    compared_system=(NOON, 0),
    compared_stock=(NOON, 0),
)


def red(**changes: Any) -> set[str]:
    """Name the red checks of a standing that is all green but for these changes."""
    found = checks(replace(GREEN, **changes))
    assert all(check.cure for check in found)
    assert len({check.name for check in found}) == len(found)
    return {check.name for check in found if not check.green}


def test_all_is_green_where_all_is_so():
    """The list can turn green."""
    assert red() == set()


def test_each_thing_that_is_not_so_is_one_red_line():
    """One change, one line."""
    old = NOON - timedelta(hours=25)
    lines: list[tuple[str, dict[str, Any]]] = [
        ("begun", {"day": None}),
        ("account", {"paused_reason": "Amazon said no"}),
        ("account", {"has_credentials": False}),
        ("locations", {"strangers": 2}),
        ("orders_read", {"flows": (("ACCEPTED", NOON - timedelta(hours=1), "503"),)}),
        ("orders_read", {"flows": ()}),
        ("returns_read", {"returns_read_at": None}),
        ("nothing_parked", {"parked": 3}),
        ("confirms_nothing", {"confirming": ("B",)}),
        ("orders_come_accepted", {"came_confirmed": 1}),
        ("nobody_else_acts", {"adopted": 1}),
        ("system_hears", {"deaf": 1}),
        ("system_hears", {"webhooks": 0}),
        ("stock_held", {"held": ("A",)}),
        ("numbers_taken_over", {"asks_first": False}),
        ("numbers_taken_over", {"behind": 1}),
        ("stock_counted", {"skus": 0}),
        ("stock_agrees", {"compared_stock": (NOON, 4)}),
        ("orders_agree", {"compared_orders": (old, 0)}),
        ("system_agrees", {"compared_system": None}),
    ]
    for name, change in lines:
        assert red(**change) == {name}, change


def test_a_comparison_from_before_the_beginning_proves_nothing():
    """It was made while only the former integrator acted."""
    assert red(compared_orders=(NOON - timedelta(hours=3), 0)) == {"orders_agree"}


def test_after_the_end_confirming_and_publishing_are_no_fault():
    """The list goes on to say what is wrong, and no longer that we act."""
    day = Day("acme-in", DONE, NOON - timedelta(hours=2))
    assert red(day=day, confirming=("A",), held=()) == set()


def test_seller_central_has_neither_returns_list_nor_sequence_numbers():
    """Those lines are not asked there."""
    assert red(api="seller_central", returns_read_at=None, asks_first=False, skus=0) == set()
