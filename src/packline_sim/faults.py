"""Faults on demand: which calls go wrong, how, and how often."""

from typing import Any, Literal, get_args

import msgspec

from packline_sim.clock import SimClock
from packline_sim.streams import Streams

FaultKind = Literal[
    "429",
    "500",
    "503",
    "500_after",
    "503_after",
    "timeout_before",
    "timeout_after",
    "slow",
    "busy",
    "in_progress",
    "cut",
    "reset",
    "reset_after",
    "broken",
    "wrong_type",
    "token_refused",
    "stuck",
    "fatal",
]
# What is not a call to an API: a rule strikes it only when it names it.
TOKEN_OPERATION = "requestAccessToken"  # noqa: S105 - a name
FILE_OPERATION = "downloadFile"
UPLOAD_OPERATION = "uploadFile"
FEED_OPERATION = "processFeed"
REPORT_OPERATION = "processReport"
DOCUMENT_OPERATION = "makeEasyShipDocument"
QUEUE_OPERATIONS = frozenset(
    {
        "ReceiveMessage",
        "DeleteMessage",
        "DeleteMessageBatch",
        "ChangeMessageVisibility",
        "ChangeMessageVisibilityBatch",
        "SendMessage",
        "SendMessageBatch",
        "GetQueueUrl",
        "GetQueueAttributes",
        "CreateQueue",
        "PurgeQueue",
    }
)
WORK = frozenset({FEED_OPERATION, REPORT_OPERATION, DOCUMENT_OPERATION})
EVERYTHING = "*"
BESIDE = frozenset({TOKEN_OPERATION, FILE_OPERATION, UPLOAD_OPERATION}) | WORK | QUEUE_OPERATIONS
WORK_KINDS = frozenset({"stuck", "fatal"})
KINDS: tuple[str, ...] = get_args(FaultKind)
LONGEST_S = 100 * 365 * 86_400
"""A century: no moment lies beyond what a calendar can write."""


class FaultRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Describe a fault and the calls that it strikes; every condition that is given must hold.

    Kinds: 429, 500, 503 answer so before anything happens; 500_after, 503_after do the work first; timeout_before and
    timeout_after never answer, without or with the effect, and drop the connection after `hold_seconds` (0: at once);
    slow answers after `hold_seconds`; busy is 409 ServerBusy; in_progress is 409 "already in progress"; cut sends half
    of the answer and drops the connection; reset and reset_after reset it, without or with the effect; broken sends an
    answer that is not JSON, wrong_type a page of HTML instead of it, both with the effect; token_refused refuses the
    access token, or at sign-in the refresh token. stuck and fatal are for Amazon's own work, processFeed and
    processReport, where `shipment_id` names the type of feed or report: it stays IN_PROGRESS, or ends FATAL. `nth`
    counts the matching calls from 1; `every` strikes each n-th; `share` strikes that part of them, drawn from the seed;
    `limit` ends the rule after so many strikes. Seconds are on the simulator's clock. Without `operations` every API
    call is meant; requestAccessToken, downloadFile, uploadFile, the actions of queues, processFeed, processReport and
    makeEasyShipDocument are struck only when named. The last is the making of one order's papers by a document feed:
    fatal fails that order with 610013. The operation `*` means every call of any kind, sign-in, downloads and queues
    too, but not Amazon's own work.

    `location_id` strikes calls that name the location or a shipment there. The rule works from `after_seconds` after it
    was added, and for `for_seconds`.
    """

    kind: FaultKind
    operations: tuple[str, ...] = ()
    seller_id: str | None = None
    shipment_id: str | None = None
    nth: tuple[int, ...] = ()
    every: int | None = None
    share: float | None = None
    limit: int | None = None
    hold_seconds: float = 0.0
    location_id: str | None = None
    after_seconds: float = 0.0
    for_seconds: float | None = None


class Fault(msgspec.Struct, kw_only=True):
    """Hold a rule at work: from when and until when, how many calls matched and how many it struck."""

    fault_id: str
    rule: FaultRule
    starts_ms: int
    ends_ms: int | None = None
    matched: int = 0
    struck: int = 0


class BadFault(ValueError):
    """A fault that makes no sense."""


class Faults:
    """Hold the rules; the first one that strikes decides."""

    def __init__(self, streams: Streams, clock: SimClock) -> None:
        self.clock = clock
        self._streams = streams
        self._count = 0
        self._rules: dict[str, Fault] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Leave the clock out of snapshots; whoever restores one gives it back."""
        return {**self.__dict__, "clock": None}

    def __bool__(self) -> bool:
        return bool(self._rules)

    def add(self, rule: FaultRule) -> Fault:
        """Put a rule to work. Raises BadFault."""
        if rule.share is not None and not 0 <= rule.share <= 1:
            raise BadFault(f"A share of {rule.share} is not between 0 and 1.")
        if rule.every is not None and rule.every < 1:
            raise BadFault(f"Every {rule.every}th call makes no sense; use 1 or more.")
        if rule.hold_seconds < 0 or rule.after_seconds < 0 or (rule.for_seconds is not None and rule.for_seconds <= 0):
            raise BadFault("Seconds cannot be negative, and a span must be longer than nothing.")
        if max(rule.hold_seconds, rule.after_seconds, rule.for_seconds or 0) > LONGEST_S:
            raise BadFault(f"A fault cannot begin or last longer than {LONGEST_S} seconds, which is a century.")
        _check_work(rule)
        self._count += 1
        starts = self.clock.now_ms() + round(rule.after_seconds * 1000)
        ends = None if rule.for_seconds is None else starts + round(rule.for_seconds * 1000)
        fault = Fault(fault_id=f"fault-{self._count}", rule=rule, starts_ms=starts, ends_ms=ends)
        self._rules[fault.fault_id] = fault
        return fault

    def list(self) -> tuple[Fault, ...]:
        """Give all rules at work."""
        return tuple(self._rules.values())

    def remove(self, fault_id: str) -> Fault:
        """Take a rule away. Raises KeyError."""
        return self._rules.pop(fault_id)

    def clear(self) -> None:
        """Take all rules away."""
        self._rules.clear()

    @property
    def look_at_places(self) -> bool:
        """Tell whether a rule asks which locations a call is about."""
        return any(fault.rule.location_id is not None for fault in self._rules.values())

    def strike(
        self,
        operation: str,
        seller_id: str | None,
        shipment_id: str | None,
        locations: frozenset[str] = frozenset(),
    ) -> Fault | None:
        """Give the fault that strikes this call, if any, and count it; `locations` are those that the call is about."""
        now = self.clock.now_ms()
        for fault in self._rules.values():
            if now < fault.starts_ms or (fault.ends_ms is not None and now >= fault.ends_ms):
                continue
            if not _applies(fault.rule, operation, seller_id, shipment_id):
                continue
            if fault.rule.location_id is not None and fault.rule.location_id not in locations:
                continue
            fault.matched += 1
            if self._strikes(fault):
                fault.struck += 1
                return fault
        return None

    def _strikes(self, fault: Fault) -> bool:
        rule = fault.rule
        if rule.limit is not None and fault.struck >= rule.limit:
            return False
        if rule.nth and fault.matched not in rule.nth:
            return False
        if rule.every is not None and fault.matched % rule.every:
            return False
        return rule.share is None or self._streams.of(fault.fault_id).random() < rule.share


def _check_work(rule: FaultRule) -> None:
    if rule.kind == "stuck" and DOCUMENT_OPERATION in rule.operations:
        raise BadFault(f"{DOCUMENT_OPERATION} cannot be stuck; it can only be fatal. Let {FEED_OPERATION} be stuck.")
    if rule.kind in WORK_KINDS and not (rule.operations and set(rule.operations) <= WORK):
        raise BadFault(f"A fault of kind {rule.kind} must name the work it strikes: {', '.join(sorted(WORK))}.")
    if rule.kind == "token_refused" and set(rule.operations) & (BESIDE - {TOKEN_OPERATION}):
        raise BadFault("Only API calls and the sign-in carry tokens that can be refused.")
    if rule.kind not in WORK_KINDS and set(rule.operations) & WORK:
        raise BadFault(f"{', '.join(sorted(WORK))} can only be struck by {' and '.join(sorted(WORK_KINDS))}.")


def _applies(rule: FaultRule, operation: str, seller_id: str | None, shipment_id: str | None) -> bool:
    named = operation in rule.operations or (EVERYTHING in rule.operations and operation not in WORK)
    if not named and (rule.operations or operation in BESIDE):
        return False
    if rule.seller_id is not None and rule.seller_id != seller_id:
        return False
    return rule.shipment_id is None or rule.shipment_id == shipment_id
