"""Let a rule take effect: offers of its scope get their source again and are reckoned anew, in steps."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from packline.domain.inventory.ledger import Balance, Key
from packline.domain.inventory.rules import Place, Rule, Rulebook
from packline.storage.stock import locked
from packline.storage.stock_offers import add_offers, locations_of, place_of, places_columns, reckon
from packline.storage.stock_rules import rules_for
from packline.storage.stock_write import columns_of
from packline.storage.wake import ring

CHUNK = 2000
_IN_SCOPE = """
select account_id, location_id, sku, channel from stock_offer
where ($1 = '' or account_id = $1) and ($2 = '' or location_id = $2) and ($3 = '' or sku = $3)
order by account_id, location_id, sku, channel
"""
_KEPT = """
select pool, location, sku from stock_balance
where (counted_at is not null or opened_at is not null) and pool = $1 and location = $2
    and ($3 = '' or sku = $3)
order by sku
"""
_SOURCES = """
select o.account_id, o.location_id, o.sku, o.channel, o.pool, o.at_location, o.item from stock_offer o
join unnest($1::text[], $2::text[], $3::text[], $4::text[]) as p(account_id, location_id, sku, channel)
    using (account_id, location_id, sku, channel)
"""
_MOVE = """
update stock_offer o set pool = n.pool, at_location = n.at_location, item = n.item
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    as n(account_id, location_id, sku, channel, pool, at_location, item)
where o.account_id = n.account_id and o.location_id = n.location_id and o.sku = n.sku and o.channel = n.channel
"""
_DROP = """
delete from stock_offer o using unnest($1::text[], $2::text[], $3::text[], $4::text[])
    as n(account_id, location_id, sku, channel)
where o.account_id = n.account_id and o.location_id = n.location_id and o.sku = n.sku and o.channel = n.channel
"""


async def apply_rule(pool: asyncpg.Pool, rule: Rule, now: datetime) -> int:
    """Let one rule take effect; give the number of places that it was looked at for. May be repeated at any time."""
    async with pool.acquire() as connection:
        places = sorted(await _places(connection, rule), key=lambda p: (p.account, p.location, p.sku, p.channel))
    for first in range(0, len(places), CHUNK):
        async with pool.acquire() as connection, connection.transaction():
            await _assign(connection, places[first : first + CHUNK], now)
    return len(places)


async def _places(connection: asyncpg.Connection, rule: Rule) -> set[Place]:
    """Find the places that are told now, and those that are to be told from now on."""
    rows = await connection.fetch(_IN_SCOPE, rule.account, rule.location, rule.sku)
    now_told = {place_of(row) for row in rows}
    rulebook = Rulebook(await rules_for(connection, [rule.sku] if rule.sku else [p.sku for p in now_told]))
    found = {p for t in now_told for p in rulebook.places(t.account, t.location, t.sku)}
    for account, location in await locations_of(connection):
        if rule.account in ("", account) and rule.location in ("", location):
            terms = rulebook.terms(Place(account, location, rule.sku))
            item = terms.item if rule.sku else ""
            for row in await connection.fetch(_KEPT, terms.pool, terms.at, item):
                found |= set(rulebook.places(account, location, rule.sku or row["sku"]))
    return now_told | found


async def _assign(connection: asyncpg.Connection, places: Sequence[Place], now: datetime) -> None:
    rulebook = Rulebook(await rules_for(connection, [place.sku for place in places]))
    rows = await connection.fetch(_SOURCES, *places_columns(places))
    before = {place_of(row): Key(row["pool"], row["at_location"], row["item"]) for row in rows}
    told = [p for p in places if p in set(rulebook.places(p.account, p.location, p.sku))]
    after = {place: _source(rulebook, place) for place in told}
    balances = await locked(connection, sorted({*before.values(), *after.values()}))
    skus = {*(place.sku for place in places), *(key.sku for key in balances)}
    rulebook = Rulebook(await rules_for(connection, sorted(skus)))  # as they are under the locks
    gone = [place for place in before if place not in after]
    await connection.execute(_DROP, *places_columns(gone))
    await add_offers(connection, [p for p, key in after.items() if p in before or balances[key].is_kept], rulebook, now)
    moved = {place: key for place, key in after.items() if before.get(place, key) != key}
    await connection.execute(_MOVE, *places_columns(list(moved)), *columns_of(list(moved.values())))
    pairs: dict[Key, tuple[Balance, Balance]] = {key: (balances[key], balances[key]) for key in after.values()}
    await ring(connection, await reckon(connection, pairs, rulebook, now))


def _source(rulebook: Rulebook, place: Place) -> Key:
    terms: Any = rulebook.terms(place)
    return Key(terms.pool, terms.at, terms.item)
