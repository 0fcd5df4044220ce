"""Intake: what listings bring, in any order and however broken."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from builders import facts
from fakes import account, id_of, page
from packline.domain.events import GoalSet, PackagesAdopted, Received
from packline.domain.location import Location, StockOn
from packline.domain.reports import SeenPackage
from packline.domain.shipment import Goal, Status
from packline.driver.intake import FLOOD
from packline.errors import Rejected, Unauthorized, Unavailable
from unit.driver.driving import Shop


async def test_a_new_shipment_is_stored_in_amazons_status() -> None:
    """Whatever the status in which it is first seen."""
    shop = Shop()
    shop.amazon.pages["SHIPPED"].append(page((facts("SHIPPED"), b"body")))
    await shop.work()
    assert shop.row().status is Status.SHIPPED
    assert shop.store.bodies[id_of("S-1")] == b"body"
    assert isinstance(shop.store.events[0][1], Received)


async def test_every_status_is_polled_and_only_where_stock_is_on_listings_created_is_news() -> None:
    """ACCEPTED is polled often; CREATED as often where new orders come in it."""
    shop = Shop(poll_new_s=5, poll_rest_s=30)
    await shop.work_for(0.5)
    asked = [query.listing for query, _ in shop.amazon.asked]
    assert set(asked) == set(Status)
    assert asked.count(Status.ACCEPTED) >= 4
    assert asked.count(Status.CREATED) <= 2
    shop = Shop(poll_new_s=5, poll_rest_s=30)
    shop.store.account_rows["acme-in"] = account(stock_on=StockOn.LISTINGS)
    await shop.work_for(0.5)
    assert [query.listing for query, _ in shop.amazon.asked].count(Status.CREATED) >= 4


async def test_the_first_look_goes_back_and_later_windows_overlap() -> None:
    """A window starts before the end of the one before it, because Amazon's listings lag."""
    shop = Shop()
    began = shop.clock.now()
    updated = began - timedelta(minutes=10)
    shop.amazon.pages["ACCEPTED"].append(page((replace(facts(), as_of=updated), b"x")))
    await shop.work_for(0.2)
    after = [query.after for query, _ in shop.amazon.asked if query.listing == "ACCEPTED"]
    assert after[0] == began - timedelta(days=7) - timedelta(seconds=60)
    assert after[1] == updated - timedelta(seconds=60)


async def test_a_clock_that_runs_ahead_of_amazons_loses_nothing() -> None:
    """Windows are measured by Amazon's updates: while it tells of none, the window does not move with our clock."""
    shop = Shop()
    began = shop.clock.now()
    await shop.work_for(0.2)
    after = [query.after for query, _ in shop.amazon.asked if query.listing == "ACCEPTED"]
    assert after[1] is not None
    assert after[1] < began - timedelta(days=6)


async def test_a_listing_that_says_how_far_it_is_complete_moves_the_window_without_news() -> None:
    """Where others' orders fill Amazon's pages, they are not read again at every look; never beyond our own time."""
    shop = Shop()
    began = shop.clock.now()
    told = began - timedelta(minutes=2)
    shop.amazon.pages["ACCEPTED"] += [replace(page(), until=told), replace(page(), until=began + timedelta(days=1))]
    await shop.work_for(0.3)
    after = [query.after for query, _ in shop.amazon.asked if query.listing == "ACCEPTED"]
    assert after[1] == told - timedelta(seconds=60)
    assert after[2] <= shop.clock.now()


async def test_an_update_from_the_future_does_not_move_the_window_there() -> None:
    """One record with a wrong time must not hide those that come after it."""
    shop = Shop()
    shop.amazon.pages["ACCEPTED"].append(page((replace(facts(), as_of=shop.clock.now() + timedelta(days=900)), b"x")))
    await shop.work_for(0.2)
    after = [query.after for query, _ in shop.amazon.asked if query.listing == "ACCEPTED"]
    assert after[1] is not None
    assert after[1] <= shop.clock.now()


