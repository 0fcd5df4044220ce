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
        if purpose not in self._streams:
            self._streams[purpose] = self.about(purpose)
        return self._streams[purpose]

    def about(self, purpose: str, *subject: object) -> random.Random:
        """Give a stream for one thing, which is not kept: it draws the same whatever was drawn before, and when."""
        name = "|".join(str(part) for part in (self.seed, purpose, *subject))
        return random.Random(int.from_bytes(hashlib.sha256(name.encode()).digest()[:16], "big"))

    def letters(self, purpose: str, length: int) -> str:
        """Draw `length` capital letters and digits."""
        return letters(self.of(purpose), length)

    def digits(self, purpose: str, length: int) -> str:
        """Draw `length` digits, the first not 0."""
        return digits(self.of(purpose), length)

    def hex(self, purpose: str, length: int) -> str:
        """Draw `length` hexadecimal digits."""
        return f"{self.of(purpose).getrandbits(length * 4):0{length}x}"

    def uuid(self, purpose: str) -> str:
        """Draw an id in the form of a random UUID."""
        return uuid(self.of(purpose))


def letters(draw: random.Random, length: int) -> str:
    """Draw `length` capital letters and digits."""
    return "".join(draw.choices(ALPHANUMERIC, k=length))


def digits(draw: random.Random, length: int) -> str:
    """Draw `length` digits, the first not 0."""
    return str(draw.randrange(10 ** (length - 1), 10**length))


def uuid(draw: random.Random) -> str:
    """Draw an id in the form of a random UUID."""
    text = f"{draw.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def happens(draw: random.Random, share: float) -> bool:
    """Draw whether something happens that happens to a share; always one draw, so that no share shifts another's."""
    return draw.random() < share


def about(draw: random.Random, seconds: float) -> float:
    """Draw a wait evenly between half and one and a half times `seconds`."""
    return seconds * draw.uniform(0.5, 1.5)
