"""Documents: the list of a shipment, and one document's bytes under the right type and name."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg

from packline.errors import NotFound
from packline.views.rows import DocumentRow

_LIST = """
select d.sha256, d.size, d.media_type, coalesce(d.head, substring(d.content for 8)) as head, s.package_id, s.kind,
       s.tracking_id, s.void, s.created_at, coalesce(p.amazon_id, s.shipment_id) as shipment_name
from shipment_document s join document d on d.sha256 = s.sha256 left join shipment p on p.id = s.shipment_id
where s.shipment_id = $1 order by s.created_at, s.package_id
"""
_CONTENT = "select content, media_type, erased_at from document where sha256 = $1"

ZPL = "application/zpl"
KINDS = {
    "application/pdf": "pdf",
    "image/png": "png",
    ZPL: "zpl",
    "text/plain": "txt",
}
_SIGNATURES = (
    (b"%PDF", "application/pdf"),
    (b"\x89PNG", "image/png"),
    (b"^XA", ZPL),
    (b"CT~~CD,", ZPL),
)


Open = Callable[[bytes], bytes]


class Content(NamedTuple):
    """A document's bytes, on the way to a printer; `kind` says what it is, where it is known."""

    content: bytes
    media_type: str
    name: str
    kind: str = ""


async def documents(pool: asyncpg.Pool, shipment_id: str) -> list[DocumentRow]:
    """List the documents of a shipment, the oldest first; void labels are marked, not hidden."""
    return [_row(row) for row in await pool.fetch(_LIST, shipment_id)]


async def content(pool: asyncpg.Pool, shipment_id: str, document_id: str, opened: Open) -> Content:
    """Read one document of a shipment by its id (or its unambiguous name); `opened` decrypts what is stored.

    Raises NotFound.
    """
    listed = await documents(pool, shipment_id)
    entry = next((d for d in listed if document_id in (d["id"], d["name"])), None)
    if entry is None:
        names = ", ".join(d["name"] for d in listed) or "none"
        raise NotFound(f"The shipment has no document {document_id}; it has {names}.")
    row = await pool.fetchrow(_CONTENT, entry["id"])
    if row["erased_at"] is not None:
        raise erased(entry["name"], row["erased_at"])
    return Content(opened(bytes(row["content"])), entry["media_type"], entry["name"], entry["kind"])


def erased(name: str, at: datetime) -> NotFound:
    """Say that a document was erased with the personal data of its shipment."""
    return NotFound(
        f"{name} was erased on {at:%Y-%m-%d}: personal data is kept for a while after the delivery only.",
        hint="The timeline and the audit are still there. The setting personal_data_days says how long it is kept.",
        reason="erased",
    )


def media_type_of(head: bytes, said: str) -> str:
    """Tell the media type by the first bytes: what Amazon says of a document is not always so."""
    start = head.lstrip()
    for signature, media_type in _SIGNATURES:
        if start.startswith(signature):
            return media_type
    if said.endswith("application/zpl"):  # Amazon writes x.application/zpl
        return ZPL
    return said if said in KINDS else "application/octet-stream"


def document_name(shipment: str, kind: str, package_id: str | None, media_type: str) -> str:
    """Name a document so that it can be found again in a folder: `SHP-1-label-PKG-1.zpl`."""
    word = "label" if kind == "ship_label" else kind
    parts = [shipment, word] + ([package_id] if package_id else [])
    return f"{'-'.join(parts)}.{KINDS.get(media_type, 'bin')}"


def _row(row: Any) -> DocumentRow:
    media_type = media_type_of(bytes(row["head"]), row["media_type"])
    return DocumentRow(
        id=_text(row["sha256"]),
        kind=row["kind"],
        package_id=row["package_id"] or None,
        tracking_id=row["tracking_id"] or None,
        name=document_name(row["shipment_name"], row["kind"], row["package_id"], media_type),
        media_type=media_type,
        size=row["size"],
        void=row["void"],
        created_at=row["created_at"],
    )


def _text(sha256: Any) -> str:
    return sha256 if isinstance(sha256, str) else bytes(sha256).hex()
