"""The best set of locations that has everything: proven best where that is cheap to prove, otherwise a good one."""

from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from packline.domain.routing.shelf import LANE, Shelf, has, holders, lanes
from packline.domain.routing.units import Units

EFFORT = 36_000
"""How many looks at a location a search may take (a mask of many SKUs counts more): some milliseconds, on any machine
the same result."""
KEEN = 150
"""Locations that are looked at for each parcel of the first choice: enough to find the one that has most units."""
Cost = tuple[int, int, int, int]
"""Late parcels, parcels, sum of priorities, sum of metres: compared in this order."""


class Cover(NamedTuple):
    """The chosen locations, by what they cost, and whether it is proven that there are none better."""

    shelves: tuple[Shelf, ...]
    is_proven: bool

    @property
    def cost(self) -> Cost:
        """Give what this choice costs."""
        return cost_of(self.shelves)


class _Open(NamedTuple):
    """What is still missing: a mask of SKUs, and what of them is in the chosen parts already."""

    mask: int
    got: dict[int, int]


class _OutOfEffort(Exception):
    pass


def best_cover(shelves: Sequence[Shelf], needs: Sequence[int]) -> Cover:
    """Choose locations that hold `needs` (units by SKU) together; all of them together must.

    Fewest late parcels, then fewest parcels, then the lowest priorities, then the nearest.
    """
    search = _Search(sorted(shelves, key=lambda s: s.cost), needs)
    search.greedy()
    try:
        search.improve()
        search.prove()
    except _OutOfEffort:
        return search.found(is_proven=False)
    return search.found(is_proven=True)


def cost_of(shelves: Iterable[Shelf]) -> Cost:
    """Give what a choice of locations costs."""
    chosen = list(shelves)
    return sum(s.late for s in chosen), len(chosen), sum(s.priority for s in chosen), sum(s.metres for s in chosen)


