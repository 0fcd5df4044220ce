"""A small label printer: reads the ZPL that labels use and prints its codes on a picture."""

import re

import msgspec
import zxingcpp
from PIL import Image

_FIELD = re.compile(r"\^FO(\d+),(\d+)((?:(?!\^FO|\^PQ).)*?)\^FS", re.DOTALL)
_HEX = re.compile(r"\\([0-9A-F]{2})")


class Field(msgspec.Struct, frozen=True):
    """Hold one ^FO ... ^FS: its place, its commands and its data, hexadecimal escapes resolved."""

    x: int
    y: int
    commands: str
    data: str


def fields(zpl: str) -> list[Field]:
    """Split a label into its fields."""
    found = []
    for x, y, body in _FIELD.findall(zpl):
        commands, _, data = body.partition("^FD")
        found.append(Field(int(x), int(y), commands, _HEX.sub(lambda match: chr(int(match[1], 16)), data)))
    return found


def printed(zpl: str) -> Image.Image:
    """Print boxes, ^BC and ^BX on a white label, at the places and in the sizes that the ZPL says."""
    label = Image.new("L", (_number(zpl, r"\^PW(\d+)"), _number(zpl, r"\^LL(\d+)")), 255)
    for field in fields(zpl):
        if "^GB" in field.commands:
            width, height, thickness = map(int, re.search(r"\^GB(\d+),(\d+),(\d+)", field.commands).groups())
            if thickness == min(width, height):
                label.paste(0, (field.x, field.y, field.x + width, field.y + height))
        elif "^BC" in field.commands:
            size = (_number(field.commands, r"\^BY(\d+)"), _number(field.commands, r"\^BCN,(\d+)"))
            _stamp(label, field, zxingcpp.BarcodeFormat.Code128, *size)
        elif "^BX" in field.commands:
            module = _number(field.commands, r"\^BXN,(\d+)")
            _stamp(label, field, zxingcpp.BarcodeFormat.DataMatrix, module, module)
    return label


def _stamp(label: Image.Image, field: Field, symbology: zxingcpp.BarcodeFormat, module: int, height: int) -> None:
    options = {"force_square": True} if symbology is zxingcpp.BarcodeFormat.DataMatrix else {}
    barcode = zxingcpp.create_barcode(field.data, symbology, **options)
    code = barcode.to_image(scale=1, add_quiet_zones=False, add_hrt=False)
    rows, columns = code.shape
    picture = Image.frombytes("L", (columns, rows), bytes(memoryview(code)))
    if symbology is zxingcpp.BarcodeFormat.Code128:
        picture, rows = picture.crop((0, 0, columns, 1)), 1
    picture = picture.resize((columns * module, rows * height), Image.Resampling.NEAREST)
    assert field.x + picture.width <= label.width
    assert field.y + picture.height <= label.height
    label.paste(picture, (field.x, field.y))


def _number(text: str, pattern: str) -> int:
    return int(re.search(pattern, text)[1])
