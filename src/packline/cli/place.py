"""Where a command works (settings, data, database) and how it prints: the flags that every verb takes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from cyclopts import Parameter

from packline.cli.printing import Printer

if TYPE_CHECKING:
    from packline.bootstrap import Services
    from packline.config import Settings

Result = TypeVar("Result")


@Parameter(name="*", group="Everywhere")
@dataclass(frozen=True)
class Place:
    """Where the data is and how to print."""

    config: Path | None = None
    """Settings file; packline.toml in this folder where not given."""
    data: Path | None = None
    """Folder of the embedded database."""
    database_url: str | None = None
    """A PostgreSQL of your own."""
    json: Annotated[bool, Parameter(negative="")] = False
    """Print one JSON object a line."""

    @property
    def flags(self) -> dict[str, Any]:
        """Give the settings that were written on the command line."""
        return {"config": self.config, "data": self.data, "database_url": self.database_url}

    def settings(self, **more: object) -> "Settings":
        """Read the settings, flags last."""
        from packline.config import load

        return load({**self.flags, **more})

    @property
    def printer(self) -> Printer:
        """Give the printer, with times relative to this moment."""
        from packline.amazon.spapi.clock import SystemClock

        return Printer(self.json, SystemClock().now())

    def work(self, task: "Callable[[Services], Awaitable[Result]]") -> Result:
        """Open the database, do something there, close it; no server is needed."""

        async def opened() -> Result:
            from packline.bootstrap import open_services
            from packline.cli.recording import recorded

            async with open_services(self.settings()) as services:
                return await recorded(services, task)

        return asyncio.run(opened())


HERE = Place()
