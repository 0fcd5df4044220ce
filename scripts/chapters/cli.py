"""docs/reference/cli.md, from the command line's own description."""

import re
from collections.abc import Iterator

from cyclopts import App

INTRODUCTION = """\
# Command line

Made from `packline --help` and everything below it. Every command with a table also prints one JSON object a line
with `--json`. The exit code is 0 when it worked, 1 when it failed, 2 when it was written wrongly, 3 when it was
refused, 4 when there is no such thing, 5 when it was not over within the wait.

Everywhere:

* `--config PATH`: Settings file; packline.toml in this folder where not given.
* `--data PATH`: Folder of the embedded database.
* `--database-url STR`: A PostgreSQL of your own.
* `--json`: Print one JSON object a line.

"""
SIMULATOR = """\
The commands of `packline sim` drive a simulator over its control API: `--url` (or `PACKLINE_SIM_URL`) says which one,
and `--json` prints one object a line.

"""
_EVERYWHERE = re.compile(r"\n\*\*Everywhere\*\*:\n\n(?:\* .*\n?)+", re.MULTILINE)


def cli() -> str:
    """Write a chapter for each noun and verb, an entry for each command."""
    from packline.cli import app

    parts = [INTRODUCTION]
    for name in _names(app):
        found = app[name]
        parts.append(f"## packline {name}\n\n")
        if name == "sim":
            parts.append(SIMULATOR)
        parts += _entries(found, f"packline {name}")
    return "".join(parts)


def _entries(app: App, path: str) -> Iterator[str]:
    names = list(_names(app))
    if not names:
        yield _body(app, path)
        return
    yield f"{_sentence(app)}\n\n"
    for name in names:
        inner = app[name]
        if list(_names(inner)):
            yield from _entries(inner, f"{path} {name}")
        else:
            yield f"### {path} {name}\n\n{_body(inner, f'{path} {name}')}"


def _names(app: App) -> Iterator[str]:
    return (name for name in app if not name.startswith("-"))


def _sentence(app: App) -> str:
    return str(app.help).strip()


def _body(app: App, path: str) -> str:
    text = app.generate_docs(output_format="markdown", recursive=False, heading_level=6, usage_name=path)
    text = re.sub(rf"{path} -m \S+", path, text)  # cyclopts adds the module that Python was started with
    text = _EVERYWHERE.sub("\n", text.partition("\n")[2].strip() + "\n")
    text = text.replace("```console", "```text").replace("* `SHIPMENTS`:", "* `SHIPMENTS`: one or more ids.")
    return re.sub(r"[ \t]+\n", "\n", text).strip() + "\n\n"
