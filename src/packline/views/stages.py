"""The stage of a status: what the index of the lists begins with, so that a shipment on its way moves in no index."""

from packline.domain.shipment import Status

ON_THE_WAY = "ON_THE_WAY"
"""The stage of all states between Amazon's calls for one shipment; every other status is its own stage."""
_BETWEEN_CALLS = frozenset(
    {Status.CONFIRMED, Status.PACKAGE_CREATED, Status.PICKUP_SLOT_RETRIEVED, Status.INVOICE_GENERATED}
)


def stage_of(status: Status) -> str:
    """Give what the database keeps as the stage of a shipment in this status (migration 0005)."""
    return ON_THE_WAY if status in _BETWEEN_CALLS else status.value


def in_status(*statuses: Status) -> str:
    """Give the SQL condition that finds shipments in one of these by the index."""
    stages = sorted({stage_of(status) for status in statuses})
    return f"(stage in ({_listed(stages)}) and status in ({_listed([status.value for status in statuses])}))"


def _listed(words: list[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)
