"""The list of stock rules: page by page, the widest first."""

from api.house import House
from console.conftest import room_of
from packline.console.lists import Asked
from packline.console.stock_rules_page import read
from packline.views import stock
from packline.views.paging import EVERYTHING

_RULES = """
insert into stock_rule (account_id, location_id, sku, channel, buffer_units, pending, updated_at)
select case when n % 2 = 0 then 'acme-in' else '' end, '', case when n < 3 then '' else 'SKU-' || n end, 'C' || n, n,
    false, now() from generate_series(1, 9) as n
"""


async def test_a_last_page_that_is_full_has_no_next_one(house: House):
    """Nobody is led to a page on which nothing stands."""
    await house.services.pool.execute(_RULES)
    found = await read(room_of(house), Asked({}, EVERYTHING, 9))
    assert (len(found.rows), found.next) == (9, None)


async def test_pages_of_rules_follow_each_other(house: House):
    """Each rule stands on one page, in the order of the whole list; the last page has no next one."""
    await house.services.pool.execute(_RULES)
    room, seen, after = room_of(house), [], ""
    while True:
        found = await read(room, Asked({"after": after}, EVERYTHING, 2))
        seen += [row.id for row in found.rows]
        if found.next is None:
            break
        after = found.next
    whole = await stock.rules(house.services.pool)
    assert seen == ["/".join((row["account"], row["location"], row["sku"], row["channel"])) for row in whole]
    assert len(seen) == 9
    assert not whole[0]["sku"]
