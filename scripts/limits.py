"""Check the house's limits: lines of a file, lines of a function, names that say nothing."""

import ast
import subprocess
import sys
from pathlib import Path

FILE_LIMIT = 400
FUNCTION_LIMIT = 50
VAGUE = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "base"}
EXCEPTIONS: dict[str, str] = {}
"""Path -> why it may be longer than the limit."""


def tracked() -> list[Path]:
    """List the project's Python files that the limits are for."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "src/*.py", "bench/*.py", "scripts/*.py"],
        capture_output=True,
        text=True,
        check=True,
    )
    return [Path(line) for line in listed.stdout.splitlines() if Path(line).exists()]


def complaints(path: Path) -> list[str]:
    """Say what is beyond a limit in one file."""
    text = path.read_text()
    found = []
    lines = text.count("\n")
    if lines > FILE_LIMIT and str(path) not in EXCEPTIONS:
        found.append(f"{path}: {lines} lines (limit {FILE_LIMIT}); split it by what it holds")
    if path.stem in VAGUE:
        found.append(f"{path}: the name says nothing; name it for what it holds")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.body[0].lineno + 1  # a signature is a table, not a program
            if length > FUNCTION_LIMIT:
                found.append(f"{path}:{node.lineno}: {node.name} has {length} lines (limit {FUNCTION_LIMIT})")
    return found


def main() -> int:
    """Print every complaint; the exit code says whether there was one."""
    found = [complaint for path in tracked() for complaint in complaints(path)]
    print("\n".join(found) or f"limits: {len(tracked())} files within {FILE_LIMIT} lines")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
