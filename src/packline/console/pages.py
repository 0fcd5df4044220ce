"""The pages of the console: one line for each module that has some."""

from types import ModuleType

from packline.console import (
    accounts_page,
    bulk,
    call_pages,
    failed_page,
    finding,
    health_page,
    looks,
    quota_page,
    shipment_list,
    shipment_page,
    sign_in,
    work,
)

MODULES: tuple[ModuleType, ...] = (
    work,
    failed_page,
    shipment_list,
    shipment_page,
    call_pages,
    quota_page,
    health_page,
    accounts_page,
    bulk,
    finding,
    looks,
    sign_in,
)
"""Each has `PATHS`, and `PLACE` where it stands in the rail."""
