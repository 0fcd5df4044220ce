"""A seller's rules: from which pool a SKU is sold, how much is held back, and which rule counts where several do."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from packline.domain.values import Value


class Rule(Value, frozen=True):
    """What counts in a scope; an empty scope field means all, a None setting says nothing.

    `pool`, `at` and `item` say which units are sold: the pool, the location in the ledger and the SKU in the ledger.
    Buffers are units, or percent of what Amazon may count (rounded up).
    """

    account: str = ""
    location: str = ""
    sku: str = ""
    channel: str = ""
    pool: str | None = None
    at: str | None = None
    item: str | None = None
    buffer_units: int | None = None
    buffer_percent: float | None = None
    minimum: int | None = None
    maximum: int | None = None
    stop_sale: bool | None = None

    @property
    def scope(self) -> tuple[str, str, str, str]:
        """Name the rule."""
        return self.account, self.location, self.sku, self.channel

    @property
    def weight(self) -> int:
        """Rank the rule: a SKU outweighs a location, a location a channel, a channel an account."""
        return 8 * bool(self.sku) + 4 * bool(self.location) + 2 * bool(self.channel) + bool(self.account)

    @property
    def words(self) -> str:
        """Say what the rule is for."""
        named = (("SKU", self.sku), ("location", self.location), ("channel", self.channel), ("account", self.account))
        told = [f"{what} {value}" for what, value in named if value]
        return f"the rule for {', '.join(told)}" if told else "the rule for everything"


class Place(Value, frozen=True):
    """What is sold: a seller's SKU at one of Amazon's locations, on one channel (empty: all of the location's)."""

    account: str
    location: str
    sku: str
    channel: str = ""


class Terms(Value, frozen=True):
    """The rules of one place, resolved; `said` tells for each setting which rule decided it."""

    pool: str
    at: str
    item: str
    buffer_units: int = 0
    buffer_percent: float = 0.0
    minimum: int = 0
    maximum: int | None = None
    stop_sale: bool = False
    said: dict[str, str] = {}


SETTINGS = ("pool", "at", "item", "buffer_units", "buffer_percent", "minimum", "maximum", "stop_sale")


def resolve(rules: Iterable[Rule], place: Place) -> Terms:
    """Give the terms of a place: for each setting the weightiest rule that says something about it.

    Without any rule an account sells its own pool, named like the account, at its own location under its own SKU.
    """
    matching = sorted((r for r in rules if _matches(r, place)), key=lambda rule: rule.weight)
    decided: dict[str, object] = {}
    said: dict[str, str] = {}
    for rule in matching:
        if rule.buffer_units is not None or rule.buffer_percent is not None:  # one buffer: units or percent
            decided.pop("buffer_units", None)
            decided.pop("buffer_percent", None)
        for name in SETTINGS:
            value = getattr(rule, name)
            if value is not None:
                decided[name] = value
                said["buffer" if name.startswith("buffer") else name] = rule.words
    whole = Terms(place.account, place.location, place.sku, said=said)
    return replace(whole, **decided)


def channels(rules: Sequence[Rule], account: str, location: str, sku: str) -> tuple[str, ...]:
    """List the channels that a SKU is told for by itself; one empty name where no rule tells channels apart."""
    found = {r.channel for r in rules if r.channel and _matches(r, Place(account, location, sku, r.channel))}
    return tuple(sorted(found)) or ("",)


class Rulebook:
    """All rules that can count for some SKUs, ready to be asked for many places."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Take the rules without a SKU, and those of the SKUs that will be asked for."""
        self._wide: list[Rule] = []
        self._by_sku: dict[str, list[Rule]] = {}
        self._items: dict[str, set[str]] = {}
        for rule in rules:
            if rule.sku:
                self._by_sku.setdefault(rule.sku, []).append(rule)
                if rule.item is not None:
                    self._items.setdefault(rule.item, set()).add(rule.sku)
            else:
                self._wide.append(rule)
        self._known: dict[tuple[str, str, str], Terms] = {}
        self._sources: dict[tuple[str, str], list[tuple[str, str]]] = {}

    def terms(self, place: Place) -> Terms:
        """Resolve the rules of a place."""
        own = self._by_sku.get(place.sku)
        if own is not None:
            return resolve([*self._wide, *own], place)
        scope = (place.account, place.location, place.channel)
        known = self._known.get(scope)
        if known is None:
            known = self._known[scope] = resolve(self._wide, place)
        return replace(known, item=place.sku)

    def places(self, account: str, location: str, sku: str) -> list[Place]:
        """Give the places that a SKU is told for at a location: one, or one for each channel that has rules."""
        rules = [*self._wide, *self._by_sku.get(sku, ())]
        return [Place(account, location, sku, channel) for channel in channels(rules, account, location, sku)]

    def sellers(self, pool: str, at: str, item: str, locations: Iterable[tuple[str, str]]) -> list[Place]:
        """Find the places that sell an item of a pool, among all (account, location) that there are."""
        if not self._sources:
            for account, location in locations:
                terms = self.terms(Place(account, location, ""))
                self._sources.setdefault((terms.pool, terms.at), []).append((account, location))
        found = [
            place
            for sku in {item, *self._items.get(item, ())}
            for account, location in self._drawing(pool, at, sku, locations)
            for place in self.places(account, location, sku)
        ]
        return [place for place in found if self._draws(place, pool, at, item)]

    def _drawing(self, pool: str, at: str, sku: str, locations: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
        return locations if sku in self._by_sku else self._sources.get((pool, at), ())

    def _draws(self, place: Place, pool: str, at: str, item: str) -> bool:
        terms = self.terms(place)
        return (terms.pool, terms.at, terms.item) == (pool, at, item)


def _matches(rule: Rule, place: Place) -> bool:
    return (
        rule.account in ("", place.account)
        and rule.location in ("", place.location)
        and rule.sku in ("", place.sku)
        and rule.channel in ("", place.channel)
    )
