"""The documentation's pages, their links and their code blocks."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)


class Block(NamedTuple):
    """A code block: where it stands, its language and its text."""

    place: str
    language: str
    text: str


def pages() -> list[Path]:
    """List every page that people read."""
    top = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")]
    return [page for page in (*top, *sorted((ROOT / "docs").rglob("*.md"))) if page.exists()]


def blocks(*languages: str) -> list[Block]:
    """List the code blocks in these languages."""
    found = []
    for page in pages():
        for match in _BLOCK.finditer(page.read_text()):
            if match[1] in languages:
                line = page.read_text()[: match.start()].count("\n") + 2
                found.append(Block(f"{page.relative_to(ROOT)}:{line}", match[1], match[2]))
    return found


def links(page: Path) -> list[str]:
    """List the links of a page that stay inside the repository."""
    text = _BLOCK.sub("", page.read_text())
    return [link for link in _LINK.findall(text) if "://" not in link and not link.startswith("mailto:")]


def anchors(page: Path) -> set[str]:
    """List the anchors that a page's headings make."""
    text = _BLOCK.sub("", page.read_text())
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in _HEADING.findall(text)}
