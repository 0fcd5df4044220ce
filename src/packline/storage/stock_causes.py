"""Causes as they are known: each counts once, however often it is told."""

import hashlib
from collections.abc import Sequence

from packline.domain.inventory.ledger import Movement


def causes_of(movements: Sequence[Movement]) -> list[bytes]:
    """Shorten the cause of each movement to the 16 bytes under which it is known."""
    return [hashlib.blake2b(movement.cause.encode(), digest_size=16).digest() for movement in movements]