class _Search:
    def __init__(self, shelves: list[Shelf], needs: Sequence[int]) -> None:
        self._shelves, self._needs = shelves, needs
        everything = int.from_bytes(b"\1" * len(needs), "little")
        self._start = _Open(everything, {})
        self._left = EFFORT
        self._look = 1 + len(needs) // 128  # a wide mask takes longer
        self._best: list[Shelf] = []
        self._cost: Cost = (0, 0, 0, 0)

    def found(self, *, is_proven: bool) -> Cover:
        return Cover(tuple(sorted(self._best, key=lambda s: s.cost)), is_proven)

    def greedy(self) -> None:
        """Take what has most units of what is missing, those in time first; then leave out what was not needed."""
        units, chosen = Units(self._needs), list[Shelf]()
        rows = [units.row(shelf) for shelf in self._shelves]
        missing = units.needed
        known = [(shelf.late, -units.count(missing), n) for n, shelf in enumerate(self._shelves)]
        while missing:
            best = _most(units, rows, missing, known)
            chosen.append(self._shelves[best])
            missing = units.lack(missing, rows[best])
        self._keep(self._needed(chosen))

    def _needed(self, chosen: list[Shelf]) -> list[Shelf]:
        """Leave out those without whom the others have enough, the dearest first."""
        spare = [-needed for needed in self._needs]
        for shelf in chosen:
            for lane in lanes(shelf.any):
                spare[lane] += shelf.have[lane]
        kept = list(chosen)
        for shelf in sorted(chosen, key=lambda s: s.cost, reverse=True):
            if all(spare[lane] >= shelf.have[lane] for lane in lanes(shelf.any)):
                kept.remove(shelf)
                for lane in lanes(shelf.any):
                    spare[lane] -= shelf.have[lane]
        return kept

    def improve(self) -> None:
        """Replace one or two of the chosen by one that does as much, as long as that helps."""
        while any(self._replaced(out) for out in self._ways_out()):
            pass

    def prove(self) -> None:
        """Look at every other choice that could be better (branch and bound)."""
        self._branch(self._start, [], self._shelves)

    def _ways_out(self) -> list[tuple[Shelf, ...]]:
        chosen = self._best
        pairs = [(one, other) for n, one in enumerate(chosen) for other in chosen[n + 1 :]]
        return [*pairs, *((one,) for one in chosen)]

    def _replaced(self, out: tuple[Shelf, ...]) -> bool:
        gone = {shelf.place for shelf in out}
        kept = [shelf for shelf in self._best if shelf.place not in gone]
        self._spend(len(kept) + 1)
        places = {shelf.place for shelf in kept}
        better = self._closer(self._all(kept), (s for s in self._shelves if s.place not in places))
        return better is not None and self._keep([*kept, better])

    def _branch(self, state: _Open, chosen: list[Shelf], rest: list[Shelf]) -> None:
        if not state.mask:
            self._keep(chosen)
            return
        self._spend(3 * len(rest))
        useful = [s for s in rest if s.any & state.mask]
        pivot = self._rarest(state, useful)
        if pivot is None or self._cannot_win(state, chosen, useful, pivot):
            return
        late, count, _, _ = cost_of(chosen)
        if late == self._cost[0] and count + 2 > self._cost[1]:  # one more is all that there may be
            last = self._closer(state, useful)
            if last is not None:
                self._keep([*chosen, last])
            return
        bit = 1 << (LANE * pivot)
        ways = sorted((s for s in useful if s.any & bit), key=lambda s: (s.late, -_gain(s, state.mask), s.cost))
        for way in ways:
            useful.remove(way)  # later ways are without it
            self._branch(self._after(state, way), [*chosen, way], useful.copy())

    def _rarest(self, state: _Open, useful: list[Shelf]) -> int | None:
        """Find the missing SKU that the fewest have; None where the rest do not have enough of one."""
        if not useful:
            return None
        counts = holders([s.any & state.mask for s in useful], len(self._needs))
        lane = min(lanes(state.mask), key=counts.__getitem__)
        bit = 1 << (LANE * lane)
        missing = self._needs[lane] - state.got.get(lane, 0)
        there = sum(self._units(s, lane) for s in useful if s.any & bit)
        return lane if there >= missing else None

    def _cannot_win(self, state: _Open, chosen: list[Shelf], useful: list[Shelf], pivot: int) -> bool:
        """Tell whether even the least that is still needed makes it as dear as the best that is known."""
        most = max((s.any & state.mask).bit_count() for s in useful)
        more = max(-(-state.mask.bit_count() // most), self._at_least(state, useful, pivot))
        late, count, priority, metres = cost_of(chosen)
        bound = (
            late,
            count + more,
            priority + more * min(s.priority for s in useful),
            metres + more * min(s.metres for s in useful),
        )
        return bound >= self._cost

    def _at_least(self, state: _Open, useful: list[Shelf], lane: int) -> int:
        """Count how many locations one SKU needs by itself."""
        missing, count = self._needs[lane] - state.got.get(lane, 0), 0
        for units in sorted((self._units(s, lane) for s in useful), reverse=True):
            if missing <= 0:
                break
            missing -= units
            count += 1
        return count

    def _closer(self, state: _Open, rest: Iterable[Shelf]) -> Shelf | None:
        """Find the cheapest location that has all that is missing; `rest` is in the order of cost."""
        for shelf in rest:
            self._spend(1)
            if state.mask & ~shelf.any == 0 and not self._after(state, shelf).mask:
                return shelf
        return None

    def _after(self, state: _Open, shelf: Shelf) -> _Open:
        mask = state.mask & ~shelf.whole
        shared = mask & shelf.any
        if not shared:
            return _Open(mask, state.got)
        got = dict(state.got)
        for lane in lanes(shared):
            got[lane] = got.get(lane, 0) + shelf.have[lane]
            if got[lane] >= self._needs[lane]:
                mask &= ~(1 << (LANE * lane))
        self._spend(shared.bit_count() // 4)
        return _Open(mask, got)

    def _all(self, shelves: Iterable[Shelf]) -> _Open:
        state = self._start
        for shelf in shelves:
            state = self._after(state, shelf)
        return state

    def _units(self, shelf: Shelf, lane: int) -> int:
        return min(self._needs[lane], shelf.have[lane]) if has(shelf.any, lane) else 0

    def _keep(self, chosen: list[Shelf]) -> bool:
        cost = cost_of(chosen)
        if self._best and cost >= self._cost:
            return False
        self._best, self._cost = chosen, cost
        return True

    def _spend(self, looks: int) -> None:
        self._left -= looks * self._look
        if self._left < 0 and self._best:
            raise _OutOfEffort


def _most(units: Units, rows: list[int], missing: int, known: list[tuple[int, int, int]]) -> int:
    """Take out of `known`, a heap of (late, units at most, place), the place that has most of what is missing.

    What a location adds only shrinks, so only those are looked at that may still be first; not all of very many.
    """
    left = units.count(missing)
    seen: list[tuple[int, int, int]] = []
    while known and len(seen) < KEEN and not (seen and seen[0] <= known[0]):
        late, _, n = heappop(known)
        heappush(seen, (late, units.count(units.lack(missing, rows[n])) - left, n))
    best = heappop(seen)
    for one in seen:
        heappush(known, one)
    return best[2]


def _gain(shelf: Shelf, mask: int) -> int:
    """Weigh what it adds: a SKU that it has wholly counts twice one that it has in part."""
    return (shelf.whole & mask).bit_count() + (shelf.any & mask).bit_count()
