"""Listings Items 2021-08-01: the answers to a change and to a look at a quantity."""

from __future__ import annotations

from collections.abc import Sequence

from packline.amazon.seller_central.wire.parts import Wire


class Issue(Wire, frozen=True):
    code: str | int | None = None
    message: str | None = None
    severity: str | None = None
    attribute_names: Sequence[str] | None = None


class Submission(Wire, frozen=True):
    """The answer of patchListingsItem; ACCEPTED means queued, not yet visible."""

    sku: str | int | None = None
    status: str | None = None
    submission_id: str | None = None
    issues: Sequence[Issue] | None = None


class Availability(Wire, frozen=True):
    fulfillment_channel_code: str | None = None
    quantity: int | None = None


class ListingsItem(Wire, frozen=True):
    sku: str | int | None = None
    fulfillment_availability: Sequence[Availability] | None = None
