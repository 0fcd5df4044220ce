"""Usage plans: how often each operation may be called for one account and application.

Amazon grants `rate` calls a second and lets `burst` of them come at once, for each pair of account and application
and each operation (Selling Partner API, "Usage Plans and Rate Limits"). The figures are those of the External
Fulfillment rate limits page; the burst of the shipments operations is inferred (on that page it is twice the rate).
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class UsagePlan(msgspec.Struct, frozen=True):
    """Calls a second and calls at once; a rate of 0 means that nothing is counted."""

    rate: float
    burst: float

    @property
    def is_unlimited(self) -> bool:
        """Tell whether this plan counts nothing."""
        return self.rate <= 0


UNLIMITED = UsagePlan(0, 0)
CAUTIOUS = UsagePlan(1, 1)
"""For operations that no table names; the default of Amazon's own SDK."""

_READS = UsagePlan(2, 4)
_WRITES = UsagePlan(1, 2)
_RETURNS = UsagePlan(10, 20)

DOCUMENTED: Mapping[str, UsagePlan] = {
    "getShipments": _READS,
    "getShipment": _READS,
    "processShipment": _WRITES,
    "createPackages": _WRITES,
    "updatePackage": _WRITES,
    "updatePackageStatus": _WRITES,
    "retrieveShippingOptions": _WRITES,
    "generateInvoice": _WRITES,
    "retrieveInvoice": _WRITES,
    "generateShipLabels": _WRITES,
    "batchInventory": UsagePlan(50, 100),
    "listReturns": _RETURNS,
    "getReturn": _RETURNS,
    "createRestrictedDataToken": UsagePlan(1, 10),
    "createDestination": UsagePlan(1, 5),
    "createSubscription": UsagePlan(1, 5),
}
_GENEROUS = UsagePlan(10, 20)
PRESETS: Mapping[str, Mapping[str, UsagePlan]] = {
    "amazon": DOCUMENTED,
    "generous": {**dict.fromkeys(DOCUMENTED, _GENEROUS), "batchInventory": UsagePlan(50, 100)},
    "sdk": {**dict.fromkeys(DOCUMENTED, CAUTIOUS), "batchInventory": UsagePlan(50, 50)},
    "off": dict.fromkeys(DOCUMENTED, UNLIMITED),
}
"""`amazon`: as documented; `generous`: a raised plan; `sdk`: the defaults inside Amazon's SDK; `off`: no counting."""


class UsagePlans(msgspec.Struct, frozen=True):
    """The plan of each operation: a preset, changed for single operations by `overrides`."""

    preset: str = "amazon"
    overrides: Mapping[str, UsagePlan] = {}

    def __post_init__(self) -> None:
        """Refuse a preset that does not exist, with ValueError."""
        if self.preset not in PRESETS:
            raise ValueError(f"there is no usage plan preset {self.preset!r}; choose one of {', '.join(PRESETS)}")

    def plan(self, operation: str) -> UsagePlan:
        """Find the plan of an operation, by its operationId."""
        unknown = UNLIMITED if self.preset == "off" else CAUTIOUS
        return self.overrides.get(operation) or PRESETS[self.preset].get(operation, unknown)
