"""Reading of untrusted input into structs, gathering every fault instead of stopping at the first."""

import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


class FieldError(msgspec.Struct, frozen=True):
    """Name one field and what is wrong with it; `pointer` is a JSON pointer into the input."""

    pointer: str
    detail: str


class BadInput(Exception):
    """The input does not fit; `errors` names every field that must be mended."""

    def __init__(self, *errors: FieldError) -> None:
        super().__init__("; ".join(f"{error.pointer or 'input'}: {error.detail}" for error in errors))
        self.errors = errors


def read(kind: type[T], value: object, *, from_text: bool = False) -> T:
    """Convert plain data (dicts, lists, numbers, text) into `kind`.

    With `from_text`, numbers and booleans may be written as text, as query strings do. Raises BadInput.
    """
    faults = tuple(_faults(kind, value, "", not from_text))
    if faults:
        raise BadInput(*faults)
    try:
        return msgspec.convert(value, kind, strict=not from_text)
    except msgspec.ValidationError as refusal:
        raise BadInput(FieldError("", _plain(refusal))) from None


def _faults(hint: Any, value: object, pointer: str, strict: bool) -> Iterator[FieldError]:
    inner = _inside(hint)
    if _is_struct(inner) and not (value is None and inner is not hint):
        yield from _struct_faults(inner, value, pointer, strict)
        return
    items = tuple(_item_faults(inner, value, pointer, strict))
    yield from items
    if not items:
        yield from _leaf_faults(hint, value, pointer, strict)


def _struct_faults(kind: Any, value: object, pointer: str, strict: bool) -> Iterator[FieldError]:
    if not isinstance(value, Mapping):
        yield FieldError(pointer, "an object is expected here")
        return
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for name in value:
        if name not in fields:
            yield FieldError(f"{pointer}/{name}", f"no such field; known are {', '.join(fields)}")
    for name, field in fields.items():
        if name in value:
            yield from _faults(field.type, value[name], f"{pointer}/{name}", strict)
        elif field.required:
            yield FieldError(f"{pointer}/{name}", "this field is required")


def _item_faults(hint: Any, value: object, pointer: str, strict: bool) -> Iterator[FieldError]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (list, tuple) and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _faults(arguments[0], item, f"{pointer}/{index}", strict)
    if origin is dict and isinstance(value, Mapping):
        for key, item in value.items():
            yield from _faults(arguments[1], item, f"{pointer}/{key}", strict)


def _leaf_faults(hint: Any, value: object, pointer: str, strict: bool) -> Iterator[FieldError]:
    try:
        msgspec.convert(value, hint, strict=strict)
    except msgspec.ValidationError as refusal:
        yield FieldError(pointer, _plain(refusal))


def _inside(hint: Any) -> Any:
    if typing.get_origin(hint) is typing.Annotated:
        return _inside(typing.get_args(hint)[0])
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        known = [part for part in typing.get_args(hint) if part not in (type(None), msgspec.UnsetType)]
        return _inside(known[0]) if len(known) == 1 else hint
    return hint


def _is_struct(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, msgspec.Struct)


def _plain(refusal: msgspec.ValidationError) -> str:
    return str(refusal).split(" - at ")[0]
