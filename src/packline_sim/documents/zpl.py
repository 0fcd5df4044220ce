"""A label's marks in ZPL II, the language of label printers."""

from packline_sim.documents.layout import HEIGHT, SMALL_PRINT, WIDTH, Bar, BarCode, Frame, Mark, MatrixCode, Text

# ^FH\ lets any byte be written as \hex; these three would end or start a command.
_ESCAPES = str.maketrans({"^": "\\5E", "~": "\\7E", "\\": "\\5C"})


def zpl(marks: list[Mark]) -> bytes:
    """Write the marks as one label of 4 x 6 inches at 203 dpi, UTF-8 (^CI28)."""
    head = f"^XA^FX {SMALL_PRINT} ^FS\n^CI28^PW{WIDTH}^LL{HEIGHT}^LH0,0"
    return "\n".join((head, *map(_command, marks), "^PQ1^XZ\n")).encode()


def _command(mark: Mark) -> str:
    match mark:
        case Text():
            return _text(mark)
        case Bar():
            # A filled box is one whose border is as thick as its shorter side.
            return f"^FO{mark.x},{mark.y}^GB{mark.width},{mark.height},{min(mark.width, mark.height)}^FS"
        case Frame():
            return f"^FO{mark.x},{mark.y}^GB{mark.width},{mark.height},{mark.thickness}^FS"
        case BarCode():
            return f"^FO{mark.x},{mark.y}^BY{mark.module}^BCN,{mark.height},N,N,N,A{_data(mark.text)}"
        case MatrixCode():
            return f"^FO{mark.x},{mark.y}^BXN,{mark.module},200{_data(mark.text)}"


def _text(mark: Text) -> str:
    reverse = "^FR" if mark.white else ""
    font = f"^A0N,{mark.size},{mark.size}"
    if mark.align == "L":
        return f"^FO{mark.x},{mark.y}{reverse}{font}{_data(mark.text)}"
    # ^FB aligns inside a block: one that ends at x, or one that has x in its middle.
    width = mark.x if mark.align == "R" else 2 * min(mark.x, WIDTH - mark.x)
    left = mark.x - (width if mark.align == "R" else width // 2)
    return f"^FO{left},{mark.y}{reverse}^FB{width},1,0,{mark.align}{font}{_data(mark.text)}"


def _data(text: str) -> str:
    return f"^FH\\^FD{text.translate(_ESCAPES)}^FS"
