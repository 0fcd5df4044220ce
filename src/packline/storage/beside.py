"""What changes bring along: documents, labels and tickets of many changes, in one statement."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from packline.domain.values import File
from packline.storage.columns import given, numbers, split, texts
from packline.storage.effects import DocumentRow, Effects, LabelRow

_SQL = f"""
with documents as (
    insert into document (sha256, media_type, size, content, created_at)
    select *, $1 from unnest({split(2)}, {split(3)}, {split(4, "int")}, $5::bytea[])
    on conflict (sha256) do nothing
), found as (
    insert into shipment_document as d (shipment_id, package_id, kind, sha256, name, tracking_id, void, created_at)
    select shipment_id, coalesce(package_id, ''), kind, sha256, name, tracking_id, void, $1
    from unnest({split(6)}, {split(7)}, {split(8)}, {split(9)}, {split(10)}, {split(11)}, {split(12, "bool")})
        as f(shipment_id, package_id, kind, sha256, name, tracking_id, void)
    on conflict (shipment_id, package_id, kind, sha256)
    do update set void = excluded.void, tracking_id = excluded.tracking_id
), labels as (
    insert into package_label (shipment_id, package_id, tracking_id, void)
    select shipment_id, package_id, coalesce(tracking_id, ''), void
    from unnest({split(13)}, {split(14)}, {split(15)}, {split(16, "bool")})
        as l(shipment_id, package_id, tracking_id, void)
    on conflict (shipment_id, package_id, tracking_id) do update set void = excluded.void
)
update command set status = 'settled', outcome = t.outcome, problem = t.problem, settled_at = $1
from unnest({split(17)}, {split(18)}, $19::bytea[]) as t(id, outcome, problem)
where command.id = t.id and command.status = 'pending'
"""
_VOIDED = f"""
update shipment_document d set void = true
from unnest({split(1)}, {split(2)}, {split(3)}) as l(shipment_id, package_id, tracking_id)
where d.shipment_id = l.shipment_id and d.package_id = l.package_id and d.tracking_id = l.tracking_id
"""


async def write_beside(
    connection: asyncpg.Connection, found: Sequence[Effects], files: Mapping[str, File], now: datetime
) -> None:
    """Write the side rows of many changes and the documents, by sha256, that came with them."""
    documents = list({(r.shipment, r.package, r.kind, r.sha256): r for e in found for r in e.documents}.values())
    labels = [row for e in found for row in e.labels]
    tickets = [row for e in found for row in e.tickets]
    if not (files or documents or labels or tickets):
        return
    await connection.execute(
        _SQL, now, *_file_columns(files), *_document_columns(documents), *_label_columns(labels),
        texts([t.ticket for t in tickets]), texts([t.outcome for t in tickets]), given([t.problem for t in tickets]),
    )  # fmt: skip
    void = [row for row in labels if row.void]
    if void:
        await connection.execute(_VOIDED, *_label_columns(void)[:3])


def _file_columns(files: Mapping[str, File]) -> list[Any]:
    ordered = [files[sha256] for sha256 in sorted(files)]
    return [
        texts([f.document.sha256 for f in ordered]),
        texts([f.document.media_type for f in ordered]),
        numbers([f.document.size for f in ordered]),
        [f.content for f in ordered],
    ]


def _document_columns(rows: Sequence[DocumentRow]) -> list[str]:
    return [
        texts([r.shipment for r in rows]),
        texts([r.package for r in rows]),
        texts([r.kind for r in rows]),
        texts([r.sha256 for r in rows]),
        texts([r.name for r in rows]),
        texts([r.tracking_id or "" for r in rows]),
        texts(["t" if r.void else "f" for r in rows]),
    ]


def _label_columns(rows: Sequence[LabelRow]) -> list[str]:
    return [
        texts([r.shipment for r in rows]),
        texts([r.package for r in rows]),
        texts([r.tracking_id for r in rows]),
        texts(["t" if r.void else "f" for r in rows]),
    ]
