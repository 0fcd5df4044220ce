"""Handles on the feeds and reports of a running simulator, for tests."""

from collections.abc import Mapping
from typing import Any, Literal

from packline_sim.control.client import ControlClient


class Work:
    """Hold one feed or report that Amazon works on."""

    def __init__(self, control: ControlClient, kind: Literal["feeds", "reports"], work_id: str) -> None:
        self._control = control
        self._kind = kind
        self.work_id = work_id

    def show(self) -> Mapping[str, Any]:
        """Read everything that the simulator knows of it, now; of a feed with its documents."""
        shown: Mapping[str, Any] = self._control.get(self._kind, self.work_id)
        return shown

    @property
    def status(self) -> str:
        """Read its status, now."""
        shown = self.show()
        return str(shown.get("feed", shown)["status"])

    def hold(self) -> None:
        """Let it be stuck IN_PROGRESS until it is released."""
        self._control.post(self._kind, self.work_id, "hold")

    def kill(self) -> None:
        """End it as FATAL now."""
        self._control.post(self._kind, self.work_id, "kill")

    def release(self) -> None:
        """End it now as it would have ended, stuck or not."""
        self._control.post(self._kind, self.work_id, "release")


def feeds_of(control: ControlClient, **chosen: str | None) -> list[Work]:
    """Give the feeds that fit: seller_id, feed_type, status; oldest first."""
    return [Work(control, "feeds", row["feed_id"]) for row in control.pages("feeds", limit=None, **chosen)]


def reports_of(control: ControlClient, **chosen: str | None) -> list[Work]:
    """Give the reports that fit: seller_id, report_type, status; oldest first."""
    return [Work(control, "reports", row["report_id"]) for row in control.pages("reports", limit=None, **chosen)]
