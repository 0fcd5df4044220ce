"""What pages say, in the reader's language: the English text is the key, catalogues are TOML files by page.

`t("Pack")` gives the translation, `tn("{n} shipment", "{n} shipments", n)` the right plural form, `mark("Pack")` names
a text that is translated later, and `tell(sentence)` translates what the domain says in English.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent / "catalogues"


class Language(NamedTuple):
    """A language that the console speaks: its own name, its direction, and the plural form of a number."""

    name: str
    direction: str
    form: Callable[[int], str]


def _arabic(n: int) -> str:
    """Give the plural form by the rules of CLDR."""
    few, many = 3 <= n % 100 <= 10, 11 <= n % 100 <= 99
    return {0: "zero", 1: "one", 2: "two"}.get(n) or ("few" if few else "many" if many else "other")


LANGUAGES: dict[str, Language] = {
    "en": Language("English", "ltr", lambda n: "one" if n == 1 else "other"),
    "hi": Language("हिन्दी", "ltr", lambda n: "one" if n in (0, 1) else "other"),
    "ar": Language("العربية", "rtl", _arabic),
}
FORMS: dict[str, tuple[str, ...]] = {
    "hi": ("one", "other"),
    "ar": ("zero", "one", "two", "few", "many", "other"),
}
"""The plural forms that each catalogue must have."""
missing: set[tuple[str, str]] = set()
"""(language, text) that was asked for and is in no catalogue; tests look here."""
_spoken: ContextVar[str] = ContextVar("language", default="en")
_PLACE = re.compile(r"\{(\w+)\}")


def speak(language: str) -> None:
    """Speak this language for the rest of this request; English where it is none of ours."""
    _spoken.set(language if language in LANGUAGES else "en")


def spoken() -> str:
    """Give the code of the language of this request."""
    return _spoken.get()


def preferred(accepted: str) -> str:
    """Choose a language by a browser's Accept-Language."""
    for part in accepted.split(","):
        code = part.partition(";")[0].strip().lower()[:2]
        if code in LANGUAGES:
            return code
    return "en"


def mark(text: str) -> str:
    """Name a text that is translated when it is shown."""
    return text


def t(text: str, **values: Any) -> str:
    """Translate a text and fill in its values."""
    found = _look_up(text)
    said = found if isinstance(found, str) else text
    return said.format(**values) if values else said


def tn(one: str, many: str, n: int, **values: Any) -> str:
    """Translate a text that counts something; `{n}` is the number."""
    language = _spoken.get()
    found = _look_up(f"{one}|{many}")
    plain = one if n == 1 else many
    said = found[LANGUAGES[language].form(n)] if isinstance(found, Mapping) else plain
    return str(said).format(**{"n": f"{n:,}", **values})


def tell(sentence: str) -> str:
    """Translate what the domain says in English, sentence by sentence; what is not known stays as it is."""
    language = _spoken.get()
    if language == "en" or not sentence:
        return sentence
    return " ".join(_tell(language, part) for part in re.split(r"(?<=[.!?]) +", sentence))


@cache
def catalogue(language: str) -> Mapping[str, Any]:
    """Read the texts of a language from all its files but `sentences`."""
    texts: dict[str, Any] = {}
    for file in sorted((HERE / language).glob("*.toml")):
        if not file.stem.startswith("sentences"):
            texts |= tomllib.loads(file.read_text("utf-8"))
    return texts


@cache
def sentences(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Read the sentences of the domain as patterns with their translations, the longest first."""
    known: dict[str, str] = {}
    for file in sorted((HERE / language).glob("sentences*.toml")):
        known |= tomllib.loads(file.read_text("utf-8"))
    return tuple((_pattern(key), known[key]) for key in sorted(known, key=len, reverse=True))


def _look_up(key: str) -> Any:
    language = _spoken.get()
    if language == "en":
        return None
    found = catalogue(language).get(key)
    if found is None:
        missing.add((language, key))
    return found


def _tell(language: str, sentence: str) -> str:
    for pattern, said in sentences(language):
        match = pattern.fullmatch(sentence)
        if match:
            values = match.groupdict()
            inner = {name: _tell(language, value) for name, value in values.items()}
            return said.format(**inner)
    return sentence


def _pattern(key: str) -> re.Pattern[str]:
    parts = _PLACE.split(key)
    made = [re.escape(part) if at % 2 == 0 else f"(?P<{part}>.+?)" for at, part in enumerate(parts)]
    return re.compile("".join(made), re.DOTALL)
