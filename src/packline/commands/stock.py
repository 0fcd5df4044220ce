"""What a seller says of stock: counted, corrected, received, returned, moved; one or thousands at once."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from packline.domain.inventory.book import Fate
from packline.domain.inventory.ledger import CONDITIONS, SELLABLE, Entry, Key, Kind, Movement
from packline.domain.inventory.rules import Place, Terms
from packline.domain.values import Value, stable_id
from packline.errors import Denied, FieldError, Invalid, NotFound, PacklineError
from packline.ports import AccountStore, Clock

MOST_UNITS = 1_000_000_000
AHEAD = timedelta(minutes=1)
"""How far a seller's clock may be ahead of ours."""
KINDS: dict[str, Kind] = {
    "set": Kind.COUNTED,
    "adjust": Kind.ADJUSTED,
    "receive": Kind.RECEIVED,
    "return": Kind.RETURNED,
    "move": Kind.MOVED,
}
"""What can be said of stock, and the kind of entry that it makes."""


class StockOrder(Value, frozen=True):
    """One thing said of the stock of a SKU.

    Units are named by account and location (the rules tell the pool), or by pool and location in the ledger. `quantity`
    is the whole number for set, signed for adjust. `reference` is the seller's own: the same one counts once for each
    SKU. `serials`, one for each unit, and `bin` where they are known. `at` is when it happened; without it, now.
    """

    do: str
    sku: str
    quantity: int
    location: str
    account: str = ""
    pool: str = ""
    condition: str = SELLABLE
    bin: str = ""
    serials: tuple[str, ...] = ()
    at: datetime | None = None
    reference: str = ""
    reason: str = ""
    to_pool: str = ""
    to_location: str = ""
    to_bin: str = ""


class Ledger(Protocol):
    """Where movements are laid, and which rules count."""

    async def lay(self, movements: Sequence[Movement], now: datetime) -> list[Fate]:
        """Lay movements in one transaction; fates in their order."""

    async def terms(self, places: Sequence[Place]) -> list[Terms]:
        """Resolve the rules of places."""


class StockDesk:
    """Where everything that a seller says of stock comes in, whatever face it was said at."""

    def __init__(self, ledger: Ledger, accounts: AccountStore, clock: Clock) -> None:
        """Take the ledger, and the accounts whose locations are known."""
        self._ledger, self._accounts, self._clock = ledger, accounts, clock

    async def say(self, order: StockOrder, *, key: str = "", by: str = "") -> Fate:
        """Take one order.

        Raises Invalid, NotFound (its account or location) or Denied (not enough there).
        """
        answer = (await self.say_many([order], key=key, by=by))[0]
        if isinstance(answer, PacklineError):
            raise answer
        return answer

    async def say_many(
        self, orders: Sequence[StockOrder], *, key: str = "", by: str = "", first: int = 0
    ) -> list[Fate | PacklineError]:
        """Take some thousand orders in one transaction; answers in their order, one not hindering another.

        `key` makes the orders count once: the cause of each is the key with its place, counted from `first`.
        """
        now = self._clock.now()
        answers: list[Fate | PacklineError | None] = await self._checked(orders, now)
        keys = await self._keys([o for o, refused in zip(orders, answers, strict=True) if refused is None])
        scope = key or secrets.token_hex(16)
        movements: dict[int, Movement] = {}
        for index, order in enumerate(orders):
            if answers[index] is None:
                moment = order.at or now + timedelta(microseconds=index)  # the last line of a file counts
                cause = _cause(order, keys[_source(order)], scope, first + index)
                movements[index] = _movement(order, keys[_source(order)], cause, moment, by)
        fates = await self._ledger.lay(list(movements.values()), now) if movements else []
        for index, fate in zip(movements, fates, strict=True):
            answers[index] = _denied(fate) if fate.outcome == "refused" else fate
        return [answer for answer in answers if answer is not None]

    async def _checked(self, orders: Sequence[StockOrder], now: datetime) -> list[Fate | PacklineError | None]:
        known: dict[str, set[str]] = {}
        for account in {order.account for order in orders if order.account}:
            found = await self._accounts.account(account)
            known[account] = {place.id for place in await self._accounts.locations(account)} if found else set()
            if found is None:
                known.pop(account)
        return [_refusal(order, known, now) for order in orders]

    async def _keys(self, orders: Sequence[StockOrder]) -> dict[tuple[str, ...], Key]:
        """Find the key of each order's units: as it names them, or as the rules of its place have it."""
        keys = {_source(o): Key(o.pool, o.location, o.sku) for o in orders if o.pool}
        named = {_source(o): Place(o.account, o.location, o.sku) for o in orders if not o.pool}
        terms = await self._ledger.terms(list(named.values())) if named else []
        return keys | {source: Key(t.pool, t.at, t.item) for source, t in zip(named, terms, strict=True)}


def _source(order: StockOrder) -> tuple[str, ...]:
    return order.account, order.pool, order.location, order.sku


