"""Rules of stock, and the holding and releasing of a location's publishing."""

from datetime import datetime
from typing import Protocol

from packline.domain.inventory.rules import SETTINGS, Rule
from packline.errors import Conflict, FieldError, Invalid, NotFound
from packline.ports import AccountStore, Clock


class RuleStore(Protocol):
    """Where rules and holds are kept."""

    async def put(self, rule: Rule, now: datetime, by: str) -> None:
        """Write a rule; it waits to be applied."""

    async def rule(self, scope: tuple[str, str, str, str]) -> Rule | None:
        """Read the rule of a scope."""

    async def apply(self, rule: Rule, now: datetime) -> int:
        """Let a rule take effect; give the number of places."""

    async def hold(self, account: str, location: str, reason: str, now: datetime, by: str) -> bool:
        """Hold the publishing of a location; False where it is held already."""

    async def release(self, account: str, location: str, now: datetime) -> bool:
        """Let the publishing of a location go on; False where it was not held."""


async def set_rule(store: RuleStore, accounts: AccountStore, clock: Clock, rule: Rule, by: str = "") -> int:
    """Write a rule in place of the one with the same scope, and let it take effect; give the places looked at.

    Raises Invalid, or NotFound for an account or location that there is not.
    """
    faults = tuple(FieldError(f"/{name}", why) for name, why in _faults(rule))
    if faults:
        raise Invalid("This cannot be a rule of stock.", errors=faults)
    if rule.account:
        await known_location(accounts, rule.account, rule.location)
    now = clock.now()
    await store.put(rule, now, by)
    return await store.apply(rule, now)


async def drop_rule(store: RuleStore, clock: Clock, scope: tuple[str, str, str, str], by: str = "") -> int:
    """Remove a rule, so that wider ones count again; give the places looked at.

    Raises NotFound.
    """
    if await store.rule(scope) is None:
        raise NotFound("There is no rule of this scope.", hint="List them with `packline stock rules`.")
    account, location, sku, channel = scope
    nothing = Rule(account, location, sku, channel)
    now = clock.now()
    await store.put(nothing, now, by)  # says nothing, and is gone once that is applied: a crash loses no step
    return await store.apply(nothing, now)


async def hold(
    store: RuleStore, accounts: AccountStore, clock: Clock, account: str, location: str, reason: str, by: str = ""
) -> None:
    """Tell Amazon nothing about a location until it is released: an outage, a count.

    Raises NotFound, or Conflict where it is held already.
    """
    await known_location(accounts, account, location)
    if not await store.hold(account, location, reason, clock.now(), by):
        raise Conflict(f"{location} of {account} is held already.", hint="See `packline stock holds`.")


async def release(store: RuleStore, clock: Clock, account: str, location: str) -> None:
    """Let the publishing of a location go on: the last value of everything that changed is told.

    Raises NotFound where it was not held.
    """
    if not await store.release(account, location, clock.now()):
        raise NotFound(f"{location} of {account} is not held.", hint="See `packline stock holds`.")


async def known_location(accounts: AccountStore, account: str, location: str) -> None:
    """Raise NotFound for an account, or a location of it, that there is not; an empty location is every one."""
    if await accounts.account(account) is None:
        raise NotFound(f"There is no account {account}.", hint="List them with `packline account list`.")
    if location and location not in {found.id for found in await accounts.locations(account)}:
        raise NotFound(
            f"Account {account} has no location {location}.",
            hint="List them with `packline location list`; `packline location set` adds one.",
        )


def _faults(rule: Rule) -> list[tuple[str, str]]:
    found = []
    if all(getattr(rule, name) is None for name in SETTINGS):
        found.append(("", "The rule says nothing; set at least one thing, or remove the rule."))
    if rule.item is not None and not rule.sku:
        found.append(("item", "Another SKU in the ledger can only be set for a SKU."))
    if rule.buffer_units is not None and rule.buffer_percent is not None:
        found.append(("buffer_percent", "A buffer is units or percent, not both."))
    for name in ("buffer_units", "minimum", "maximum"):
        value = getattr(rule, name)
        if value is not None and not 0 <= value <= 1_000_000_000:
            found.append((name, "0 or more."))
    if rule.buffer_percent is not None and not 0 <= rule.buffer_percent <= 100:
        found.append(("buffer_percent", "From 0 to 100."))
    if rule.minimum is not None and rule.maximum is not None and rule.minimum > rule.maximum:
        found.append(("maximum", "Not below the minimum."))
    found += [(name, "This must not be empty.") for name in ("pool", "at", "item") if getattr(rule, name) == ""]
    return found
