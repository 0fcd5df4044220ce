"""The embedded PostgreSQL: one server for a data folder, whoever starts it and however its starters end."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import asyncpg
import pytest

from packline.storage import embedded

STARTER = textwrap.dedent("""
    import pathlib, sys, time
    from packline.storage import embedded
    print(embedded.start(pathlib.Path(sys.argv[1])), flush=True)
    time.sleep(float(sys.argv[2]))
""")


@pytest.fixture
def folder(tmp_path_factory):
    """Give a data folder whose server is stopped afterwards, whoever started it."""
    made = tmp_path_factory.mktemp("data")
    yield made
    embedded.start(made)
    (made / "postgres" / ".handle_pids.json").write_text(json.dumps([os.getpid()]))
    embedded.stop(made)


def started_by_a_child(folder: Path, lives: float) -> tuple[subprocess.Popen[str], str]:
    child = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(folder), str(lives)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    return child, child.stdout.readline().strip()


def a_stranger() -> subprocess.Popen[bytes]:
    return subprocess.Popen(["sleep", "60"])


async def postmaster(uri: str) -> float:
    connection = await asyncpg.connect(uri)
    try:
        return (await connection.fetchval("select pg_postmaster_start_time()")).timestamp()
    finally:
        await connection.close()


async def test_the_server_survives_the_death_of_the_process_that_started_it(folder):
    """kill -9 of the starter loses nothing: the next process attaches to the same server."""
    child, uri = started_by_a_child(folder, 60)
    born = await postmaster(uri)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert embedded.start(folder) == uri
    assert await postmaster(uri) == born


async def test_a_killed_process_does_not_keep_the_server_up(folder):
    """The last living process stops the server, even where others before it were killed."""
    child, uri = started_by_a_child(folder, 60)
    child.send_signal(signal.SIGKILL)
    child.wait()
    embedded.start(folder)
    embedded.stop(folder)
    with pytest.raises(OSError, match=r".*"):
        await asyncpg.connect(uri)


async def test_a_second_process_attaches_and_the_server_stays_for_it(folder):
    """The server stops with the last process, not with the one that started it."""
    uri = embedded.start(folder)
    child, theirs = started_by_a_child(folder, 60)
    assert theirs == uri
    embedded.stop(folder)
    assert await postmaster(uri)
    child.terminate()
    child.wait()


async def test_a_pid_file_that_names_another_program_is_not_believed(folder):
    """After a crash of the machine the number in the pid file may belong to anybody."""
    uri = embedded.start(folder)
    embedded.stop(folder)
    pid_file = folder / "postgres" / "postmaster.pid"
    socket_folder = uri.split("host=")[1]
    other = a_stranger()
    pid_file.write_text(f"{other.pid}\n{folder}/postgres\n1700000000\n5432\n{socket_folder}\n\n 1 1\nready\n")
    try:
        assert await postmaster(embedded.start(folder))
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


async def test_a_folder_with_a_space_or_a_long_name_serves(tmp_path_factory):
    """A data folder may be anywhere: sockets find a place of their own."""
    folder = tmp_path_factory.mktemp("data") / "my packline" / ("long" * 20)
    assert await postmaster(embedded.start(folder))
    embedded.stop(folder)


async def test_text_is_compared_byte_by_byte(folder):
    """Keys sort the same on every machine, and no index depends on the system's locale."""
    connection = await asyncpg.connect(embedded.start(folder))
    assert await connection.fetchval("select datcollate from pg_database where datname = current_database()") == "C"
    await connection.close()
