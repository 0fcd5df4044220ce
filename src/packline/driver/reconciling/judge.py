"""The judge: compares what the other books stated with ours, some hundred entries at a time."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from packline.domain.books import orders, returns
from packline.domain.books.entries import Difference, OurOrder, OurReturn, Side, Stated, What
from packline.domain.location import Api
from packline.ports import AccountStore, Clock, Gateway, ShipmentStore
from packline.ports.reconciliations import JudgingStore, Run

STEP = 500
ASKED_AT_MOST = 200
"""Our shipments that no listing of Amazon's showed and that were asked for one by one; beyond it nobody asked."""


class Judge:
    """Judge runs whose other books are read; several processes may, each its own run."""

    def __init__(
        self, store: JudgingStore, shipments: ShipmentStore, accounts: AccountStore, gateway: Gateway, clock: Clock
    ) -> None:
        """Take the store; the gateway only tells programs, and makes no call."""
        self._store, self._shipments, self._accounts = store, shipments, accounts
        self._gateway, self._clock = gateway, clock

    async def work(self, now: datetime, only: str = "") -> bool:
        """Judge one run to its end; False where none waits. A run whose judge died is judged anew."""
        run = await self._store.claim(now, only)
        if run is None:
            return False
        silent = await self._store.silence(run.account) if run.side is Side.SELLER else ""
        if run.what is What.ORDERS:
            await self._orders(run, silent)
        else:
            await self._returns(run, silent)
        await self._store.end(run, self._clock.now())
        return True

    async def _orders(self, run: Run, silent: str) -> None:
        account = await self._accounts.account(run.account)
        by_order_id = account is not None and account.api is Api.SELLER_CENTRAL
        after = ""
        while page := await self._store.stated(run, after, STEP):
            ours = await self._store.our_orders(run, page)
            await self._found(run, len(page), await self._compare(run, page, ours, silent, by_order_id=by_order_id))
            after = page[-1].key
        after, asked = "", 0
        while True:
            rest, after = await self._store.other_orders(run, after, STEP)
            found = [
                orders.surplus(one, run.side, was_asked=asked + number < ASKED_AT_MOST, silent=silent)
                for number, one in enumerate(rest)
            ]
            await self._found(run, len(rest), found)
            asked += len(rest)
            if not after:
                return

    async def _compare(
        self, run: Run, page: Sequence[Stated], ours: Sequence[OurOrder], silent: str, *, by_order_id: bool
    ) -> list[Difference]:
        by_id, by_order = orders.grouped(ours)
        lacking, found = [], []
        for one in page:
            known = [by_id[one.amazon_id]] if one.amazon_id in by_id else []
            if not one.amazon_id:
                known = [o for o in by_order.get(one.order_id, ()) if one.location in ("", o.location)]
            if not known:
                lacking.append(one)
            elif run.side is Side.AMAZON:
                found += await self._by_amazon(one, known[0])
            else:
                found += [d for order in _spread(one, known) for d in orders.differences(*order, run.side, silent)]
        return found + await self._missing(run, lacking, by_order_id=by_order_id)

    async def _by_amazon(self, stated: Stated, ours: OurOrder) -> list[Difference]:
        if stated.facts is None or stated.facts.status == ours.status:
            return []
        shipment = (await self._shipments.load([ours.id])).get(ours.id)
        program = self._gateway.program_for(shipment) if shipment else None
        is_news = orders.by_amazon(stated, ours, shipment, program)
        return [orders.differs_from_amazon(stated, ours)] if is_news else []

    async def _missing(self, run: Run, lacking: Sequence[Stated], *, by_order_id: bool) -> list[Difference]:
        if not lacking:
            return []
        names = [one.amazon_id or one.order_id for one in lacking]
        parked = await self._store.parked(run.account, names)
        elsewhere = await self._store.elsewhere(run.account, [one.order_id for one in lacking])
        return [
            orders.missing(
                one,
                run.side,
                parked.get(name, ""),
                elsewhere.get(one.order_id, ""),
                can_read=bool(one.amazon_id) or by_order_id,
            )
            for one, name in zip(lacking, names, strict=True)
        ]

    async def _returns(self, run: Run, silent: str) -> None:
        after = ""
        while page := await self._store.stated(run, after, STEP):
            ours = await self._store.our_returns(run, page)
            found = []
            for one in page:
                known = [row for row in ours if _is_of(one, row)]
                found += [d for row in known for d in returns.differences(one, row, run.side, silent)]
                found += [] if known else [returns.missing(one, run.side)]
            await self._found(run, len(page), found)
            after = page[-1].key
        after = ""
        while True:
            rest, after = await self._store.other_returns(run, after, STEP)
            await self._found(run, len(rest), [returns.surplus(one, run.side, silent) for one in rest])
            if not after:
                return

    async def _found(self, run: Run, compared: int, found: Sequence[Difference]) -> None:
        await self._store.found(run, compared, found, self._clock.now())


def _spread(stated: Stated, known: Sequence[OurOrder]) -> list[tuple[Stated, OurOrder]]:
    """An order of several shipments is compared with each, but its units with none of them alone."""
    if len(known) == 1:
        return [(stated, known[0])]
    return [(replace(stated, units=(), tracking_id=""), one) for one in known]


def _is_of(stated: Stated, ours: OurReturn) -> bool:
    if stated.amazon_id:
        return stated.amazon_id == ours.amazon_id
    skus = {sku for sku, _ in stated.units}
    return stated.order_id in (ours.rma_id, ours.order_id) and (not skus or ours.sku in skus)
