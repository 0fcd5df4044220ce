"""What was printed (implements `ports.printing.PrintStore`)."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec
from msgspec.structs import replace

from packline.domain.printing import Form, Paper, Piece, Refusal, natural
from packline.domain.shipment import Shipment
from packline.domain.values import DocumentKind
from packline.ports.printing import Print, PrintFile, Target
from packline.storage.codec import summary
from packline.storage.sealed import kept, opened
from packline.storage.secrets import Vault
from packline.storage.targets import find_targets

_BINS = """
select o.account_id, o.location_id, o.sku, p.bin from stock_offer o
join stock_spot p on p.pool = o.pool and p.location = o.at_location and p.sku = o.item
where (o.account_id, o.location_id, o.sku) in (select * from unnest($1::text[], $2::text[], $3::text[]))
    and p.units > 0 and p.bin <> ''
"""
_CONTENTS = "select sha256, content from document where sha256 = any($1::text[])"
_TAKE = """
update package_label l set prints = l.prints + 1, printed_at = $4
from unnest($1::text[], $2::text[], $3::text[]) as t(shipment_id, package_id, tracking_id)
where l.shipment_id = t.shipment_id and l.package_id = t.package_id and l.tracking_id = t.tracking_id
returning l.shipment_id, l.package_id, l.prints
"""
_GIVE_BACK = """
update package_label l set prints = greatest(0, l.prints - 1), printed_at = case when l.prints > 1 then printed_at end
from unnest($1::text[], $2::text[], $3::text[]) as t(shipment_id, package_id, tracking_id)
where l.shipment_id = t.shipment_id and l.package_id = t.package_id and l.tracking_id = t.tracking_id
"""
_BEFORE = """
select shipment_id, kind, count(*) as times from print_item
where shipment_id = any($1::text[]) and kind = any($2::text[]) group by shipment_id, kind
"""
_PRINT = """
insert into print (id, created_at, by_whom, accounts, locations, form, paper, sorted, reversed, printed, reprinted,
    refused)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing
"""
_ITEMS = """
insert into print_item (print_id, kind, place, shipment_id, package_id, tracking_id, sha256, copy)
select $1, * from unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[])
"""
_FILES = """
insert into print_file (print_id, kind, name, media_type, size, until, content) values ($1, $2, $3, $4, $5, $6, $7)
"""
_EVENTS = """
insert into event (at, account_id, shipment_id, location_id, name, cause, data)
select $1, t.account_id, t.shipment_id, t.location_id, t.name, 'command', t.data
from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[])
    with ordinality as t(account_id, shipment_id, location_id, name, data, place) order by t.place
