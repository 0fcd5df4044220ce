"""Stock as people and programs read it: balances, entries, rules, holds, and why Amazon is told a number."""

from typing import Any, cast

import asyncpg

from packline.domain.inventory.ledger import Balance
from packline.domain.inventory.offer import offer
from packline.domain.inventory.rules import Place, Rule, Rulebook
from packline.errors import NotFound
from packline.views.paging import EVERYTHING, Conditions, Rows, Scope, decode_cursor, encode_cursor
from packline.views.stock_rows import (
    AFTER_PLACE,
    HoldRow,
    OfferRow,
    SpotRow,
    StepRow,
    StockEntryRow,
    StockRow,
    StockRuleRow,
    WhyRow,
)

_BALANCE = "on_hand, reserved, picked, labelled, unsellable, counted_at, last_at, unscanned_at, opened_at"
_RULE = (
    "account_id as account, location_id as location, sku, channel, pool, at_location as at, item, buffer_units,"
    " buffer_percent, minimum, maximum, stop_sale"
)
_AFTER_RULE = (
    "(stock_rule.sku <> '', account_id, location_id, stock_rule.sku, channel)"
    " > ({}::bool, {}::text, {}::text, {}::text, {}::text)"
)
_RULES_FOR = f"""
select {_RULE} from stock_rule where sku = '' or sku = $1
"""
_OFFER = (
    "account_id, location_id, sku, channel, wanted, published, published_seq, published_at, state, error, changed_at"
)
_SPOTS = """
select bin, serial, units from stock_spot
where pool = $1 and location = $2 and sku = $3 and units <> 0 order by bin, serial limit 1000
"""
_OWN = """
select coalesce(sum(units), 0)::int from stock_reserved
where pool = $1 and location = $2 and sku = $3 and account_id = $4 and place = $5 and merchant_sku = $6
"""


async def stock(
    pool: asyncpg.Pool,
    *,
    account: str | None = None,
    location: str | None = None,
    sku: str | None = None,
    begins: str | None = None,
    from_pool: str | None = None,
    scope: Scope = EVERYTHING,
    limit: int = 100,
    after: str | None = None,
) -> Rows[StockRow]:
    """List balances with their offers, by SKU; with an account or location only what is sold there.

    `begins` is how the SKU begins.
    """
    conditions = Conditions()
    conditions.add_if("b.sku = {}", sku)
    if begins:
        conditions.add("b.sku >= {} and b.sku < {} || chr(1114111)", begins, begins)
    conditions.add_if("b.pool = {}", from_pool)
    _only_sold(conditions, account, location, scope)
    if after:
        conditions.add("(b.sku, b.location, b.pool) > ({}, {}, {})", *decode_cursor(after, str, str, str))
    rows = await pool.fetch(
        f"select b.pool, b.location, b.sku, {_BALANCE} from stock_balance b {conditions.where}"
        f" order by b.sku, b.location, b.pool limit {int(limit)}",
        *conditions.values,
    )
    offers = await _offers_of(pool, rows, scope)
    items = [_stock(row, offers.get((row["pool"], row["location"], row["sku"]), [])) for row in rows]
    last = rows[-1] if len(rows) == limit else None
    return Rows(items, encode_cursor(last["sku"], last["location"], last["pool"]) if last else None)


