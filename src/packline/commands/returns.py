"""What a dock says of returns: received, in which condition, restocked; and who looks at a one-time password."""

import secrets
from collections.abc import Sequence

from packline.domain.returns import RECEIVED_AS, Password
from packline.domain.values import File, file_of, stable_id
from packline.errors import Denied, FieldError, Invalid, NotFound
from packline.ports import Clock
from packline.ports.returns import Dock, Expected, Passwords, Piece, Received, Reception

PIECES_AT_MOST = 1000
PHOTO_AT_MOST = 15_000_000
PHOTOS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"RIFF": "image/webp", b"%PDF": "application/pdf"}
"""What a photo begins with, and its media type."""


class ReturnDesk:
    """Where everything that is said of returns comes in, whatever face it was said at."""

    def __init__(self, dock: Dock, passwords: Passwords, clock: Clock) -> None:
        """Take the dock's store and the sealed passwords."""
        self._dock, self._passwords, self._clock = dock, passwords, clock

    async def receive(
        self,
        item: str,
        pieces: Sequence[Piece],
        *,
        note: str = "",
        restock: bool = True,
        key: str = "",
        by: str = "",
    ) -> Received:
        """Receive units of a return; with `restock` the ledger takes them at once.

        The same `key` counts once. Raises Invalid, NotFound or Denied (more than are awaited).
        """
        faults = _faults(pieces)
        if faults:
            raise Invalid("This cannot be received.", errors=faults)
        receipt = stable_id("rcp", item, key or secrets.token_hex(16))
        told = Reception(receipt, item, tuple(pieces), self._clock.now(), note, by, restock)
        if await self._dock.expected(item) is None:
            raise _unknown(item)
        answer = await self._dock.receive(told)
        if isinstance(answer, Expected):
            units = sum(piece.units for piece in pieces)
            raise Denied(
                f"Return {item} has {answer.units} units, {answer.received} of them received: {units} are too many.",
                reason="return_too_many",
                hint="Count again. Units that Amazon does not know of are told with `packline stock return`.",
            )
        return answer

    async def restock(self, item: str, *, by: str = "") -> Received:
        """Let the ledger take what was received before and not restocked. Raises NotFound; twice changes nothing."""
        if await self._dock.expected(item) is None:
            raise _unknown(item)
        return await self._dock.restock(item, by, self._clock.now())

    async def password(self, item: str, *, by: str) -> Password:
        """Give the one-time password that the carrier asks for; the look is recorded. Raises NotFound or Denied."""
        if await self._dock.expected(item) is None:
            raise _unknown(item)
        found = await self._passwords.password(item, by, self._clock.now())
        if found is None:
            raise Denied(
                f"Return {item} has no one-time password that is valid now.",
                reason="return_no_password",
                hint="Amazon gives it for some deliveries only, and it ends by itself; ask the carrier for a new one.",
            )
        return found

    async def photo(self, item: str, content: bytes, *, name: str = "", by: str = "") -> File:
        """Keep a photo of what came in. Raises Invalid (no picture, too large) or NotFound."""
        media = next((media for start, media in PHOTOS.items() if content.startswith(start)), None)
        if media is None or len(content) > PHOTO_AT_MOST:
            raise Invalid(
                f"A photo is a JPEG, PNG, WebP or PDF of at most {PHOTO_AT_MOST // 1_000_000} MB; this is none.",
                reason="return_not_a_photo",
            )
        if await self._dock.expected(item) is None:
            raise _unknown(item)
        file = file_of(content, media)
        await self._dock.keep_photo(item, file, name[:200] or file.document.sha256[:12], by, self._clock.now())
        return file


def _unknown(item: str) -> NotFound:
    return NotFound(f"There is no return {item}.", hint="List them with `packline return list`.")


def _faults(pieces: Sequence[Piece]) -> tuple[FieldError, ...]:
    found = []
    if not 1 <= len(pieces) <= PIECES_AT_MOST:
        found.append(FieldError("/pieces", f"1 to {PIECES_AT_MOST}."))
    for number, piece in enumerate(pieces):
        at = f"/pieces/{number}"
        if piece.units < 1:
            found.append(FieldError(f"{at}/units", "1 or more."))
        if piece.condition not in RECEIVED_AS:
            found.append(FieldError(f"{at}/condition", f"One of {', '.join(RECEIVED_AS)}."))
        if piece.serials and len(piece.serials) != piece.units:
            found.append(FieldError(f"{at}/serials", f"One for each unit: {piece.units}, not {len(piece.serials)}."))
        if len(set(piece.serials)) != len(piece.serials):
            found.append(FieldError(f"{at}/serials", "Each serial number once."))
    return tuple(found)
