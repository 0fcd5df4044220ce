"""How a command ends: its exit code, and errors as what happened, why, and what to do."""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from cyclopts import App, CycloptsError

from packline import errors
from packline.cli.recording import said

OK, FAILED, USAGE, REFUSED, NOT_FOUND, UNFINISHED = 0, 1, 2, 3, 4, 5
"""Done; it failed; the command was written wrongly; denied or rejected; no such thing; not over within the wait."""

_CODES: tuple[tuple[type[errors.PacklineError], int], ...] = (
    (errors.Invalid, USAGE),
    (errors.ConfigError, USAGE),
    (errors.NotFound, NOT_FOUND),
    (errors.Denied, REFUSED),
    (errors.Conflict, REFUSED),
    (errors.Rejected, REFUSED),
)


class Ended(Exception):
    """The command has said what there is to say, and ends with this exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def end(code: int) -> NoReturn:
    """End the command with an exit code."""
    raise Ended(code)


def exit_code(error: errors.PacklineError) -> int:
    """Give the exit code of an error."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), FAILED)


def run(app: App, tokens: Sequence[str] | None = None) -> int:
    """Run a command and give its exit code; say on standard error what went wrong."""
    said.set(tuple(sys.argv[1:] if tokens is None else tokens))
    try:
        app(tokens, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as wrong:
        return _tell(str(wrong), "Add --help to see what the command takes.", USAGE)
    except Ended as ended:
        return ended.code
    except errors.PacklineError as error:
        return tell(error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of a pipe (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else FAILED
    return OK


def tell(error: errors.PacklineError) -> int:
    """Say what happened, why and what to do, on standard error; give the exit code."""
    fields = error.errors if isinstance(error, errors.Invalid) else ()
    lines = [error.message, *(f"  {field.pointer or '/'}: {field.message}" for field in fields)]
    request_id = getattr(error, "request_id", "")
    if request_id:
        lines.append(f"  Amazon's request id: {request_id}")
    return _tell("\n".join(lines), error.hint, exit_code(error))


def _tell(message: str, hint: str, code: int) -> int:
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, highlight=False)
    console.print(Text.assemble(("✗ ", "bold red"), message))
    if hint:
        console.print(Text.assemble(("→ ", "bold"), hint))
    return code
