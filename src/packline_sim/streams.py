"""Seeded randomness, one stream for each purpose, so that one draw never shifts another purpose's draws."""

import hashlib
import random

ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class Streams:
    """Hand out random streams by purpose; the same seed and purpose give the same draws."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._streams: dict[str, random.Random] = {}

    def of(self, purpose: str) -> random.Random:
        """Give the stream of `purpose`, made on first use."""
        stream = self._streams.get(purpose)
        if stream is None:
            digest = hashlib.sha256(f"{self.seed}|{purpose}".encode()).digest()
            stream = self._streams[purpose] = random.Random(int.from_bytes(digest[:16], "big"))
        return stream

    def letters(self, purpose: str, length: int) -> str:
        """Draw `length` capital letters and digits."""
        return "".join(self.of(purpose).choices(ALPHANUMERIC, k=length))

    def digits(self, purpose: str, length: int) -> str:
        """Draw `length` digits, the first not 0."""
        return str(self.of(purpose).randrange(10 ** (length - 1), 10**length))

    def hex(self, purpose: str, length: int) -> str:
        """Draw `length` hexadecimal digits."""
        return f"{self.of(purpose).getrandbits(length * 4):0{length}x}"

    def uuid(self, purpose: str) -> str:
        """Draw an id in the form of a random UUID."""
        text = f"{self.of(purpose).getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"
