"""The programs of External Fulfillment; light enough for command lines, which load nothing that they do not need."""

from typing import Literal

Program = Literal["SELLER_FLEX", "EASY_SHIP", "SELF_SHIP", "PHARMACY"]
WorksAs = Literal["SELLER_FLEX", "EASY_SHIP", "SELF_SHIP"]
"""The programs that the API shows, by channel and shipping type; no field of it tells Pharmacy from them."""
