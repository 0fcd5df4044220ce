"""Reconciliations as people ask for them: compare books, look at what a repair would do, and mend one or all."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from packline.commands.desk import Desk
from packline.commands.hand_over import HandOver
from packline.commands.order import Order
from packline.commands.stock_publishing import PublishingDesk
from packline.domain.books.entries import Repair, Side, Stated, What
from packline.domain.books.rows import Refused, stated_of
from packline.domain.books.stages import RETURN_STAGES, STAGES
from packline.domain.location import Account, Api
from packline.domain.values import stable_id
from packline.errors import Denied, FieldError, Invalid, NotFound, PacklineError
from packline.ports import AccountStore, Clock, IntakeStore
from packline.ports.reconciliations import Item, Run

LOOK_BACK = timedelta(days=7)
LONGEST = timedelta(days=90)
ROWS_AT_MOST = 100_000
MENDS_AT_MOST = 5000
SETTLED = timedelta(minutes=2)
"""What came in later may be on its way to the seller's system."""
DOES = {
    Repair.READ: "It is read from Amazon again, and what Amazon says is taken in.",
    Repair.TAKE: "What Amazon said is written, with its events.",
    Repair.TELL: "An event tells the seller's system of it again, as it is now.",
    Repair.HAND_OVER: "It is handed over: Amazon is told that it was shipped, where the program wants that.",
    Repair.NONE: "Nothing: a person must decide.",
}


class Mend(NamedTuple):
    """What a repair does, or did, to one difference."""

    item: int
    repair: str
    words: str
    outcome: str


class Asked(NamedTuple):
    """The run that was asked for, and rows of its file that are not compared."""

    run: str
    refused: tuple[Refused, ...] = ()


class Runs(Protocol):
    """Where reconciliations are kept."""

    async def ask(
        self,
        run: Run,
        now: datetime,
        *,
        stated: Sequence[Stated] | None = None,
        source: str = "",
        drift: str | None = None,
        unreadable: int = 0,
    ) -> bool:
        """Keep a run and ring its account; False where it is known."""


class Repairs(Protocol):
    """Differences, and what is done about them."""

    async def items(self, run: str, wanted: Sequence[int] | None, limit: int) -> list[Item]:
        """Read differences of a run: those named, else all that a machine can mend."""

    async def ask_to_take(self, account: str, items: Sequence[int], by: str) -> None:
        """Have the account's owner write what Amazon said."""

    async def tell_again(self, items: Sequence[Item], now: datetime) -> None:
        """Tell of shipments and returns again, as they are now."""

    async def done(self, outcomes: Sequence[tuple[int, str]], by: str, now: datetime) -> None:
        """Note what became of repairs."""


