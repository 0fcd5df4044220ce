"""Shapes that several operations share, and the rules of reading."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

import msgspec
from msgspec import Struct

Time = str | int | float | None
"""A moment in any of Amazon's forms; `times.instant` reads it."""


@functools.lru_cache(maxsize=4096)
def canonical(word: str | None) -> str:
    """Write an enumeration value or an error code the way Amazon's model does: upper case, underscores, no padding."""
    return word.strip().upper().replace(" ", "_").replace("-", "_") if word else ""


Shape = TypeVar("Shape")


def reader(shape: type[Shape]) -> msgspec.json.Decoder[Shape]:
    """Make a decoder for a shape that takes numbers as text and text as numbers; raises msgspec.DecodeError."""
    return msgspec.json.Decoder(shape, strict=False)


class Wire(Struct, rename="camel", frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The shape of everything on the wire: camelCase, every field optional, nothing sent that was not set."""


class Amount(Wire, frozen=True):
    value: Decimal | None = None
    currency_code: str | None = None


class ChargeBreakup(Wire, frozen=True):
    base_amount: Amount | None = None
    discount_amount: Amount | None = None
    net_amount: Amount | None = None


class Tax(Wire, frozen=True):
    type: str | None = None
    rate: Decimal | None = None
    charge: ChargeBreakup | None = None


class Charge(Wire, frozen=True):
    charge_type: str | None = None
    base_charge: ChargeBreakup | None = None
    total_charge: ChargeBreakup | None = None
    total_tax: Tax | None = None
    tax_breakup: Sequence[Tax] | None = None


class Geocodes(Wire, frozen=True):
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    elevation: Decimal | None = None


class Address(Wire, frozen=True):
    name: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    district: str | None = None
    municipality: str | None = None
    state: str | None = None
    city: str | None = None
    country_code: str | None = None
    postal_code: str | int | None = None
    email: str | None = None
    copy_emails: Sequence[str] | None = None
    phone_number: str | int | None = None
    address_type: str | None = None
    geocodes: Geocodes | None = None


class Dimension(Wire, frozen=True):
    value: Decimal | None = None
    dimension_unit: str | None = None


class Dimensions(Wire, frozen=True):
    length: Dimension | None = None
    width: Dimension | None = None
    height: Dimension | None = None


class Weight(Wire, frozen=True):
    value: Decimal | None = None
    weight_unit: str | None = None


class MarketplaceAttributes(Wire, frozen=True):
    marketplace_id: str | None = None
    channel_name: str | None = None
    merchant_id: str | None = None
    custom_attributes: Sequence[str] | None = None


class Document(Wire, frozen=True):
    """`content` is base64."""

    format: str | None = None
    content: str | None = None


class TimeWindow(Wire, frozen=True):
    start_time: Time = None
    end_time: Time = None
    handover_method: str | None = None


class TrackingInfo(Wire, frozen=True):
    carrier_name: str | None = None
    tracking_id: str | int | None = None
