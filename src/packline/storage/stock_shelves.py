"""Which bin a unit was most likely taken from where nobody scanned it: the one that was filled first."""

import asyncpg

from packline.domain.inventory.journey import Line
from packline.domain.inventory.ledger import Key
from packline.domain.panel import Scan

_SHELF = """
select bin, sum(units)::int as units, min(filled_at) as filled_at from stock_spot
where pool = $1 and location = $2 and sku = $3 and bin <> '' and serial = '' group by bin
having sum(units) > 0 order by min(filled_at), bin
"""


class Shelves:
    """The bins of one transaction, less what was guessed to have been taken from them in it."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        """Read by the connection of that transaction."""
        self._connection = connection
        self._bins: dict[Key, list[tuple[str, int]]] = {}

    async def guess(self, lines: tuple[Line, ...]) -> tuple[Scan, ...]:
        """Guess bins for the units of lines, first filled first; nothing where no bin holds any (or none is kept)."""
        return tuple([scan for line in lines for scan in await self._guess(line)])

    async def _guess(self, line: Line) -> list[Scan]:
        if line.key not in self._bins:
            rows = await self._connection.fetch(_SHELF, *line.key)
            self._bins[line.key] = [(row["bin"], row["units"]) for row in rows]
        found, wanted, left = [], line.units, []
        for bin_, there in self._bins[line.key]:
            units = min(wanted, there)
            wanted -= units
            if units:
                found.append(Scan(line.merchant_sku, bin_, units=units, is_guess=True))
            if there > units:
                left.append((bin_, there - units))
        self._bins[line.key] = left
        return found