async def why(pool: asyncpg.Pool, place: Place, scope: Scope = EVERYTHING) -> WhyRow:
    """Reckon the number of a place anew and tell every step.

    Raises NotFound where the account does not exist or is not the reader's to see.
    """
    stock_on = await pool.fetchval("select stock_on from account where id = $1", place.account)
    if stock_on is None or not scope.sees(place.account, place.location):
        raise NotFound(f"There is no account {place.account} with location {place.location}.")
    rules = [Rule(**dict(row)) for row in await pool.fetch(_RULES_FOR, place.sku)]
    terms = Rulebook(rules).terms(place)
    key = (terms.pool, terms.at, terms.item)
    sql = f"select {_BALANCE} from stock_balance where pool = $1 and location = $2 and sku = $3"
    balance = _balance(await pool.fetchrow(sql, *key))
    own = await pool.fetchval(_OWN, *key, place.account, place.location, place.sku)
    made = offer(balance, terms, own, amazon_subtracts=stock_on == "inventory")
    told = await pool.fetchrow(
        "select published, state, error from stock_offer where account_id = $1 and location_id = $2 and sku = $3"
        " and channel = $4",
        place.account,
        place.location,
        place.sku,
        place.channel,
    )
    held = await pool.fetchval(
        "select reason from stock_hold where account_id = $1 and location_id = $2", place.account, place.location
    )
    return WhyRow(
        account=place.account,
        location=place.location,
        sku=place.sku,
        channel=place.channel,
        quantity=made.quantity,
        buyable=made.buyable,
        sentence=made.sentence if balance.is_kept else f"{terms.item} was never counted at {terms.at}: nothing is told",
        steps=[StepRow(name=s.name, change=s.change, total=s.total, why=s.why) for s in made.steps],
        pool=terms.pool,
        at=terms.at,
        item=terms.item,
        published=told["published"] if told else None,
        state=told["state"] if told else "unknown",
        error=told["error"] if told else "",
        held=held,
        kept=balance.is_kept,
        oversold=balance.oversold,
        spots=[
            SpotRow(bin=row["bin"], serial=row["serial"], units=row["units"]) for row in await pool.fetch(_SPOTS, *key)
        ],
    )


async def entries(
    pool: asyncpg.Pool,
    *,
    sku: str,
    location: str | None = None,
    from_pool: str | None = None,
    shipment: str | None = None,
    scope: Scope = EVERYTHING,
    limit: int = 100,
    after: str | None = None,
) -> Rows[StockEntryRow]:
    """List the ledger's entries of a SKU, the newest first."""
    conditions = Conditions()
    conditions.add("sku = {}", sku)
    conditions.add_if("location = {}", location)
    conditions.add_if("pool = {}", from_pool)
    conditions.add_if("shipment_id = {}", shipment)
    if scope.accounts is not None:
        conditions.add("account_id = any({}::text[])", list(scope.accounts))
    if scope.locations is not None:
        conditions.add("place = any({}::text[])", list(scope.locations))
    if after:
        conditions.add("seq < {}", *decode_cursor(after, int))
    rows = await pool.fetch(
        f"select * from stock_entry {conditions.where} order by seq desc limit {int(limit)}", *conditions.values
    )
    following = encode_cursor(rows[-1]["seq"]) if len(rows) == limit else None
    return Rows([_entry(row) for row in rows], following)


async def rules(
    pool: asyncpg.Pool,
    account: str | None = None,
    sku: str | None = None,
    *,
    limit: int = 1000,
    after: str | None = None,
) -> list[StockRuleRow]:
    """List rules, the widest first: those without a SKU, then by account, location, SKU and channel."""
    conditions = Conditions()
    conditions.add_if("account_id = {}", account)
    conditions.add_if("sku = {}", sku)
    if after:
        key = decode_cursor(after, str, str, str, str)
        conditions.add(_AFTER_RULE, key[2] != "", *key)
    rows = await pool.fetch(
        f"select {_RULE}, pending from stock_rule {conditions.where}"
        f" order by stock_rule.sku <> '', account_id, location_id, stock_rule.sku, channel limit {int(limit)}",
        *conditions.values,
    )
    return [cast("StockRuleRow", dict(row)) for row in rows]


async def holds(pool: asyncpg.Pool, scope: Scope = EVERYTHING) -> list[HoldRow]:
    """List the locations whose publishing is held."""
    conditions = Conditions(scope)
    rows = await pool.fetch(
        "select account_id as account, location_id as location, reason, since, by_whom as by from stock_hold"
        f" {conditions.where} order by account_id, location_id",
        *conditions.values,
    )
    return [cast("HoldRow", dict(row)) for row in rows]


