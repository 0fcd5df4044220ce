"""A simulator that runs in a thread of this process, on a free port of 127.0.0.1."""

import threading
import time
from types import TracebackType

from packline_sim import server
from packline_sim.world import World

START_SECONDS = 20.0


class RunningSimulator:
    """Serve a world while in a `with` block; `url` is its address.

    The world belongs to the server's thread: other threads change it through the control API only.
    """

    def __init__(self, world: World | None = None, port: int = 0) -> None:
        self.world = world or World()
        self._server = server.server(self.world, port=port)
        self._thread = threading.Thread(target=self._server.run, name="packline_sim", daemon=True)
        self.url = ""

    def __enter__(self) -> "RunningSimulator":
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("The simulator did not start: see the log above; is the port taken?")
            time.sleep(0.005)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=START_SECONDS)