class ReconcileDesk:
    """Where reconciliations are asked for and mended, whatever face it was said at."""

    def __init__(
        self, runs: Runs, repairs: Repairs, stock: PublishingDesk, desk: Desk, intake: IntakeStore,
        accounts: AccountStore, clock: Clock,
    ) -> None:  # fmt: skip
        """Take the runs, the desks that repairs go to, and the inbox that intake reads."""
        self._runs, self._repairs, self._stock, self._desk = runs, repairs, stock, desk
        self._intake, self._accounts, self._clock = intake, accounts, clock

    async def ask(
        self,
        account: str,
        what: What,
        side: Side,
        *,
        location: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        rows: Sequence[tuple[int, Mapping[str, Any]]] | None = None,
        words: Mapping[str, str] | None = None,
        source: str = "",
        key: str = "",
        by: str = "",
    ) -> Asked:
        """Ask for a reconciliation; `rows` are the seller's, or those of a report that was saved by hand.

        Without rows, a worker reads Amazon. Raises Invalid, NotFound, Denied.
        """
        now = self._clock.now()
        until = min(until or now - (SETTLED if side is Side.SELLER else timedelta()), now)
        since = since or until - LOOK_BACK
        found = await self._checked(account, what, side, location, rows, since, until)
        _refuse_words(what, words or {})
        name = stable_id("rec", account, key or f"{by} {now.isoformat()} {what} {side} {location}")
        run = Run(name, account, location, what, side, since, until, by=by)
        if what is What.STOCK:
            numbers = _numbers(rows, location) if rows is not None else None
            drift = await self._stock.compare(account, location, "", numbers, by)
            await self._runs.ask(run, now, source=source, drift=drift)
            return Asked(name)
        if rows is None:
            _refuse_unread(found, what, side)
            await self._runs.ask(run, now)
            return Asked(name)
        stated, refused = stated_of(rows, what, side, words)
        await self._runs.ask(run, now, stated=stated, source=source or "rows", unreadable=len(refused))
        return Asked(name, tuple(refused))

    async def mend(
        self, run: str, wanted: Sequence[int] | None = None, *, preview: bool = False, by: str = ""
    ) -> list[Mend]:
        """Mend some differences of a run, or all that a machine can; with `preview` only say what would happen."""
        items = await self._repairs.items(run, wanted, MENDS_AT_MOST)
        if preview:
            return [
                Mend(one.id, one.repair.value, DOES[one.repair], "would be done" if one.repair else "") for one in items
            ]
        outcomes = {one.id: "a person must decide" for one in items if not one.repair}
        outcomes |= {one.id: "mended before" for one in items if one.is_mended}
        todo = [one for one in items if one.id not in outcomes]
        outcomes |= await self._read(run, [one for one in todo if one.repair is Repair.READ])
        outcomes |= await self._hand_over(run, [one for one in todo if one.repair is Repair.HAND_OVER], by)
        telling = [one for one in todo if one.repair is Repair.TELL]
        await self._repairs.tell_again(telling, self._clock.now())
        outcomes |= {one.id: "told" for one in telling}
        taking = [one for one in todo if one.repair is Repair.TAKE]
        if taking:
            await self._repairs.ask_to_take(taking[0].account, [one.id for one in taking], by)
        outcomes |= {one.id: "asked" for one in taking}
        settled = [(one.id, outcomes[one.id]) for one in todo if one.repair is not Repair.TAKE]
        await self._repairs.done(settled, by, self._clock.now())
        return [Mend(one.id, one.repair.value, DOES[one.repair], outcomes[one.id]) for one in items]

    async def _read(self, run: str, items: Sequence[Item]) -> dict[int, str]:
        now = self._clock.now()
        for one in items:
            name = one.amazon_id or one.order_id
            await self._intake.inbox_put(one.account, "reconciliation", stable_id("look", run, name), name, b"", now)
        return {one.id: "is read again" for one in items}

    async def _hand_over(self, run: str, items: Sequence[Item], by: str) -> dict[int, str]:
        orders = [Order(one.item or "", HandOver(), f"{run} {one.id}", by) for one in items]
        answers = await self._desk.give_many(orders) if orders else []
        return {
            one.id: answer.message if isinstance(answer, PacklineError) else f"command {answer.id}"
            for one, answer in zip(items, answers, strict=True)
        }

    async def _checked(
        self,
        account: str,
        what: What,
        side: Side,
        location: str,
        rows: Sequence[tuple[int, Mapping[str, Any]]] | None,
        since: datetime,
        until: datetime,
    ) -> Account:
        found = await self._accounts.account(account)
        if found is None:
            raise NotFound(f"There is no account {account}.", hint="List them with `packline account list`.")
        faults = []
        if side is Side.SELLER and rows is None:
            faults.append(FieldError("/rows", "Give what your system has: rows, or a file."))
        if rows is not None and side is Side.AMAZON:
            faults.append(FieldError("/side", "Rows are your system's (seller), or a report's that was saved by hand."))
        if what is not What.ORDERS and side in (Side.PENDING_REPORT, Side.SHIPPED_REPORT):
            faults.append(FieldError("/what", "Amazon's pending and shipped reports are about orders."))
        if rows is not None and len(rows) > ROWS_AT_MOST:
            faults.append(FieldError("/rows", f"At most {ROWS_AT_MOST:,}; compare one location at a time."))
        if not timedelta() < until - since <= LONGEST:
            faults.append(FieldError("/since", f"Before `until`, and at most {LONGEST.days} days."))
        if location and location not in {place.id for place in await self._accounts.locations(account)}:
            faults.append(FieldError("/location", f"Account {account} has no location {location}."))
        if faults:
            raise Invalid("This cannot be reconciled.", errors=tuple(faults))
        return found


def _refuse_unread(account: Account, what: What, side: Side) -> None:
    is_central = account.api is Api.SELLER_CENTRAL
    if what is What.RETURNS and is_central:
        raise Denied(
            "Amazon has no list of Easy Ship returns: they are seen by their orders.",
            reason="reconcile_no_list",
            hint="Reconcile orders with Amazon; returns follow from them.",
        )
    if side in (Side.PENDING_REPORT, Side.SHIPPED_REPORT) and not is_central:
        raise Denied(
            "Amazon makes this report for Easy Ship accounts only.",
            reason="reconcile_no_report",
            hint="Give the file that was saved by hand.",
        )


def _refuse_words(what: What, words: Mapping[str, str]) -> None:
    stages = RETURN_STAGES if what is What.RETURNS else STAGES
    wrong = [
        FieldError(f"/words/{word}", f"One of {', '.join(stages)}.") for word, to in words.items() if to not in stages
    ]
    if wrong:
        raise Invalid("These words mean nothing.", errors=tuple(wrong[:100]))


def _numbers(rows: Sequence[tuple[int, Mapping[str, Any]]], location: str) -> dict[str, int]:
    """Read the seller's own numbers of stock, by `location sku`. Raises Invalid where a row names none."""
    found: dict[str, int] = {}
    for line, row in rows:
        place, sku = str(row.get("location") or location), str(row.get("sku") or "")
        number = str(row.get("quantity", row.get("units", "")))
        if not place or not sku or not number.isdigit():
            raise Invalid(f"Line {line} needs location, sku and a whole number as quantity.")
        found[f"{place} {sku}"] = int(number)
    return found
