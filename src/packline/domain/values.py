"""Small values that every part of the domain shares."""

import functools
import hashlib
import zlib
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec


class Value(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Be a frozen value: encoded without its defaults, compared by content."""


class Money(Value, frozen=True):
    """An amount as Amazon writes it: a decimal in a string, and an ISO 4217 currency."""

    amount: str
    currency: str


class Box(Value, frozen=True):
    """Outer size and weight of a package: centimetres and grams, all above zero."""

    length_cm: float
    width_cm: float
    height_cm: float
    weight_g: float


class Window(Value, frozen=True):
    """A span of time, with the hand-over method that Amazon ties to it (PICKUP or DROPOFF)."""

    start: datetime
    end: datetime
    method: str = ""


class DocumentKind(StrEnum):
    """What a stored document is."""

    INVOICE = "invoice"
    SHIP_LABEL = "ship_label"
    WARRANTY = "warranty"


class Document(Value, frozen=True):
    """A document's identity: sha256 of its bytes (hex), its media type and its size in bytes."""

    sha256: str
    media_type: str
    size: int


class File(Value, frozen=True):
    """A document with its bytes, on the way into the store."""

    document: Document
    content: bytes


def file_of(content: bytes, media_type: str) -> File:
    """Give bytes their identity by content, so that the same document is stored once."""
    return File(Document(hashlib.sha256(content).hexdigest(), media_type, len(content)), content)


def body_hash(body: bytes) -> bytes:
    """Hash a raw body, so that what was read before is recognised without decoding it: 16 bytes of its sha256."""
    return hashlib.sha256(body).digest()[:16]


def body_mark(body: bytes) -> bytes:
    """Mark a raw body, so that one that comes again with the same update time is passed over: checksum and length.

    A third of a hash's cost; it is asked only where Amazon's own update time did not move.
    """
    return (zlib.crc32(body) << 32 | len(body)).to_bytes(8, "big")


def address_mark(address: Mapping[str, object]) -> str:
    """Mark an address, so that another one is noticed: four hexadecimal digits, "" for none.

    So short that many thousand addresses share each mark: it tells nothing of the address itself. Case, spaces and
    the order of fields do not count.
    """
    fields = [f"{name}={' '.join(str(value).split()).lower()}" for name, value in address.items() if value]
    return f"{zlib.crc32(';'.join(sorted(fields)).encode()) & 0xFFFF:04x}" if fields else ""


def stable_id(prefix: str, *parts: str) -> str:
    """Make an id that is a pure function of its parts: `prefix_` and 28 hexadecimal digits (112 bits)."""
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=14)
    return f"{prefix}_{digest.hexdigest()}"


@functools.lru_cache(maxsize=16384)
def shipment_id(account: str, amazon_id: str) -> str:
    """Name one shipment of one account; no look-up is needed to know the id of a shipment that Amazon tells of."""
    return stable_id("shp", account, amazon_id)
