"""The embedded PostgreSQL with real processes: attached to, left, killed beside, moved into a deep folder."""

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from packline.storage.embedded import CONFIG, start

pytestmark = pytest.mark.e2e

USE = """
import asyncio, sys
from pathlib import Path
import asyncpg
from packline.storage import embedded

async def ask(address, sql):
    connection = await asyncpg.connect(address)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()

address = embedded.start(Path(sys.argv[1]))
for line in sys.stdin:
    if line.strip() == "uri":
        print(address, flush=True)
    elif line.strip() == "keep":
        print(embedded.keep(Path(sys.argv[1])), flush=True)
    else:
        print(asyncio.run(ask(address, line)), flush=True)
"""


class User:
    """A process of its own that starts or attaches to the server and answers SQL."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USE, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | environment,
        )

    def ask(self, sql: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(sql + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def leave(self) -> None:
        """End as a process should."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(30) == 0

    def kill(self) -> None:
        """End without a word."""
        self.process.kill()
        self.process.wait(30)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give an empty folder, and make sure that no server of it survives the test."""
    made = Path(tempfile.mkdtemp(prefix="packline-e2e-")).resolve()
    yield made
    if (server := server_of(made)) is not None:
        server.send_signal(signal.SIGINT)
        server.wait(30)
    shutil.rmtree(made, ignore_errors=True)


def server_of(folder: Path) -> psutil.Process | None:
    """Find the server of a data folder, if it runs."""
    pid_file = folder / "postgres" / "postmaster.pid"
    try:
        process = psutil.Process(int(pid_file.read_text().splitlines()[0]))
    except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
        return None
    return process if process.is_running() and process.status() != psutil.STATUS_ZOMBIE else None


def test_a_second_process_attaches_and_the_last_one_stops_the_server(folder):
    """One server for all; it runs as long as somebody uses it."""
    first, second = User(folder), User(folder)
    assert first.ask("select pg_postmaster_start_time()") == second.ask("select pg_postmaster_start_time()")
    first.leave()
    assert second.ask("select 1") == "1"
    second.leave()
    assert server_of(folder) is None


def test_the_server_outlives_a_starter_that_is_killed(folder):
    """kill -9 of the process that started it hurts nobody else, and what was committed is there."""
    first = User(folder)
    first.ask("create table kept (n int)")
    first.ask("insert into kept values (7)")
    second = User(folder)
    assert second.ask("select 1") == "1"
    first.kill()
    assert second.ask("select n from kept") == "7"
    second.leave()
    assert server_of(folder) is None, "the dead process must not count as a user"


def test_a_server_that_everybody_was_killed_around_is_attached_to_again(folder):
    """After the machine's worst day the next start finds the data."""
    first = User(folder)
    first.ask("create table kept (n int)")
    first.kill()
    assert server_of(folder) is not None
    second = User(folder)
    assert second.ask("select count(*) from kept") == "0"
    second.leave()
    assert server_of(folder) is None


def test_a_server_that_was_killed_itself_recovers(folder):
    """Committed rows survive kill -9 of PostgreSQL."""
    first, server = used(folder)
    kill_all(server)
    first.kill()
    second = User(folder)
    assert second.ask("select n from kept") == "7"
    second.leave()


def used(folder: Path) -> tuple[User, psutil.Process]:
    """Let somebody keep a row in a server; gives the user and the server."""
    user = User(folder)
    user.ask("create table kept as select 7 as n")
    server = server_of(folder)
    assert server is not None
    return user, server


def kill_all(server: psutil.Process) -> None:
    for process in [server, *server.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):  # they end by themselves when one of them is gone
            process.kill()
    psutil.wait_procs([server], 30)


@pytest.mark.parametrize("with_children", [True, False])
def test_a_server_that_dies_under_its_users_is_started_again_by_one_of_them(folder, with_children):
    """Whoever looks first starts it, not beside processes of the dead one; the rest learn of it, and the last one that
    leaves stops it."""
    first, server = used(folder)
    second = User(folder)
    assert second.ask("keep") == "False"
    if with_children:
        kill_all(server)
    else:
        server.kill()
        psutil.wait_procs([server], 30)
    assert first.ask("keep") == "True"
    assert [user.ask("keep") for user in (first, second)] == ["False", "False"]
    assert [user.ask("select n from kept") for user in (first, second)] == ["7", "7"]
    first.leave()
    assert second.ask("select n from kept") == "7"
    second.leave()
    assert server_of(folder) is None


def test_whoever_comes_while_the_server_is_dead_forgets_nobody(folder):
    """A newcomer starts it; those who were there are listed again by their next look, and keep it when he leaves."""
    first, server = used(folder)
    kill_all(server)
    newcomer = User(folder)
    assert newcomer.ask("select n from kept") == "7"
    assert first.ask("keep") == "False"
    newcomer.leave()
    assert first.ask("select n from kept") == "7"
    first.leave()
    assert server_of(folder) is None


def test_processes_with_different_environments_share_one_server(folder, tmp_path):
    """A cron job has no XDG_RUNTIME_DIR, a login session has one: both must find the same lock."""
    session = tmp_path / "session"
    session.mkdir(mode=0o700)
    users = [User(folder, XDG_RUNTIME_DIR=str(session)), User(folder, XDG_RUNTIME_DIR="")]
    started = {user.ask("select pg_postmaster_start_time()") for user in users}
    assert len(started) == 1
    for user in users:
        user.leave()
    assert server_of(folder) is None


def test_a_deep_folder_has_its_socket_elsewhere_and_private(folder):
    """A socket's path may have 107 bytes at most; wherever it lies, only its owner may connect."""
    deep = folder / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    user = User(deep)
    assert user.ask("select 1") == "1"
    where = Path(user.ask("uri").partition("host=")[2])
    assert stat.S_IMODE((where / ".s.PGSQL.5432").stat().st_mode) == 0o700
    assert user.ask("show listen_addresses") == ""
    user.leave()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root starts it as another user")
def test_as_root_folders_above_stay_closed_to_readers(folder):
    """The server's own user must pass through them; nobody needs to list them."""
    private = folder / "private"
    private.mkdir(mode=0o700)
    user = User(private / "data")
    assert user.ask("select 1") == "1"
    assert stat.S_IMODE(private.stat().st_mode) == 0o711
    assert stat.S_IMODE((private / "data" / "postgres").stat().st_mode) & 0o077 == 0
    user.leave()


def test_settings_are_written_once_and_read(folder):
    """A second start does not add a second include."""
    for _ in range(2):
        user = User(folder)
        assert user.ask("show unix_socket_permissions") == "0700"
        user.leave()
    conf = (folder / "postgres" / "postgresql.conf").read_text()
    assert conf.count(CONFIG) == 1


def test_a_folder_that_cannot_be_used_is_said_so(tmp_path):
    """The message names the folder and the way out."""
    from packline.errors import ConfigError

    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ConfigError, match="could not be started") as refusal:
        start(tmp_path / "file")
    assert "PACKLINE_DATA" in refusal.value.hint
