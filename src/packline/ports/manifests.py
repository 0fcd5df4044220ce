"""The seams of manifests: where they are kept."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from packline.domain.manifest import Entry, Manifest
from packline.domain.values import Value
from packline.ports.printing import Target


class Happened(Value, frozen=True):
    """Something to tell the feed: its name, and the parcel that it concerns, where there is one."""

    name: str
    entry: Entry | None = None


class ManifestStore(Protocol):
    """Manifests with their parcels."""

    async def find(self, references: Sequence[str]) -> list[Target]:
        """Name what is meant, as `PrintStore.find` does."""

    async def manifest(self, manifest_id: str) -> Manifest | None:
        """Read one manifest."""

    async def open(self, manifest: Manifest) -> Manifest:
        """Store a new manifest, or give the one that has this id."""

    async def elsewhere(self, tracking_ids: Collection[str], manifest_id: str) -> dict[str, str]:
        """Tell which of these parcels are on another manifest, by tracking id."""

    async def left(self, shipments: Collection[str]) -> set[tuple[str, str]]:
        """Tell which packages of these shipments left with a manifest that was handed over."""

    async def commit(
        self, before: Manifest, after: Manifest, happened: Sequence[Happened], by: str, now: datetime
    ) -> bool:
        """Write a change in one transaction; False where somebody was quicker (also with one of its parcels)."""
