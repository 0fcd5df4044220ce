"""The machine of the long run: a PostgreSQL of its own, and worker processes in the simulator's time."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from e2e.stage import environment
from packline.config import Settings
from packline.storage import embedded
from storage_fixtures import AFTER_A_CRASH_ONLY

TESTS = Path(__file__).parents[1]


class Database:
    """The embedded PostgreSQL in a folder of the run, to be stopped and started under everybody's feet."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="packline-soak-"))
        self.folder.chmod(0o755)
        self.url = embedded.start(self.folder)
        self.restarts = 0
        self._spare_the_disk()

    def _spare_the_disk(self) -> None:
        """Let it wait for no disk: it is killed here, while the machine under it keeps its power."""
        with (self.folder / "postgres" / "postgresql.conf").open("a") as settings:
            settings.writelines(f"{name} = off\n" for name in AFTER_A_CRASH_ONLY)
        psutil.Process(self._server.get_pid()).send_signal(signal.SIGHUP)

    def restart(self, *, at_once: bool) -> float:
        """Stop it fast (open transactions are rolled back) or at once, as in a crash; start it, tell the seconds."""
        began = time.monotonic()
        server = self._server
        process = psutil.Process(server.get_pid())
        process.send_signal(signal.SIGQUIT if at_once else signal.SIGINT)
        process.wait(60)
        embedded._start_patiently(server)
        self.restarts += 1
        return time.monotonic() - began

    def end(self) -> None:
        """Stop it and throw its folder away."""
        embedded.stop(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def size(self) -> int:
        """Tell the bytes of its files."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())

    @property
    def _server(self) -> Any:
        return embedded._wheel().PostgresServer._instances[self.folder.resolve() / "postgres"]


class Worker:
    """One worker process, to be killed and frozen."""

    def __init__(self, name: str, chosen: Settings, url: str, speed: float, log: Path) -> None:
        self.name = name
        path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
        self._environment = {
            **environment(chosen),
            "PACKLINE_WORKER_NAME": name,
            "PACKLINE_POLL_NET_S": str(chosen.poll_net_s),
            "PACKLINE_OUTAGE_S": str(chosen.outage_s),
            "PACKLINE_POOL_SIZE": str(chosen.pool_size),
            "PACKLINE_NOTIFICATION_READERS": str(chosen.notification_readers),
            "PACKLINE_SHIPMENTS_PER_ACCOUNT": str(chosen.shipments_per_account),
            "PACKLINE_SHIPMENTS_PER_WORKER": str(chosen.shipments_per_worker),
            "PYTHONPATH": path,
        }
        self._command = [sys.executable, "-m", "soak.worker", url, str(speed), str(log.with_suffix(".ready"))]
        self.log = log
        self.ends = 0
        self.process = self._start()

    @property
    def is_ready(self) -> bool:
        """Tell whether it has begun to work since it was started."""
        return self.log.with_suffix(".ready").exists()

    def kill(self) -> None:
        """Kill it in the middle of whatever it does (SIGKILL)."""
        self.process.kill()
        self.process.wait(30)

    def freeze(self) -> None:
        """Stop it in the middle of whatever it does (SIGSTOP)."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on (SIGCONT)."""
        self.process.send_signal(signal.SIGCONT)

    def revive(self) -> None:
        """Start it anew under the same name."""
        self.process = self._start()

    def revive_if_ended(self) -> None:
        """Start it anew where it ended by itself, which is a fault and is counted."""
        if self.process.poll() is not None:
            self.ends += 1
            self.revive()

    def end(self) -> None:
        """Ask it to end (SIGTERM)."""
        self.thaw()
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)

    def _start(self) -> "subprocess.Popen[bytes]":
        self.log.with_suffix(".ready").unlink(missing_ok=True)
        with self.log.open("ab") as log:
            return subprocess.Popen(self._command, env=self._environment, stdout=log, stderr=log)
