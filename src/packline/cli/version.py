"""`packline version`."""

import sys
from importlib import metadata


def version() -> None:
    """Print the version."""
    sys.stdout.write(f"packline {metadata.version('packline')}\n")