async def test_an_empty_page_with_a_token_is_not_the_end() -> None:
    """The token is followed until there is none, also where Amazon gives the same one again."""
    shop = Shop()
    shop.amazon.pages["ACCEPTED"] += [page(token="t1"), page(token="t1"), page((facts(), b"x"))]
    await shop.work()
    assert [token for query, token in shop.amazon.asked if query.listing == "ACCEPTED"][:3] == [None, "t1", "t1"]
    assert shop.row().status is Status.ACCEPTED


async def test_a_listing_that_runs_in_a_circle_is_given_up_for_this_time() -> None:
    """What it told is taken in; its other pages are asked for at the next look, and the other listings meanwhile."""
    shop = Shop()
    circle = [page((facts(amazon_id=f"S-{n}"), b"x"), token="ABC"[n % 3]) for n in range(90)]
    shop.amazon.pages["ACCEPTED"] += circle
    await shop.work()
    asked = [token for query, token in shop.amazon.asked if query.listing == "ACCEPTED"]
    assert asked.count("A") < 12
    assert any("circle" in reason for _, _, reason in shop.store.parked)
    assert {query.listing for query, _ in shop.amazon.asked} > {"ACCEPTED"}


async def test_one_poisoned_record_is_parked_and_the_others_go_on() -> None:
    """Unreadable, of an unknown location, program or status, unfit to be stored: each keeps its bytes and a reason."""
    shop = Shop()
    entries = (
        (facts(amazon_id="S-1"), b"1"),
        (facts(amazon_id="S-2", location="NOWHERE"), b"2"),
        (facts(amazon_id="S-3", channel="??"), b"3"),
        (facts("TELEPORTED", amazon_id="S-4"), b"4"),
        (facts(amazon_id="S-5"), b"5"),
        (facts(amazon_id="S-6", order_id="402\x1f1"), b"6"),
        (facts(amazon_id="S-7", sub_status="\x00"), b"7"),
        (facts(amazon_id="S-8", items=(("SKU-1", 10**12),)), b"8"),
        (facts(amazon_id="S-9", items=(("SKU-1", 1), ("SKU-2", -1))), b"9"),
        (facts(amazon_id="S-10", items=(("SKU\x00", 1),)), b"10"),
    )
    shop.amazon.pages["ACCEPTED"].append(page(*entries, unreadable=[(b"{", "not JSON")]))
    await shop.work()
    assert sorted(row.amazon_id for row in shop.store.rows.values()) == ["S-1", "S-5"]
    assert [body for _, body, _ in shop.store.parked] == [b"{", b"2", b"3", b"4", b"6", b"7", b"8", b"9", b"10"]
    assert all(reason for _, _, reason in shop.store.parked)


async def test_the_same_page_twice_changes_nothing() -> None:
    """The hash of the body tells that it was read before."""
    shop = Shop()
    shop.amazon.pages["ACCEPTED"] += [page((facts(), b"x")), page((facts(), b"x"))]
    await shop.work_for(0.2)
    assert shop.row().version == 1
    assert len(shop.store.events) == 1


