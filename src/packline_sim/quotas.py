"""Usage plans: a token bucket for each (seller, application, operation), exact to the millisecond."""

import math
from typing import Literal

import msgspec

Preset = Literal["amazon", "generous", "sdk", "legacy-shared-feed", "off"]
# One token. A millisecond adds a whole number of units at every rate of Amazon's: four decimals, or one in 120 s.
UNIT = 3_000_000_000


class Plan(msgspec.Struct, frozen=True):
    """State a rate in calls a second and a burst in calls; a rate of 0 refuses every call."""

    rate: float
    burst: int


class QuotaLevel(msgspec.Struct, frozen=True, kw_only=True):
    """Tell one bucket's state; `tokens` are the calls that would pass now."""

    seller_id: str
    client_id: str
    operation: str
    rate: float
    burst: int
    tokens: float


# createFeed with JSON_LISTINGS_FEED has a bucket of its own (SP-API changelog of 2025-05-06: 5 in 5 minutes).
LISTINGS_FEED = "createFeed:JSON_LISTINGS_FEED"
# External Fulfillment APIs rate limits (SP-API documentation); shipping bursts are inferred as twice the rate.
AMAZON: dict[str, Plan] = {
    "batchInventory": Plan(50, 100),
    "listReturns": Plan(10, 20),
    "getReturn": Plan(10, 20),
    "getShipments": Plan(2, 4),
    "getShipment": Plan(2, 4),
    "processShipment": Plan(1, 2),
    "createPackages": Plan(1, 2),
    "updatePackage": Plan(1, 2),
    "updatePackageStatus": Plan(1, 2),
    "generateInvoice": Plan(1, 2),
    "retrieveInvoice": Plan(1, 2),
    "retrieveShippingOptions": Plan(1, 2),
    "generateShipLabels": Plan(1, 2),
    "createRestrictedDataToken": Plan(1, 10),
    # Easy Ship 2022-03-23, Orders 2026-01-01 and v0: usage plans of the models.
    "listHandoverSlots": Plan(1, 5),
    "getScheduledPackage": Plan(1, 5),
    "createScheduledPackage": Plan(1, 5),
    "updateScheduledPackages": Plan(1, 5),
    "createScheduledPackageBulk": Plan(1, 5),
    "searchOrders": Plan(0.0056, 20),
    "getOrder": Plan(0.5, 30),
    "getOrders": Plan(0.0167, 20),
    "getOrderV0": Plan(0.5, 30),
    "getOrderBuyerInfo": Plan(0.5, 30),
    "getOrderAddress": Plan(0.5, 30),
    "getOrderItems": Plan(0.5, 30),
    "getOrderItemsBuyerInfo": Plan(0.5, 30),
    "getOrderRegulatedInfo": Plan(0.5, 30),
    "updateVerificationStatus": Plan(0.5, 30),
    "updateShipmentStatus": Plan(5, 15),
    "confirmShipment": Plan(2, 10),
    "createFeedDocument": Plan(0.5, 15),
    "createFeed": Plan(0.0083, 15),
    LISTINGS_FEED: Plan(5 / 300, 5),
    "getFeed": Plan(2, 15),
    "cancelFeed": Plan(2, 15),
    "getFeeds": Plan(0.0222, 10),
    "getFeedDocument": Plan(0.0222, 10),
    "getListingsItem": Plan(5, 10),
    "putListingsItem": Plan(5, 10),
    "patchListingsItem": Plan(5, 5),
    "deleteListingsItem": Plan(5, 5),
    "searchListingsItems": Plan(5, 5),
    "createReport": Plan(0.0167, 15),
    "getReport": Plan(2, 15),
    "getReportDocument": Plan(0.0167, 15),
    "getReports": Plan(0.0222, 10),
    "cancelReport": Plan(0.0222, 10),
    "createReportSchedule": Plan(0.0222, 10),
    "getReportSchedule": Plan(0.0222, 10),
    "getReportSchedules": Plan(0.0222, 10),
    "cancelReportSchedule": Plan(0.0222, 10),
    # Notifications v1: usage plans of the model.
    "createDestination": Plan(1, 5),
    "getDestinations": Plan(1, 5),
    "getDestination": Plan(1, 5),
    "deleteDestination": Plan(1, 5),
    "createSubscription": Plan(1, 5),
    "getSubscription": Plan(1, 5),
    "getSubscriptions": Plan(1, 5),
    "getSubscriptionById": Plan(1, 5),
    "deleteSubscriptionById": Plan(1, 5),
    "sendTestNotification": Plan(1, 5),
}
# The former integrations' world: 15 feeds at once, then one every two minutes, whatever they are for.
SHARED = {name: Plan(1 / 120, 15) if name == "createFeed" else plan for name, plan in AMAZON.items()}
del SHARED[LISTINGS_FEED]
PRESETS: dict[str, dict[str, Plan] | None] = {
    "amazon": AMAZON,
    "generous": {name: Plan(max(plan.rate, 10), max(plan.burst, 20)) for name, plan in AMAZON.items()},
    "sdk": {name: Plan(50, 50) if name == "batchInventory" else Plan(1, 1) for name in AMAZON},
    "legacy-shared-feed": SHARED,
    "off": None,
}


class UnknownQuota(ValueError):
    """No such preset or operation, or a plan that makes no sense."""


