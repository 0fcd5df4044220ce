"""Bad input to the control API is told completely, field by field."""

from typing import Annotated

import msgspec
import pytest

from packline_sim.control.reading import BadInput, FieldError, read


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sku: str
    quantity: Annotated[int, msgspec.Meta(ge=1)] = 1


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    seller: str
    lines: Annotated[list[Line], msgspec.Meta(min_length=1)]
    gift: Line | None = None
    weights: dict[str, float] = {}


def _pointers(value: object) -> list[str]:
    with pytest.raises(BadInput) as refusal:
        read(Order, value)
    return [error.pointer for error in refusal.value.errors]


def test_good_input_becomes_the_struct() -> None:
    """What fits is converted, defaults filled in."""
    order = read(Order, {"seller": "S1", "lines": [{"sku": "A"}], "gift": None})
    assert order == Order(seller="S1", lines=[Line("A", 1)])


def test_every_field_at_fault_is_named_at_once() -> None:
    """A caller mends all faults in one go, however deep they sit."""
    value = {"lines": [{"sku": 3}, {"sku": "A", "quantity": 0, "colour": "red"}], "gift": {}, "weights": {"x": "y"}}
    assert _pointers(value) == [
        "/seller",
        "/lines/0/sku",
        "/lines/1/colour",
        "/lines/1/quantity",
        "/gift/sku",
        "/weights/x",
    ]


def test_an_unknown_field_is_told_with_the_known_ones() -> None:
    """A misspelt field is refused, never ignored."""
    with pytest.raises(BadInput) as refusal:
        read(Line, {"sku": "A", "quantitiy": 2})
    assert refusal.value.errors == (FieldError("/quantitiy", "no such field; known are sku, quantity"),)


def test_a_list_that_is_too_short_is_a_fault_of_the_list() -> None:
    """Limits of a whole list are told at the list."""
    assert _pointers({"seller": "S1", "lines": []}) == ["/lines"]


def test_text_stands_for_numbers_only_where_the_caller_says_so() -> None:
    """Query strings are text; JSON bodies are typed."""
    assert read(Line, {"sku": "A", "quantity": "3"}, from_text=True).quantity == 3
    with pytest.raises(BadInput):
        read(Line, {"sku": "A", "quantity": "3"})


def test_something_else_than_an_object_is_told() -> None:
    """A list where an object belongs names the place."""
    assert _pointers([]) == [""]