async def test_after_a_page_of_new_shipments_the_next_is_not_asked_for() -> None:
    """A flood is inserted as it comes; what of it is known already is told apart afterwards."""
    shop = Shop()
    names = [f"S-{n:03}" for n in range(3 * FLOOD)]
    first, second, third = names[:FLOOD], names[FLOOD : 2 * FLOOD], names[FLOOD + 1 :]
    changed = facts("CONFIRMED", 1, amazon_id=names[1])
    pages = [[(facts(amazon_id=name), name.encode()) for name in some] for some in (first, second, third)]
    pages[2] += [(facts(amazon_id=names[0]), names[0].encode()), (changed, b"changed")]
    asked: list[Sequence[str]] = []
    known = shop.store.known

    async def count(ids: Sequence[str]) -> dict[str, tuple[datetime, bytes]]:
        asked.append(ids)
        return await known(ids)

    shop.store.known = count  # type: ignore[method-assign]
    shop.amazon.pages["ACCEPTED"] += [page(*pages[0], token="1"), page(*pages[1], token="2"), page(*pages[2])]
    await shop.work()
    assert len(asked) == 2
    assert set(asked[1]) == {id_of(name) for name in (*second[1:], names[0], names[1])}
    assert sorted(row.amazon_id for row in shop.store.rows.values()) == names
    assert {row.amazon_id for row in shop.store.rows.values() if row.version != 1} == {names[1]}
    assert shop.store.rows[id_of(names[1])].status is Status.CONFIRMED


async def test_a_record_older_than_what_is_known_is_ignored() -> None:
    """Pages come out of order; `as_of` decides."""
    shop = Shop()
    shop.amazon.pages["CONFIRMED"].append(page((facts("CONFIRMED", 5), b"new")))
    shop.amazon.pages["PACKAGE_CREATED"].append(page((facts("ACCEPTED", 1), b"old")))
    await shop.work()
    assert shop.row().status is Status.CONFIRMED
    assert shop.store.bodies[id_of("S-1")] == b"new"


async def test_a_shipment_that_someone_else_moved_is_told() -> None:
    """SmartHub confirmed it: the shipment follows, with its events."""
    shop = Shop()
    shop.amazon.pages["ACCEPTED"].append(page((facts(), b"x")))
    await shop.work()
    shop.amazon.pages["CONFIRMED"].append(page((facts("CONFIRMED", 1), b"y")))
    await shop.work_for(1)
    assert shop.row().status is Status.CONFIRMED
    assert shop.store.bodies[id_of("S-1")] == b"y"


async def test_packages_that_exist_when_a_shipment_is_first_seen_are_adopted() -> None:
    """A seller who moves to Packline in the middle of the day loses none of them."""
    shop = Shop()
    told = facts("PACKAGE_CREATED", packages=(SeenPackage("P-9", "CREATED", lines=(("L-1", 2),)),))
    shop.amazon.pages["PACKAGE_CREATED"].append(page((told, b"x")))
    await shop.work()
    assert [p.id for p in shop.row().packages] == ["P-9"]
    assert any(isinstance(event, PackagesAdopted) for _, event in shop.store.events)


async def test_a_location_that_confirms_by_itself_gives_new_shipments_their_goal() -> None:
    """And the driver confirms them in the same drain."""
    shop = Shop()
    shop.store.places = [Location("acme-in", "EXSB", auto_confirm=True)]
    told = facts()
    shop.amazon.world["S-1"] = told
    shop.amazon.pages["ACCEPTED"].append(page((told, b"x")))
    await shop.work()
    assert shop.row().goal is Goal.CONFIRMED
    assert shop.row().status is Status.CONFIRMED
    assert any(isinstance(e, GoalSet) and e.command == "auto_confirm" for _, e in shop.store.events)


async def test_a_shipment_whose_stock_arrives_is_confirmed_then() -> None:
    """Seen as CREATED it waits; when Amazon shows ACCEPTED it gets its goal."""
    shop = Shop()
    shop.store.places = [Location("acme-in", "EXSB", auto_confirm=True)]
    shop.amazon.world["S-1"] = facts("ACCEPTED", 1)
    shop.amazon.pages["CREATED"].append(page((facts("CREATED"), b"x")))
    await shop.work()
    assert shop.row().goal is None
    shop.amazon.pages["ACCEPTED"].append(page((facts("ACCEPTED", 1), b"y")))
    await shop.work_for(0.3)
    assert shop.row().status is Status.CONFIRMED


