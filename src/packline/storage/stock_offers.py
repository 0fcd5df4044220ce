"""What Amazon is to be told: offers reckoned anew where balances or rules changed, and the outbox for publishing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from packline.domain.inventory.ledger import Balance, Key
from packline.domain.inventory.offer import Offer, OfferState, Told, Wanted, offer
from packline.domain.inventory.rules import Place, Rulebook
from packline.storage.stock_rules import rules_for

_OFFERS = """
select o.account_id, o.location_id, o.sku, o.channel, o.pool, o.at_location, o.item, o.wanted,
    coalesce(r.units, 0) as own, a.stock_on = 'inventory' as amazon_subtracts
from unnest($1::text[], $2::text[], $3::text[]) as k(pool, location, sku)
join stock_offer o on o.item = k.sku and o.at_location = k.location and o.pool = k.pool
join account a on a.id = o.account_id
left join stock_reserved r on r.pool = k.pool and r.location = k.location and r.sku = k.sku
    and r.account_id = o.account_id and r.place = o.location_id and r.merchant_sku = o.sku
"""
_ADD = """
insert into stock_offer (account_id, location_id, sku, channel, pool, at_location, item, wanted, wanted_seq, changed_at)
select *, -1, 0, $8 from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    as o(account_id, location_id, sku, channel, pool, at_location, item) order by account_id, location_id, sku, channel
on conflict do nothing
"""
_SAVE = """
with n as (
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[])
        as n(account_id, location_id, sku, channel, wanted)
), saved as (
    update stock_offer o set wanted = n.wanted, wanted_seq = nextval('stock_offer_seq'), changed_at = $6,
        state = case when o.state = 'refused' then o.state when o.published = n.wanted then 'settled'
            else 'waiting' end
    from n where o.account_id = n.account_id and o.location_id = n.location_id and o.sku = n.sku
        and o.channel = n.channel
)
insert into event (at, account_id, location_id, name, cause, data)
select $6, * from unnest($7::text[], $8::text[], $9::text[], $10::text[], $11::bytea[])
"""
_LOCATIONS = "select account_id, id from location where enabled order by account_id, id"
_TAKE = """
select o.* from stock_offer o
where o.account_id = $1 and o.state = 'waiting' and o.wanted >= 0
    and not exists (select 1 from stock_hold h where h.account_id = o.account_id and h.location_id = o.location_id)
order by (o.wanted <> 0), (o.published is not null and o.wanted > o.published), o.changed_at, o.wanted_seq
limit $2
"""
_TOLD = """
update stock_offer o set
    published = coalesce(t.quantity, o.published), published_seq = coalesce(t.sequence, o.published_seq),
    published_at = case when t.quantity is null then o.published_at else $9 end, error = t.error,
    state = case when t.state = 'refused' then 'refused'
        when o.wanted = coalesce(t.quantity, o.published) then 'settled' else 'waiting' end
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::bigint[], $7::text[], $8::text[])
    as t(account_id, location_id, sku, channel, quantity, sequence, state, error)
where o.account_id = t.account_id and o.location_id = t.location_id and o.sku = t.sku and o.channel = t.channel
    and (t.sequence is null or t.sequence >= coalesce(o.published_seq, t.sequence))
"""
_RETRY = """
update stock_offer set state = 'waiting', error = '' where state = 'refused' and account_id = $1
    and ($2::text is null or location_id = $2) and ($3::text is null or sku = $3)
"""


class StockOffers:
    """The outbox of offers. One owner of an account at a time sends, so nothing is claimed here.

    The contract for whoever publishes:

    - `take_changed(account, limit)` gives what Amazon does not know yet, in the order of sending: zero first, then
      what falls, then what rises. Nothing of a location that is held, nothing that was refused. The same rows come
      again until `published` tells of them; a row holds the last value only, so what changes meanwhile costs no call.
    - Send, then `published(results)` for each item: `Told(place, wanted_seq, quantity, sequence, state)` with the
      quantity and sequence number that Amazon is now known to have. State SETTLED or WAITING is decided here (a wanted
      number that changed meanwhile stays waiting); REFUSED puts it on a person's list with `error`, until `retry`.
      An answer with a lower sequence number than the one known is ignored, so late answers do no harm.
    - After an unclear answer, tell nothing: the row stays waiting, and is read back or sent again with a new number.
    - `wanted` and its `wanted_seq` change in the transaction of the ledger, which rings the account.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def take_changed(self, account: str, limit: int) -> list[Wanted]:
        """Read what Amazon is to be told, in the order of sending."""
        return [wanted_of(row) for row in await self._pool.fetch(_TAKE, account, limit)]

    async def published(self, results: Sequence[Told], now: datetime) -> None:
        """Note what Amazon now knows, or why it refused."""
        if results:
            await self._pool.execute(_TOLD, *_told_columns(results), now)

    async def retry(self, account: str, location: str | None = None, sku: str | None = None) -> int:
        """Let refused offers be sent again; give their number."""
        done: str = await self._pool.execute(_RETRY, account, location, sku)
        return int(done.rpartition(" ")[2])


async def refresh(
    connection: asyncpg.Connection, changed: Mapping[Key, tuple[Balance, Balance]], now: datetime
) -> list[str]:
    """Reckon the offers of balances (before, after) that the caller holds locked; give the accounts to ring.

    Where a key was counted for the first time, everybody who sells it gets an offer.
    """
    kept = {key: pair for key, pair in changed.items() if pair[1].is_kept}
    if not kept:
        return []
    rulebook = Rulebook(await rules_for(connection, [key.sku for key in kept]))
    await _add_new(connection, [key for key, (old, _) in kept.items() if not old.is_kept], rulebook, now)
    return await reckon(connection, kept, rulebook, now)


