"""The pages of the console: one line for each module that has some."""

from types import ModuleType

from packline.console import (
    accounts_page,
    call_pages,
    finding,
    looks,
    quota_page,
    shipment_list,
    shipment_page,
    sign_in,
    work,
)

MODULES: tuple[ModuleType, ...] = (
    work,
    shipment_list,
    shipment_page,
    call_pages,
    quota_page,
    accounts_page,
    finding,
    looks,
    sign_in,
)
"""Each has `PATHS`, and `PLACE` where it stands in the rail."""
