"""Text as it can be compared: one kind of digit, dash and blank, whatever the script and the reader made of it."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

ORDER_ID = re.compile(r"(?<!\d)(\d{3})[ \t]*-\s*(\d{7})[ \t]*-\s*(\d{7})(?!\d)")
"""Amazon order ids are 3-7-7 digits in practice; a line may end after a dash."""
_HEAD = 3
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


class Keys:
    """Ids that are searched in texts, as whole words, also where blanks or dashes cut them into several."""

    def __init__(self, keys: Iterable[str]) -> None:
        """Keep keys (letters and digits, in capitals)."""
        self.keys = frozenset(keys)
        self._longest = max(map(len, self.keys), default=0)
        # Nearly every word of a page begins no key: most starts are given up after one look.
        self._heads = frozenset(known[:length] for known in self.keys for length in range(1, _HEAD + 1))

    def found_in(self, words: Sequence[str]) -> set[str]:
        """Find the keys that words of a text, one or several in a row, make up."""
        return {run for at, word in enumerate(words) if word[:_HEAD] in self._heads for run in self._runs(words, at)}

    def _runs(self, words: Sequence[str], at: int) -> Iterator[str]:
        run = ""
        for word in words[at:]:
            run += word
            if len(run) > self._longest:
                return
            if run in self.keys:
                yield run
