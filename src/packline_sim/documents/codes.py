"""Bar codes and matrix codes as dark and light modules, ready to be drawn."""

from collections.abc import Iterator
from typing import Any

import msgspec
import zxingcpp


class Code(msgspec.Struct, frozen=True, gc=False):
    """Hold one code: its size in modules (a bar code is one row high) and a byte for each module, 0 is dark."""

    width: int
    height: int
    modules: bytes

    def runs(self) -> Iterator[tuple[int, int, int]]:
        """Walk the dark runs, row by row: x, y, width."""
        for y in range(self.height):
            row = self.modules[y * self.width : (y + 1) * self.width] + b"\xff"
            x = row.find(0)
            while x >= 0:
                end = row.find(255, x)
                yield x, y, end - x
                x = row.find(0, end)


def code_128(text: str) -> Code:
    """Encode text as Code 128, the shortest mix of its subsets; ValueError when it has characters beyond Latin-1."""
    code = _code(text, zxingcpp.BarcodeFormat.Code128)
    return Code(code.width, 1, code.modules[: code.width])


def data_matrix(text: str) -> Code:
    """Encode text as a square Data Matrix (ECC 200)."""
    return _code(text, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)


def qr_code(text: str) -> Code:
    """Encode text as a QR code with error correction level M."""
    return _code(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")


def _code(text: str, symbology: zxingcpp.BarcodeFormat, **options: Any) -> Code:
    barcode = zxingcpp.create_barcode(text, symbology, **options)
    image: Any = barcode.to_image(scale=1, add_quiet_zones=False, add_hrt=False)
    height, width = image.shape
    return Code(width, height, bytes(memoryview(image)))
