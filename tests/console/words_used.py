"""Every text that the console may show, read out of its code and its templates."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from packline.domain.causes import CAUSES, CODES, OTHER

CONSOLE = Path(__file__).parents[2] / "src" / "packline" / "console"
_STRING = r"(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
_ONE = re.compile(rf"\bt\({_STRING}")
_MANY = re.compile(rf"\btn\({_STRING},\s*{_STRING}")


def used() -> dict[str, str]:
    """Give each text with the file that it stands in."""
    found: dict[str, str] = {}
    for file in sorted(CONSOLE.glob("*.py")):
        found |= dict.fromkeys(_in_code(file.read_text("utf-8")), file.name)
    for file in sorted((CONSOLE / "templates").glob("*.html")):
        found |= dict.fromkeys(_in_template(file.read_text("utf-8")), file.name)
    for cause in (*CAUSES.values(), OTHER):
        found |= dict.fromkeys((cause.title, cause.why, cause.cure), "causes.py")
    return found | dict.fromkeys(CODES.values(), "causes.py")


def _in_code(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if node.func.id in ("t", "mark") and texts:
            yield texts[0]
        elif node.func.id == "tn" and len(texts) >= 2:
            yield f"{texts[0]}|{texts[1]}"


def _in_template(text: str) -> Iterator[str]:
    for match in _ONE.finditer(text):
        yield ast.literal_eval(match[1])
    for match in _MANY.finditer(text):
        yield f"{ast.literal_eval(match[1])}|{ast.literal_eval(match[2])}"