async def test_the_cursor_moves_only_when_everything_is_stored() -> None:
    """A listing that breaks off is read again from where it began."""
    shop = Shop()
    shop.amazon.pages["ACCEPTED"] += [page((facts(), b"x"), token="t"), Unavailable("gone")]
    await shop.work()
    cursor = shop.store.kept["", "ACCEPTED"]
    assert cursor.after is None
    assert cursor.error == "gone"
    await shop.work_for(0.2)
    assert shop.store.kept["", "ACCEPTED"].succeeded_at is not None
    assert shop.store.kept["", "ACCEPTED"].error is None


async def test_where_amazon_does_not_list_all_locations_each_is_polled_by_itself() -> None:
    """A refusal of the listing without a location is taken as a no."""
    shop = Shop()
    shop.store.places = [Location("acme-in", "EXSB"), Location("acme-in", "EDD9")]
    shop.amazon.pages["ACCEPTED"].append(Rejected("locationId is required"))
    await shop.work_for(0.5)
    asked = {query.location for query, _ in shop.amazon.asked if query.listing == "ACCEPTED"}
    assert asked == {None, "EXSB", "EDD9"}


async def test_a_refused_sign_in_pauses_the_account() -> None:
    """Polling stops at once, and the reason is kept."""
    shop = Shop()
    shop.amazon.pages["ACCEPTED"].append(Unauthorized("token revoked"))
    await shop.work()
    assert shop.store.paused == {"acme-in": "token revoked"}
    assert len(shop.amazon.asked) == 1


async def test_a_notification_makes_the_shipment_be_read() -> None:
    """Its message is done only after what it tells of is stored."""
    shop = Shop()
    shop.amazon.pages["ACCEPTED"].append(page((facts(), b"x")))
    await shop.work()
    shop.amazon.world["S-1"] = replace(facts("CONFIRMED", 1))
    shop.store.inbox[1] = "S-1"
    await shop.work_for(0.2)
    assert shop.row().status is Status.CONFIRMED
    assert shop.store.inbox == {}


async def test_shipments_of_a_location_that_is_added_late_still_come_in() -> None:
    """The listing that passed them over is read again from the beginning, even where it was under way just then."""
    shop = Shop()
    shop.amazon.pages["ACCEPTED"] += [page((facts(location="LATE"), b"1")), page((facts(location="LATE"), b"1"))]
    park = shop.store.park

    async def add_location(*parked: object) -> None:
        await park(*parked)  # type: ignore[arg-type]
        shop.store.places.append(Location("acme-in", "LATE"))
        shop.store.kept.clear()

    shop.store.park = add_location  # type: ignore[method-assign]
    await shop.work()
    after = [query.after for query, _ in shop.amazon.asked if query.listing == "ACCEPTED"]
    assert after[1] == after[0]
    assert shop.row().location == "LATE"


async def test_a_refused_sign_in_is_asked_once_and_not_for_every_status() -> None:
    """The account is paused, so that the other listings are not read."""
    shop = Shop()
    shop.amazon.pages["ACCEPTED"].append(Unauthorized("Sign-in refused."))
    await shop.work()
    assert [query.listing for query, _ in shop.amazon.asked] == [Status.ACCEPTED]


async def test_the_window_begins_at_an_order_that_amazon_could_not_tell_of_in_full() -> None:
    """Those beside it are stored now; the one that stood aside is listed again until it can be read."""
    shop = Shop()
    told = shop.clock.now() - timedelta(minutes=2)
    late = told - timedelta(minutes=8)
    shop.amazon.pages["ACCEPTED"] += [
        replace(page((facts(), b"x"), token="t"), postponed=late),
        replace(page(), until=told),
        replace(page(), until=told),
    ]
    await shop.work_for(0.3)
    after = [query.after for query, token in shop.amazon.asked if query.listing == "ACCEPTED" and token is None]
    assert after[1] == late - timedelta(seconds=60)
    assert after[2] == told - timedelta(seconds=60)
    assert shop.row().status is Status.ACCEPTED