class _Bucket:
    __slots__ = ("capacity", "gain", "last_ms", "level", "version")

    def __init__(self, now_ms: int, version: int, plan: Plan) -> None:
        self.capacity = plan.burst * UNIT
        self.gain = round(plan.rate * UNIT / 1000)
        self.level = self.capacity
        self.last_ms = now_ms
        self.version = version

    def fill(self, now_ms: int) -> None:
        if now_ms > self.last_ms:
            self.level = min(self.capacity, self.level + (now_ms - self.last_ms) * self.gain)
        self.last_ms = now_ms

    def change(self, now_ms: int, version: int, plan: Plan) -> None:
        self.fill(now_ms)
        self.capacity = plan.burst * UNIT
        self.gain = round(plan.rate * UNIT / 1000)
        self.level = min(self.level, self.capacity)
        self.version = version


class Quotas:
    """Decide whether a call passes; plans can be changed at any time, levels stay (but never above the new burst)."""

    def __init__(self, preset: Preset = "amazon") -> None:
        self._version = 0
        self._buckets: dict[tuple[str, str, str], _Bucket] = {}
        self._overrides: dict[tuple[str | None, str], Plan] = {}
        self._headers: dict[Plan, bytes] = {}
        self._preset: Preset = preset
        self._plans = PRESETS[preset]

    @property
    def preset(self) -> Preset:
        """Tell the preset in force."""
        return self._preset

    @property
    def overrides(self) -> dict[tuple[str | None, str], Plan]:
        """Give the plans that differ from the preset, by (seller or None, operation)."""
        return dict(self._overrides)

    def use(self, preset: Preset) -> None:
        """Change to a preset and drop all overrides. Raises UnknownQuota."""
        if preset not in PRESETS:
            raise UnknownQuota(f"There is no preset {preset!r}. Choose one of: {', '.join(PRESETS)}.")
        self._preset = preset
        self._plans = PRESETS[preset]
        self._overrides.clear()
        self._version += 1

    def override(self, operation: str, plan: Plan | None, *, seller_id: str | None = None) -> None:
        """Give an operation another plan, for one seller or all; None takes the override away. Raises UnknownQuota."""
        if operation not in AMAZON:
            raise UnknownQuota(f"There is no operation {operation!r}. Known: {', '.join(AMAZON)}.")
        if plan is not None and not (0 <= plan.rate <= 1_000_000 and 1 <= plan.burst <= 1_000_000):
            raise UnknownQuota("A rate must be between 0 and 1000000 a second and a burst between 1 and 1000000.")
        if plan is None:
            self._overrides.pop((seller_id, operation), None)
        else:
            self._overrides[seller_id, operation] = plan
        self._version += 1

    def plan(self, seller_id: str, operation: str) -> Plan | None:
        """Give the plan that holds for a seller's operation; None means that nothing is counted."""
        if self._overrides:
            found = self._overrides.get((seller_id, operation)) or self._overrides.get((None, operation))
            if found is not None:
                return found
        return None if self._plans is None else self._plans.get(operation)

    def take(self, seller_id: str, client_id: str, operation: str, now_ms: int) -> tuple[bool, bytes | None]:
        """Take a token; gives whether the call passes, and the value of x-amzn-RateLimit-Limit (None: no plan)."""
        plan = self.plan(seller_id, operation)
        if plan is None:
            return True, None
        bucket = self._bucket(seller_id, client_id, operation, plan, now_ms)
        bucket.fill(now_ms)
        header = self._headers.get(plan)
        if header is None:
            header = self._headers[plan] = str(float(plan.rate)).encode()
        if bucket.level < UNIT:
            return False, header
        bucket.level -= UNIT
        return True, header

    def take_all(
        self, seller_id: str, client_id: str, buckets: tuple[str, ...], now_ms: int
    ) -> tuple[bool, bytes | None]:
        """Take a token from each bucket, or none when one of them is empty; answers as `take`."""
        passes, header = True, None
        taken: list[str] = []
        for name in buckets:
            passes, header = self.take(seller_id, client_id, name, now_ms)
            if not passes:
                break
            taken.append(name)
        for name in () if passes else taken:
            self._buckets[seller_id, client_id, name].level += UNIT
        return passes, header

    def wait_seconds(self, seller_id: str, client_id: str, buckets: tuple[str, ...], now_ms: int) -> int | None:
        """Tell after how many whole seconds every bucket has a token; None when one never has."""
        longest = 0.0
        for name in buckets:
            plan = self.plan(seller_id, name)
            if plan is None:
                continue
            bucket = self._bucket(seller_id, client_id, name, plan, now_ms)
            bucket.fill(now_ms)
            if bucket.level < UNIT and not bucket.gain:
                return None
            longest = max(longest, (UNIT - bucket.level) / bucket.gain if bucket.level < UNIT else 0)
        return math.ceil(longest / 1000)

    def levels(self, now_ms: int) -> list[QuotaLevel]:
        """Give the state of every bucket that was ever used and still has a plan."""
        found = []
        for (seller_id, client_id, operation), _ in sorted(self._buckets.items()):
            plan = self.plan(seller_id, operation)
            if plan is None:
                continue
            bucket = self._bucket(seller_id, client_id, operation, plan, now_ms)
            bucket.fill(now_ms)
            found.append(
                QuotaLevel(
                    seller_id=seller_id,
                    client_id=client_id,
                    operation=operation,
                    rate=plan.rate,
                    burst=plan.burst,
                    tokens=bucket.level / UNIT,
                )
            )
        return found

    def refill(self) -> None:
        """Fill every bucket."""
        self._buckets.clear()

    def _bucket(self, seller_id: str, client_id: str, operation: str, plan: Plan, now_ms: int) -> _Bucket:
        key = (seller_id, client_id, operation)
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(now_ms, self._version, plan)
        elif bucket.version != self._version:
            bucket.change(now_ms, self._version, plan)
        return bucket
