"""The pages of the console: one line for each module that has some."""

from types import ModuleType

from packline.console import (
    accounts_page,
    bench_page,
    bulk,
    call_pages,
    failed_page,
    finding,
    health_page,
    looks,
    manifest_page,
    printing_page,
    quota_page,
    shipment_list,
    shipment_page,
    sign_in,
    work,
)

MODULES: tuple[ModuleType, ...] = (
    work,
    failed_page,
    bench_page,
    shipment_list,
    shipment_page,
    printing_page,
    manifest_page,
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
