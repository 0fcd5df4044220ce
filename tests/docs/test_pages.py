"""Pages hold together: links lead somewhere, and the code in them can be read."""

import ast
import shlex
import tomllib
from pathlib import Path

import pytest
from cyclopts import App

from docs.pages import ROOT, Block, anchors, blocks, links, pages
from packline.cli import app


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    """A link inside the repository names a file that exists, and a heading that is there."""
    broken = [link for link in links(page) if not _leads(page, link)]

    assert not broken


@pytest.mark.parametrize("block", blocks("python"), ids=lambda block: block.place)
def test_python_in_the_pages_is_python(block: Block) -> None:
    """A block that is marked as Python can be parsed."""
    ast.parse(block.text)


@pytest.mark.parametrize("block", blocks("toml"), ids=lambda block: block.place)
def test_toml_in_the_pages_is_toml(block: Block) -> None:
    """A block that is marked as TOML can be read."""
    tomllib.loads(block.text)


@pytest.mark.parametrize("block", blocks("bash"), ids=lambda block: block.place)
def test_commands_in_the_pages_exist(block: Block) -> None:
    """Every packline command that a page shows names a command and options that the command line has."""
    unknown = [line for line in _commands(block.text) if not _is_known(line)]

    assert not unknown


def _leads(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists():
        return False
    return not anchor or target.suffix != ".md" or anchor in anchors(target)


def _commands(text: str) -> list[list[str]]:
    joined = text.replace("\\\n", " ")
    lines = [shlex.split(line, comments=True) for line in joined.splitlines()]
    return [words[words.index("packline") :] for words in lines if "packline" in words]


def _is_known(words: list[str]) -> bool:
    found: App = app
    rest = words[1:]
    while rest and not rest[0].startswith("-") and list(_names(found)):
        if rest[0] not in found:
            return False
        found, rest = found[rest[0]], rest[1:]
    options = {option for argument in found.assemble_argument_collection() for option in argument.names}
    asked = {word.partition("=")[0] for word in rest if word.startswith("--")}
    return asked <= options | {"--help", "--version"}


def _names(found: App) -> list[str]:
    return [name for name in found if not name.startswith("-")]
