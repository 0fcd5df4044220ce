"""Faults on demand: which calls go wrong, how, and how often."""

from typing import Literal, get_args

import msgspec

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
BESIDE = frozenset({TOKEN_OPERATION, FILE_OPERATION, UPLOAD_OPERATION}) | WORK | QUEUE_OPERATIONS
WORK_KINDS = frozenset({"stuck", "fatal"})
KINDS: tuple[str, ...] = get_args(FaultKind)


class FaultRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Describe a fault and the calls that it strikes; every condition that is given must hold.

    Kinds: 429, 500, 503 answer so before anything happens; 500_after, 503_after do the work first; timeout_before and
    timeout_after never answer, without or with the effect, and drop the connection after `hold_seconds` (0: at once);
    slow answers after `hold_seconds`; busy is 409 ServerBusy; in_progress is 409 "already in progress"; cut sends half
    of the answer. stuck and fatal are for Amazon's own work, processFeed and processReport, where `shipment_id` names
    the type of feed or report: it stays IN_PROGRESS, or ends FATAL. `nth` counts the matching calls from 1; `every`
    strikes each n-th; `share` strikes that part of them, drawn from the seed; `limit` ends the rule after so many
    strikes. Seconds are on the simulator's clock. Without `operations` every API call is meant; requestAccessToken,
    downloadFile, uploadFile, processFeed, processReport and makeEasyShipDocument are struck only when named. The last
    is the making of one order's papers by a document feed: fatal fails that order with 610013.
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


class Fault(msgspec.Struct, kw_only=True):
    """Hold a rule at work: how many calls matched and how many it struck."""

    fault_id: str
    rule: FaultRule
    matched: int = 0
    struck: int = 0


class BadFault(ValueError):
    """A fault that makes no sense."""


class Faults:
    """Hold the rules; the first one that strikes decides."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._count = 0
        self._rules: dict[str, Fault] = {}

    def __bool__(self) -> bool:
        return bool(self._rules)

    def add(self, rule: FaultRule) -> Fault:
        """Put a rule to work. Raises BadFault."""
        if rule.share is not None and not 0 <= rule.share <= 1:
            raise BadFault(f"A share of {rule.share} is not between 0 and 1.")
        if rule.every is not None and rule.every < 1:
            raise BadFault(f"Every {rule.every}th call makes no sense; use 1 or more.")
        if rule.hold_seconds < 0:
            raise BadFault("hold_seconds cannot be negative.")
        _check_work(rule)
        self._count += 1
        fault = Fault(fault_id=f"fault-{self._count}", rule=rule)
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

    def strike(self, operation: str, seller_id: str | None, shipment_id: str | None) -> Fault | None:
        """Give the fault that strikes this call, if any, and count it."""
        for fault in self._rules.values():
            if not _applies(fault.rule, operation, seller_id, shipment_id):
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
    if rule.kind not in WORK_KINDS and set(rule.operations) & WORK:
        raise BadFault(f"{', '.join(sorted(WORK))} can only be struck by {' and '.join(sorted(WORK_KINDS))}.")


def _applies(rule: FaultRule, operation: str, seller_id: str | None, shipment_id: str | None) -> bool:
    if operation not in rule.operations and (rule.operations or operation in BESIDE):
        return False
    if rule.seller_id is not None and rule.seller_id != seller_id:
        return False
    return rule.shipment_id is None or rule.shipment_id == shipment_id
