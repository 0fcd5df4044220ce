"""What the command line writes, in the audit: which verbs are acts, and the entry of each, before and after it."""

from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeVar

from packline.cli.looking import BY

if TYPE_CHECKING:
    from packline.bootstrap import Services
    from packline.domain.audit import Entry

Result = TypeVar("Result")
ACTS: dict[str, tuple[str, frozenset[str]]] = {
    "account": (
        "accounts",
        frozenset({"add", "authorize", "pause", "resume", "enable", "disable", "remove", "import"}),
    ),
    "location": ("locations", frozenset({"set"})),
    "document": ("documents", frozenset({"print", "drop"})),
    "manifest": ("manifests", frozenset({"open", "add", "remove", "close", "hand-over"})),
    "sku": ("skus", frozenset({"set", "import"})),
    "stock": (
        "stock",
        frozenset({
            "set", "adjust", "receive", "return", "move", "hold", "release", "import", "rebuild", "retry", "publish",
            "mend", "numbering",
        }),
    ),
    "return": ("returns", frozenset({"receive", "restock", "password", "photo"})),
    "migration": ("migration", frozenset({"begin", "end"})),
    "reconcile": ("reconciliations", frozenset({"orders", "returns", "stock", "mend"})),
    "listing": ("listings", frozenset({"import"})),
    "route": ("routes", frozenset({"keep", "keep-file", "accept", "done", "reject", "again", "cancel"})),
    "feed": ("feeds", frozenset({"retry"})),
    "credential": ("credentials", frozenset({"date"})),
    "webhook": ("webhooks", frozenset({"add", "test", "replay", "enable", "disable", "remove"})),
    "api-key": ("api_keys", frozenset({"create", "revoke"})),
    "notification": ("notifications", frozenset({"queue", "forget", "setup", "stop"})),
    "inbox": ("inbox", frozenset({"look", "notify"})),
    "parked": ("parked", frozenset({"resolve"})),
}  # fmt: skip
"""Noun -> its resource over REST, and the verbs that write. Commands on shipments and people are their own records."""
_NAMED_ELSEWHERE = {"manifests.add": "manifests.packages"}
"""Where REST calls something else by the verb of the command line."""
_ONLY_ASKING = ("--dry-run", "--preview", "--help")
said: ContextVar[Sequence[str]] = ContextVar("said", default=())
"""What was written on the command line of this process."""


def act_said(tokens: Sequence[str]) -> tuple[str, str] | None:
    """Name the act of a command line and whom it concerns; None where it only reads."""
    if len(tokens) < 2 or tokens[0] not in ACTS or any(token in _ONLY_ASKING for token in tokens):
        return None
    resource, verbs = ACTS[tokens[0]]
    if tokens[1] not in verbs:
        return None
    subject = tokens[2] if len(tokens) > 2 and not tokens[2].startswith("-") else ""
    act = f"{resource}.{tokens[1]}"
    return _NAMED_ELSEWHERE.get(act, act), subject


async def recorded(services: "Services", task: "Callable[[Services], Awaitable[Result]]") -> Result:
    """Do a task, and where the command line is an act write it down before, and what came of it afterwards."""
    from packline.errors import PacklineError
    from packline.storage.audit import Audit

    entry = _entry(services)
    if entry is None:
        return await task(services)
    said.set(())  # a verb that opens the database twice is one act
    log = Audit(services.pool)
    name = await log.begin(entry)
    try:
        result = await task(services)
    except PacklineError as refusal:
        await log.end(name, entry.at, refusal.reason)
        raise
    await log.end(name, entry.at, "done")
    return result


def _entry(services: "Services") -> "Entry | None":
    from packline.domain.audit import LONGEST, Entry, told_as

    found = act_said(said.get())
    if found is None:
        return None
    kind, act = told_as(found[0])
    return Entry(services.clock.now(), BY, kind, act, found[1][:LONGEST])
