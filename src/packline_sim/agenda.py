"""Work that Amazon does by itself at a moment of the simulator's time; it survives snapshots."""

import heapq
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packline_sim.world import World

Task = Callable[["World", str], None]
TASKS: dict[str, Task] = {}


def task(name: str, work: Task) -> str:
    """Register the work of a name, called as `work(world, subject)` when an entry is due; gives the name back."""
    TASKS[name] = work
    return name


class Agenda:
    """Hold what is due when, in plain data: moments, names of tasks, ids of subjects."""

    def __init__(self) -> None:
        self._entries: list[tuple[int, int, str, str]] = []
        self._order = 0

    def put(self, world: "World", due_ms: int, name: str, subject: str) -> None:
        """Have the task called at a moment; a task must bear that what it was set for has changed meanwhile."""
        self._order += 1
        heapq.heappush(self._entries, (due_ms, self._order, name, subject))
        world.clock.at(due_ms, lambda: self.run_due(world))

    def arm(self, world: "World") -> None:
        """Set the clock's alarms anew, after a snapshot was restored."""
        for due_ms in sorted({entry[0] for entry in self._entries}):
            world.clock.at(due_ms, lambda: self.run_due(world))

    def run_due(self, world: "World") -> None:
        """Do everything whose moment has come, in the order of the moments."""
        if not self._entries or self._entries[0][0] > world.clock.now_ms():
            return
        now = world.clock.now_ms()
        while self._entries and self._entries[0][0] <= now:
            _, _, name, subject = heapq.heappop(self._entries)
            TASKS[name](world, subject)
