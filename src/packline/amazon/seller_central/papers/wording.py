"""Text as it can be compared: one kind of digit, dash and blank, whatever the script and the reader made of it."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

ORDER_ID = re.compile(r"(?<!\d)(\d{3})[ \t]*-\s*(\d{7})[ \t]*-\s*(\d{7})(?!\d)")
"""Amazon order ids are 3-7-7 digits in practice; a line may end after a dash."""
_TOKEN = re.compile(r"[^\W_]+")
# PDFium writes a hyphen at the end of a line as U+0002 or U+FFFE.
_DASHES = dict.fromkeys(map(ord, "\x02\ufffe\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad\ufe58\ufe63\uff0d"), "-")
_MARKS = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF, 0x640], None)
_LETTERS = _DASHES | _MARKS


def plain(text: str) -> str:
    """Fold a text: compatibility forms, digits of every script to 0-9, dashes to "-", invisible marks away."""
    if text.isascii():
        return text.replace("\x02", "-")
    folded = unicodedata.normalize("NFKC", text.translate(_LETTERS)).translate(_LETTERS)
    return "".join(_digit(letter) for letter in folded)


def _digit(letter: str) -> str:
    if letter.isascii() or not letter.isdigit():
        return letter
    return str(unicodedata.digit(letter))


def order_ids(text: str) -> set[str]:
    """Find what looks like Amazon order ids in a folded text."""
    return {"-".join(parts) for parts in ORDER_ID.findall(text)}


def key(text: str) -> str:
    """Reduce an id to what is compared: letters and digits, in capitals."""
    return "".join(_TOKEN.findall(plain(text))).upper()


def tokens(text: str) -> list[str]:
    """Cut a folded text into its runs of letters and digits, in capitals."""
    return [token.upper() for token in _TOKEN.findall(text)]


def keys_in(words: list[str], keys: dict[str, object], longest: int) -> Iterator[str]:
    """Find keys that stand in a text as whole words, also where blanks or dashes cut them into several."""
    for start, word in enumerate(words):
        run = word
        for following in range(start + 1, len(words) + 1):
            if run in keys:
                yield run
            if following == len(words) or len(run) + len(words[following]) > longest:
                break
            run += words[following]


def longest_of(keys: Iterable[str]) -> int:
    """Tell the length of the longest key, 0 where there is none."""
    return max(map(len, keys), default=0)
