"""Many orders from one room: what one takes is gone for the next, and a shared shelf counts once."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from packline.domain.inventory.ledger import Key
from packline.domain.routing.order import Demand, Site
from packline.domain.routing.room import Room

SKUS, NAMES = ("A", "B", "C"), ("L0", "L1", "L2", "L3")
KEYS = [Key(pool, "SHELF", sku) for pool in ("one", "two") for sku in SKUS]
shelves_of = st.dictionaries(
    st.sampled_from(NAMES), st.dictionaries(st.sampled_from(SKUS), st.sampled_from(["one", "two"])), max_size=4
)
units_of = st.dictionaries(st.sampled_from(KEYS), st.integers(0, 6))
orders_of = st.lists(
    st.lists(st.tuples(st.sampled_from(SKUS), st.integers(1, 4)), min_size=1, max_size=3), min_size=1, max_size=6
)


@settings(max_examples=300, deadline=None)
@given(shelves_of, units_of, orders_of, st.sampled_from([None, 1, 2]))
def test_nothing_is_promised_twice(drawn, units, orders, capacity):
    """Over all orders no shelf gives more than it had, no location takes more parcels than it can."""
    shelves = {name: {sku: Key(pool, "SHELF", sku) for sku, pool in of.items()} for name, of in drawn.items()}
    room = Room([Site(name, {}, None, 100, capacity) for name in NAMES], shelves, dict(units))
    given_out, parcels = Counter(), Counter()
    for number, order in enumerate(orders):
        lines = [Demand(f"{number}-{n}", sku, count) for n, (sku, count) in enumerate(order)]
        found = room.allocate(lines)
        served = sum(parcel.units for parcel in found.parcels) + sum(count for _, _, count in found.short)
        assert served == sum(line.units for line in lines)
        for one in room.take(found):
            given_out[one.key] += one.units
        parcels.update(parcel.location for parcel in found.parcels)
    assert all(count <= units.get(key, 0) for key, count in given_out.items())
    assert capacity is None or all(count <= capacity for count in parcels.values())


def test_a_shared_shelf_ships_from_where_the_rest_of_the_order_lies():
    """Both draw on the kurtas, only one has sarees: one parcel, and it is said that the shelf counts once."""
    kurtas, sarees = Key("common", "SHELF", "KURTA"), Key("own", "SHELF", "SAREE")
    shelves = {"DEL1": {"KURTA": kurtas}, "BLR1": {"KURTA": kurtas, "SAREE": sarees}}
    room = Room([Site("DEL1", {}, priority=1), Site("BLR1", {})], shelves, {kurtas: 3, sarees: 1})
    found = room.allocate([Demand("1", "KURTA", 2), Demand("2", "SAREE", 1)])
    assert [parcel.location for parcel in found.parcels] == ["BLR1"]
    assert "BLR1 and DEL1 draw on the same shelf: its units count once." in found.why
    room.take(found)
    left = room.allocate([Demand("1", "KURTA", 2)])
    assert [(p.location, p.units) for p in left.parcels] == [("DEL1", 1)]
    assert left.short == (("1", "KURTA", 1),)
    again = room.allocate([Demand("1", "KURTA", 1)], rejected=("DEL1",))
    assert [parcel.location for parcel in again.parcels] == ["BLR1"]
