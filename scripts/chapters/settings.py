"""docs/reference/settings.md, from the Settings class."""

import re
from pathlib import Path
from typing import get_args, get_origin

from pydantic.fields import FieldInfo

from chapters.tables import table
from packline.config import PREFIX, Settings

INTRODUCTION = """\
# Settings

Made from `packline/config.py`. A value is taken from the first place that has one: a flag of the command, the
environment, the file `packline.toml` in the working folder (`--config` or `PACKLINE_CONFIG` names another one), the
default. A name that does not exist is refused, so that a misspelt setting is said and not lost. `packline config
show` prints every value with its source; secrets are only said to be set.

In `packline.toml` a setting stands by its name (`poll_new_s = 2.0`), in the environment by its variable.

"""


def settings() -> str:
    """Write one row for each setting."""
    rows = [
        (f"`{name}`", f"`{PREFIX}{name.upper()}`", _kind(field), _default(field), field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    return INTRODUCTION + table(("Setting", "Variable", "Type", "Default", "Meaning"), rows)


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None or value == "":
        return "none"
    if isinstance(value, dict):
        return "; ".join(f"`{key}` is `{meaning}`" for key, meaning in value.items())
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _kind(field: FieldInfo) -> str:
    if get_origin(field.annotation) is dict:
        meanings = get_args(get_args(field.annotation)[1])
        return f"table of {' or '.join(f'`{meaning}`' for meaning in meanings)}, in the environment as JSON"
    kinds = [kind for kind in get_args(field.annotation) or (field.annotation,) if kind is not type(None)]
    return " or ".join(_word(kind) for kind in kinds) + _bounds(field)


def _word(kind: object) -> str:
    words = {int: "whole number", float: "number", bool: "true or false", str: "text", Path: "path"}
    if isinstance(kind, str):
        return f"`{kind}`"
    return words.get(kind) or "secret text"  # type: ignore[call-overload]  # any object may be asked for


def _bounds(field: FieldInfo) -> str:
    names = {"ge": "from", "gt": "above", "le": "to", "lt": "below"}
    found = re.findall(r"\b(ge|gt|le|lt)=([\d.]+)", repr(field.metadata))
    return "".join(f" {names[name]} {value}" for name, value in found)
