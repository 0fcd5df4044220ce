"""Looks at personal data by the command line: written into the audit like all others."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packline.bootstrap import Services
    from packline.domain.audit import Seen

BY = "command line"
"""Whoever has this machine's shell and the key file: no name is known."""


async def look(services: "Services", *seen: "Seen") -> None:
    """Write down what the command line is about to show."""
    from packline.storage.audit import Audit

    await Audit(services.pool).looked(services.clock.now(), BY, seen)
