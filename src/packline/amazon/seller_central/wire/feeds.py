"""Feeds and Reports 2021-06-30: feeds, reports, and the addresses of their documents."""

from __future__ import annotations

from collections.abc import Sequence

from packline.amazon.seller_central.wire.parts import Time, Wire


class UploadAddress(Wire, frozen=True):
    """The answer of createFeedDocument."""

    feed_document_id: str
    url: str


class CreatedFeed(Wire, frozen=True):
    feed_id: str | int


class Feed(Wire, frozen=True):
    feed_id: str | int
    feed_type: str | None = None
    created_time: Time = None
    processing_status: str | None = None
    result_feed_document_id: str | None = None


class FeedsPage(Wire, frozen=True):
    feeds: Sequence[Feed] | None = None
    next_token: str | None = None


class DocumentAddress(Wire, frozen=True):
    """The answer of getFeedDocument and getReportDocument; the address lives five minutes."""

    url: str
    compression_algorithm: str | None = None


class Report(Wire, frozen=True):
    report_id: str | int | None = None
    processing_status: str | None = None
    report_document_id: str | None = None


class _Restricted(Wire, frozen=True):
    restricted_data_token: str | None = None


class RestrictedToken(_Restricted, frozen=True):
    """The answer of createRestrictedDataToken; Amazon's older pages show it in an envelope."""

    payload: _Restricted | None = None

    @property
    def token(self) -> str:
        """Give the token, "" where there is none."""
        inner = self.payload.restricted_data_token if self.payload else None
        return self.restricted_data_token or inner or ""