async def refused(
    pool: asyncpg.Pool,
    account: str | None = None,
    scope: Scope = EVERYTHING,
    *,
    limit: int = 1000,
    after: str | None = None,
) -> list[OfferRow]:
    """List what Amazon refused, for a person to mend, by account, location, SKU and channel."""
    conditions = Conditions(scope)
    conditions.add("state = {}", "refused")
    conditions.add_if("account_id = {}", account)
    if after:
        conditions.add(AFTER_PLACE, *decode_cursor(after, str, str, str, str))
    rows = await pool.fetch(
        f"select {_OFFER} from stock_offer {conditions.where}"
        f" order by account_id, location_id, sku, channel limit {int(limit)}",
        *conditions.values,
    )
    return [_offer(row) for row in rows]


def _only_sold(conditions: Conditions, account: str | None, location: str | None, scope: Scope) -> None:
    """Narrow balances to those that are sold in an account or location, or that the reader may see."""
    wanted = (
        ("o.account_id = {}", account),
        ("o.location_id = {}", location),
        ("o.account_id = any({}::text[])", None if scope.accounts is None else list(scope.accounts)),
        ("o.location_id = any({}::text[])", None if scope.locations is None else list(scope.locations)),
    )
    given = [(condition, value) for condition, value in wanted if value is not None]
    if given:
        source = "o.item = b.sku and o.at_location = b.location and o.pool = b.pool"
        sold = f"exists (select 1 from stock_offer o where {source}"
        parts = "".join(f" and {condition}" for condition, _ in given)
        conditions.add(f"{sold}{parts})", *(value for _, value in given))


async def _offers_of(pool: asyncpg.Pool, rows: list[Any], scope: Scope) -> dict[tuple[str, str, str], list[OfferRow]]:
    found: dict[tuple[str, str, str], list[OfferRow]] = {}
    if not rows:
        return found
    offers = await pool.fetch(
        f"select o.pool, o.at_location, o.item, {', '.join('o.' + name for name in _OFFER.split(', '))}"
        " from unnest($1::text[], $2::text[], $3::text[]) as k(pool, location, sku)"
        " join stock_offer o on o.item = k.sku and o.at_location = k.location and o.pool = k.pool"
        " order by o.account_id, o.location_id, o.sku, o.channel",
        [row["pool"] for row in rows],
        [row["location"] for row in rows],
        [row["sku"] for row in rows],
    )
    for row in offers:
        if scope.sees(row["account_id"], row["location_id"]):
            found.setdefault((row["pool"], row["at_location"], row["item"]), []).append(_offer(row))
    return found


def _offer(row: Any) -> OfferRow:
    return OfferRow(
        account=row["account_id"],
        location=row["location_id"],
        sku=row["sku"],
        channel=row["channel"],
        wanted=row["wanted"],
        published=row["published"],
        published_seq=row["published_seq"],
        published_at=row["published_at"],
        state=row["state"],
        error=row["error"],
    )


def _stock(row: Any, offers: list[OfferRow]) -> StockRow:
    balance = _balance(row)
    return StockRow(
        pool=row["pool"],
        location=row["location"],
        sku=row["sku"],
        on_hand=balance.on_hand,
        reserved=balance.reserved,
        available=balance.on_hand - balance.reserved,
        picked=balance.picked,
        labelled=balance.labelled,
        unsellable=balance.unsellable,
        oversold=balance.oversold,
        counted_at=balance.counted_at,
        to_count=balance.to_count,
        offers=offers,
    )


def _balance(row: Any) -> Balance:
    return Balance(*(row[name] for name in _BALANCE.split(", "))) if row else Balance()


def _entry(row: Any) -> StockEntryRow:
    return StockEntryRow(
        seq=row["seq"],
        at=row["at"],
        recorded_at=row["recorded_at"],
        kind=row["kind"],
        units=row["units"],
        on_hand=row["on_hand"],
        reserved=row["reserved"],
        picked=row["picked"],
        labelled=row["labelled"],
        unsellable=row["unsellable"],
        pool=row["pool"],
        location=row["location"],
        sku=row["sku"],
        condition=row["condition"] or "sellable",
        bin=row["bin"] or "",
        serial=row["serial"] or "",
        account=row["account_id"] or "",
        place=row["place"] or "",
        merchant_sku=row["merchant_sku"] or "",
        shipment=row["shipment_id"] or "",
        cause=row["cause"],
        reason=row["reason"] or "",
        by=row["by_whom"] or "",
    )
