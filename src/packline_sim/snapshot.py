"""The state of a world at a moment, kept as bytes."""

import pickle
from typing import Any


class Snapshot:
    """Hold a world's state at a moment; good for `restore` in the same process."""

    def __init__(self, at_ms: int, parts: Any) -> None:
        self.at_ms = at_ms
        self._content = pickle.dumps(parts, protocol=pickle.HIGHEST_PROTOCOL)

    def content(self) -> Any:
        """Unpack the state."""
        return pickle.loads(self._content)  # noqa: S301 - our own bytes, which never leave the process