async def reckon_keys(
    connection: asyncpg.Connection, pairs: Mapping[Key, tuple[Balance, Balance]], now: datetime
) -> list[str]:
    """Reckon every offer of balances that the caller holds locked, whether they changed or not."""
    return await reckon(connection, pairs, Rulebook(await rules_for(connection, [key.sku for key in pairs])), now)


async def reckon(
    connection: asyncpg.Connection, kept: Mapping[Key, tuple[Balance, Balance]], rulebook: Rulebook, now: datetime
) -> list[str]:
    """Write the offers that are not what they should be, with their events; give the accounts that must publish."""
    rows = await connection.fetch(_OFFERS, *_keys(kept))
    saved: list[tuple[Place, int, int]] = []
    for row in rows:
        key, place = Key(row["pool"], row["at_location"], row["item"]), place_of(row)
        made = offer_of(kept[key][1], row, rulebook)
        if made.quantity != row["wanted"]:
            saved.append((place, row["wanted"], made.quantity))
    events = [_changed(*one) for one in saved] + _sold_out(kept, rows)
    if not saved and not events:
        return []
    places = [place for place, _, _ in saved]
    columns = [list(column) for column in zip(*events, strict=True)]
    await connection.execute(_SAVE, *places_columns(places), [wanted for _, _, wanted in saved], now, *columns)
    return sorted({place.account for place in places})


async def add_offers(
    connection: asyncpg.Connection, places: Sequence[Place], rulebook: Rulebook, now: datetime
) -> None:
    """Make rows for places that have none yet; their number is reckoned by the caller."""
    terms = [rulebook.terms(place) for place in places]
    await connection.execute(
        _ADD, *places_columns(places), [t.pool for t in terms], [t.at for t in terms], [t.item for t in terms], now
    )


async def locations_of(connection: asyncpg.Connection) -> list[tuple[str, str]]:
    """List all (account, location) that are enabled."""
    return [(row["account_id"], row["id"]) for row in await connection.fetch(_LOCATIONS)]


def offer_of(balance: Balance, row: Any, rulebook: Rulebook) -> Offer:
    """Reckon the offer of a row that has `own` and `amazon_subtracts`."""
    return offer(balance, rulebook.terms(place_of(row)), row["own"], amazon_subtracts=row["amazon_subtracts"])


def place_of(row: Any) -> Place:
    """Make the place of a row."""
    return Place(row["account_id"], row["location_id"], row["sku"], row["channel"])


def wanted_of(row: Any) -> Wanted:
    """Make the outbox's value of a row."""
    return Wanted(
        place=place_of(row),
        key=Key(row["pool"], row["at_location"], row["item"]),
        quantity=row["wanted"],
        wanted_seq=row["wanted_seq"],
        changed_at=row["changed_at"],
        published=row["published"],
        published_seq=row["published_seq"],
        state=OfferState(row["state"]),
        error=row["error"],
    )


async def _add_new(connection: asyncpg.Connection, keys: Sequence[Key], rulebook: Rulebook, now: datetime) -> None:
    if not keys:
        return
    locations = await locations_of(connection)
    places = [place for key in keys for place in rulebook.sellers(*key, locations)]
    if places:
        await add_offers(connection, places, rulebook, now)


def _changed(place: Place, before: int, wanted: int) -> tuple[str, str, str, str, bytes]:
    data = {
        "type": "stock_changed",
        "sku": place.sku,
        "channel": place.channel,
        "before": None if before < 0 else before,
        "after": wanted,
    }
    return _event(place.account, place.location, "stock.changed", data)


def _sold_out(
    kept: Mapping[Key, tuple[Balance, Balance]], rows: Sequence[Any]
) -> list[tuple[str, str, str, str, bytes]]:
    """Tell where more is sold than there is, and where that is over, once for each change of the number."""
    sellers: dict[Key, Any] = {}
    for row in rows:
        sellers.setdefault(Key(row["pool"], row["at_location"], row["item"]), row)
    told = []
    for key, (old, new) in kept.items():
        if old.oversold == new.oversold or key not in sellers:
            continue
        name = "stock.oversold" if new.oversold else "stock.recovered"
        row = sellers[key]
        data = {
            "type": name.replace(".", "_"),
            "pool": key.pool,
            "location": key.location,
            "sku": key.sku,
            "units": new.oversold,
            "on_hand": new.on_hand,
            "reserved": new.reserved,
        }
        told.append(_event(row["account_id"], row["location_id"], name, data))
    return told


def _event(account: str, location: str, name: str, data: dict[str, Any]) -> tuple[str, str, str, str, bytes]:
    return account, location, name, "packline", msgspec.json.encode({"event": data})


def _keys(keys: Mapping[Key, Any]) -> list[list[str]]:
    return [[key.pool for key in keys], [key.location for key in keys], [key.sku for key in keys]]


def places_columns(places: Sequence[Place]) -> list[list[str]]:
    """Lay places out as columns."""
    return [
        [p.account for p in places],
        [p.location for p in places],
        [p.sku for p in places],
        [p.channel for p in places],
    ]


def _told_columns(results: Sequence[Told]) -> list[list[Any]]:
    return [
        *places_columns([t.place for t in results]),
        [t.quantity for t in results],
        [t.sequence for t in results],
        [t.state.value for t in results],
        [t.error for t in results],
    ]