def _cause(order: StockOrder, key: Key, scope: str, index: int) -> str:
    if order.reference:
        return f"reference {order.reference}: {order.do} {key.sku} at {key.location} in {key.pool}"
    return f"{order.do} {stable_id('stk', scope, str(index))}"


def _movement(order: StockOrder, key: Key, cause: str, at: datetime, by: str) -> Movement:
    kind = KINDS[order.do]
    spread = [(order.quantity, "")]
    if order.serials and order.do != "set":
        sign = -1 if order.quantity < 0 else 1
        spread = [(sign, serial) for serial in order.serials]
    entries: list[Entry] = []
    for units, serial in spread:
        if kind is Kind.MOVED:
            goal = Key(order.to_pool or key.pool, order.to_location or key.location, key.sku)
            entries.append(_entry(order, key, kind, -units, cause, at, by, serial=serial, bin_=order.bin))
            entries.append(_entry(order, goal, kind, units, cause, at, by, serial=serial, bin_=order.to_bin))
        else:
            entries.append(_entry(order, key, kind, units, cause, at, by, serial=serial, bin_=order.bin))
    return Movement(cause, tuple(entries), is_timed=order.at is not None)


def _entry(
    order: StockOrder,
    key: Key,
    kind: Kind,
    units: int,
    cause: str,
    at: datetime,
    by: str,
    *,
    serial: str,
    bin_: str,
) -> Entry:
    return Entry(
        cause=cause,
        key=key,
        kind=kind,
        units=units,
        at=at,
        condition=order.condition,
        bin=bin_,
        serial=serial,
        account=order.account,
        place=order.location if order.account else "",
        merchant_sku=order.sku if order.account else "",
        reason=order.reason,
        by=by,
    )


def _refusal(order: StockOrder, known: dict[str, set[str]], now: datetime) -> PacklineError | None:
    faults = [FieldError(f"/{name}", why) for name, why in _faults(order, now)]
    if faults:
        return Invalid("This cannot be said of stock.", errors=tuple(faults))
    if not order.account:
        return None
    if order.account not in known:
        return NotFound(f"There is no account {order.account}.", hint="List them with `packline account list`.")
    if order.location not in known[order.account]:
        return NotFound(
            f"Account {order.account} has no location {order.location}.",
            hint="List them with `packline location list`; `packline location set` adds one.",
        )
    return None


def _faults(order: StockOrder, now: datetime) -> list[tuple[str, str]]:
    return [*_named(order), *_counted(order), *_moved(order, now)]


def _named(order: StockOrder) -> list[tuple[str, str]]:
    found = [(name, "This must not be empty.") for name in ("sku", "location") if not getattr(order, name)]
    if bool(order.account) == bool(order.pool):
        found.append(("account", "Name the units by account and location, or by pool and location."))
    if order.do not in KINDS:
        found.append(("do", f"One of {', '.join(KINDS)}."))
    if order.condition not in CONDITIONS:
        found.append(("condition", f"One of {', '.join(CONDITIONS)}."))
    return found


def _counted(order: StockOrder) -> list[tuple[str, str]]:
    found = []
    if abs(order.quantity) > MOST_UNITS:
        found.append(("quantity", f"At most {MOST_UNITS:,}."))
    if order.do == "set" and order.quantity < 0:
        found.append(("quantity", "A count is 0 or more."))
    if order.do == "set" and order.condition != SELLABLE:
        found.append(("condition", "Only sellable units are counted; correct the others with adjust."))
    if order.do in ("receive", "return", "move") and order.quantity <= 0:
        found.append(("quantity", "1 or more."))
    if order.do == "adjust" and order.quantity == 0:
        found.append(("quantity", "The difference: above or below 0."))
    if order.serials and order.do == "set":
        found.append(("serials", "A count takes no serial numbers; receive or adjust the units by serial number."))
    elif order.serials and len(order.serials) != abs(order.quantity):
        found.append(("serials", f"One for each unit: {abs(order.quantity)}, not {len(order.serials)}."))
    if len(set(order.serials)) != len(order.serials):
        found.append(("serials", "Each serial number once."))
    return found


def _moved(order: StockOrder, now: datetime) -> list[tuple[str, str]]:
    found = []
    if order.at is not None and order.at > now + AHEAD:
        found.append(("at", "This lies in the future; compare the clocks."))
    goals = (order.to_pool, order.to_location, order.to_bin)
    if order.do == "move" and not any(goals):
        found.append(("to_pool", "Say where to: to_pool, to_location or to_bin."))
    if order.do != "move" and any(goals):
        found.append(("to_pool", "Only move goes somewhere."))
    return found


def _denied(fate: Fate) -> Denied:
    return Denied(
        f"There is not enough: {fate.reason}.",
        reason="not_enough_stock",
        hint="Look with `packline stock show`, count with `packline stock set`, or give a smaller number.",
    )