"""
_FORGET = "update print_file set content = null where until < $1 and content is not null"
_refusals = msgspec.json.Decoder(tuple[Refusal, ...])


class Prints:
    """Prints with their items and files, and how often each label was printed."""

    def __init__(self, pool: asyncpg.Pool, vault: Vault | None = None) -> None:
        """Use the pool of this process, and the vault that documents are encrypted with."""
        self._pool, self._vault = pool, vault

    async def find(self, references: Sequence[str]) -> list[Target]:
        """Name what is meant."""
        return await find_targets(self._pool, references)

    async def bins(self, shipments: Sequence[Shipment]) -> Mapping[tuple[str, str, str], str]:
        """Give the first bin that holds units, by account, location and SKU."""
        keys = sorted({(s.account, s.location, sku) for s in shipments for sku, _ in s.items})
        columns = [list(column) for column in zip(*keys, strict=True)] if keys else [[], [], []]
        first: dict[tuple[str, str, str], str] = {}
        for account, location, sku, name in await self._pool.fetch(_BINS, *columns):
            first[account, location, sku] = min(name, first.get((account, location, sku), name), key=natural)
        return first

    async def contents(self, documents: Sequence[str]) -> Mapping[str, bytes]:
        """Read documents by sha256."""
        rows = await self._pool.fetch(_CONTENTS, sorted(set(documents)))
        return {row["sha256"]: opened(self._vault, row["content"]) for row in rows}

    async def take(self, pieces: Sequence[Piece], now: datetime) -> list[Piece]:
        """Count one more print of each label before it is drawn; gives the pieces with their copy."""
        counted = {
            (row["shipment_id"], row["package_id"]): row["prints"]
            for row in await self._pool.fetch(_TAKE, *_labels(pieces), now)
        }
        others = [piece for piece in pieces if piece.kind is not DocumentKind.SHIP_LABEL]
        before = await self._before(others) if others else {}
        return [
            replace(piece, copy=counted.get((piece.shipment, piece.package), 1))
            if piece.kind is DocumentKind.SHIP_LABEL
            else replace(piece, copy=before.get((piece.shipment, piece.kind.value), 0) + 1)
            for piece in pieces
        ]

    async def _before(self, pieces: Sequence[Piece]) -> dict[tuple[str, str], int]:
        names, kinds = sorted({piece.shipment for piece in pieces}), sorted({piece.kind.value for piece in pieces})
        return {(r["shipment_id"], r["kind"]): r["times"] for r in await self._pool.fetch(_BEFORE, names, kinds)}

    async def give_back(self, pieces: Sequence[Piece]) -> None:
        """Take the count back for labels that were not printed after all."""
        if any(piece.kind is DocumentKind.SHIP_LABEL for piece in pieces):
            await self._pool.execute(_GIVE_BACK, *_labels(pieces))

    async def known(self, print_id: str) -> Print | None:
        """Read a print that was made before."""
        row = await self._pool.fetchrow("select * from print where id = $1", print_id)
        if row is None:
            return None
        files = await self._pool.fetch(
            "select kind, name, media_type, size, until from print_file where print_id = $1 order by kind desc",
            print_id,
        )
        return print_of(row, files)

    async def save(self, made: Print, pieces: Sequence[tuple[Shipment, Piece]]) -> None:
        """Keep a print with its files, and tell the feed of every document in it, in one transaction."""
        accounts = sorted({shipment.account for shipment, _ in pieces})
        locations = sorted({shipment.location for shipment, _ in pieces})
        held = await asyncio.to_thread(lambda: [kept(self._vault, file.content) for file in made.files])
        async with self._pool.acquire() as connection, connection.transaction():
            written: str = await connection.execute(
                _PRINT, made.id, made.created_at, made.by, accounts, locations, made.form.value, made.paper.value,
                made.order, made.reverse, made.printed, made.reprinted, msgspec.json.encode(made.refused),
            )  # fmt: skip
            if written == "INSERT 0 0":  # the same key at the same moment: the other one counts
                return
            await connection.execute(_FORGET, made.created_at)
            for file, content in zip(made.files, held, strict=True):
                row = (file.kind.value, file.name, file.media_type, file.size, file.until, content)
                await connection.execute(_FILES, made.id, *row)
            await connection.execute(_ITEMS, made.id, *_items(pieces))
            await connection.execute(_EVENTS, made.created_at, *_events(made, pieces))


def print_of(row: Any, files: Sequence[Any]) -> Print:
    """Make the print of a row."""
    return Print(
        id=row["id"],
        created_at=row["created_at"],
        by=row["by_whom"],
        form=Form(row["form"]),
        paper=Paper(row["paper"]),
        order=row["sorted"],
        reverse=row["reversed"],
        printed=row["printed"],
        reprinted=row["reprinted"],
        refused=_refusals.decode(row["refused"]),
        files=tuple(
            PrintFile(DocumentKind(f["kind"]), f["name"], f["media_type"], f["size"], f["until"]) for f in files
        ),
    )


def _labels(pieces: Sequence[Piece]) -> list[list[str]]:
    labels = [piece for piece in pieces if piece.kind is DocumentKind.SHIP_LABEL]
    return [[p.shipment for p in labels], [p.package for p in labels], [p.tracking_id for p in labels]]


def _items(pieces: Sequence[tuple[Shipment, Piece]]) -> list[list[Any]]:
    listed = [piece for _, piece in pieces]
    return [
        [p.kind.value for p in listed],
        list(range(len(listed))),
        [p.shipment for p in listed],
        [p.package for p in listed],
        [p.tracking_id for p in listed],
        [p.document.sha256 for p in listed],
        [p.copy for p in listed],
    ]


def _events(made: Print, pieces: Sequence[tuple[Shipment, Piece]]) -> list[list[Any]]:
    return [
        [shipment.account for shipment, _ in pieces],
        [shipment.id for shipment, _ in pieces],
        [shipment.location for shipment, _ in pieces],
        ["package.printed" if p.kind is DocumentKind.SHIP_LABEL else "document.printed" for _, p in pieces],
        [_data(made, shipment, piece) for shipment, piece in pieces],
    ]


def _data(made: Print, shipment: Shipment, piece: Piece) -> bytes:
    told = {
        "type": "printed",
        "print": made.id,
        "kind": piece.kind.value,
        "package_id": piece.package,
        "tracking_id": piece.tracking_id,
        "copy": piece.copy,
        "by": made.by,
    }
    return msgspec.json.encode({"event": told, "shipment": summary(shipment)})
