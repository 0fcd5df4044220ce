"""`packline --install-completion`."""

import sys
from typing import Literal


def install(*, shell: Literal["bash", "zsh", "fish"] | None = None) -> None:
    """Complete nouns, verbs and flags in your shell.

    Parameters
    ----------
    shell
        The shell; found by itself where not given.
    """
    from packline.cli import app

    where = app.install_completion(shell=shell)
    sys.stdout.write(f"Installed in {where}; open a new shell to use it.\n")
