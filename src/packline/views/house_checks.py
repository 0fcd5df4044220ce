"""Checks of this installation: database, keys, workers, what waits."""

from datetime import datetime, timedelta
from pathlib import Path

import asyncpg

from packline.domain.findings import Finding
from packline.views import flows, health, notifications
from packline.views.paging import LIMIT_AT_MOST

HOUSE = "This installation"
QUIET = timedelta(seconds=10)  # a worker that lives beats every two seconds
_WORKERS = """
select worker, count(*) as accounts from ownership where worker is not null group by worker order by worker
"""
_LATELY = """
select count(*) as accounts, count(*) filter (where o.taken_at > now() - interval '1 minute') as lately
from account a left join ownership o on o.account_id = a.id where a.enabled and a.paused_reason is null
"""
_ALIVE = "select count(*) from pgqueuer where status = 'picked' and heartbeat > now() - $1::interval"
_PARKED = "select count(*) from (select 1 from parked where resolved_at is null limit 1000) as open_ones"
_FAILED = "select count(*) from (select 1 from shipment where problem is not null limit 1000) as open_ones"


async def check(pool: asyncpg.Pool, now: datetime, kept_in: str, key_file: Path | None) -> list[Finding]:
    """Check everything that does not belong to one account.

    `kept_in` says where the database is, `key_file` where the key is that protects credentials (None: in the settings).
    """
    version = await pool.fetchval("show server_version")
    findings = [Finding(HOUSE, "database", "good", f"PostgreSQL {version}, {kept_in}; migrations are up to date")]
    told = [*await work(pool, now), *await _people(pool), *await _flows(pool)]
    return [*findings, _key(key_file), *told, *await _queues(pool)]


def _key(path: Path | None) -> Finding:
    if path is None:
        return Finding(HOUSE, "key", "good", "the master key of the settings protects credentials")
    if path.stat().st_mode & 0o077:
        return Finding(HOUSE, "key", "bad", f"others can read {path}", f"Run `chmod 600 {path}`.")
    return Finding(HOUSE, "key", "good", f"{path}; keep a copy of it apart from the database")


async def work(pool: asyncpg.Pool, now: datetime) -> list[Finding]:
    """Tell whether somebody works for the accounts, and whether anything waits for that."""
    owners = await pool.fetch(_WORKERS)
    alive = await pool.fetchval(_ALIVE, QUIET)
    rested = await pool.fetchrow(_LATELY)
    overdue = (await health.health(pool, now, ""))["overdue"]
    names = ", ".join(f"{row['worker']} ({row['accounts']} accounts)" for row in owners)
    findings = []
    if alive or names:
        findings.append(Finding(HOUSE, "workers", "good", names or f"{alive} accounts are worked for"))
    elif rested["lately"]:
        says = f"{rested['lately']} accounts were worked for within the last minute"
        findings.append(Finding(HOUSE, "workers", "good", says))
    elif not rested["accounts"]:
        says, cure = "there is no account to work for", "Add a seller's authorisation with `packline account add`."
        findings.append(Finding(HOUSE, "workers", "doubt", says, cure))
    else:
        cure = "Run `packline serve` or `packline worker`."
        findings.append(Finding(HOUSE, "workers", "doubt", "no worker works for any account at this moment", cure))
    if overdue:
        cure = "Start a worker; if one runs, look at its log."
        findings.append(Finding(HOUSE, "backlog", "bad", f"{overdue} shipments wait longer than a minute", cure))
    else:
        findings.append(Finding(HOUSE, "backlog", "good", "nothing waits longer than 1 min"))
    return findings


async def _flows(pool: asyncpg.Pool) -> list[Finding]:
    """Name flows that are silent; the first of several parts speaks for all."""
    silent = (await flows.flows(pool, silent=True, limit=LIMIT_AT_MOST)).items
    spoken: dict[tuple[str, str], Finding] = {}
    for row in silent:
        since = f"since {row['last_at']:%Y-%m-%d %H:%M} UTC" if row["last_at"] else "so far"
        who = f" of {row['account']}" if row["account"] else ""
        says = f"{row['flow']}{who}: nothing {since}"
        spoken.setdefault((row["account"], row["flow"]), Finding(HOUSE, "silent flow", "bad", says, row["says"]))
    return list(spoken.values()) or [Finding(HOUSE, "flows", "good", "no flow is unusually silent")]


async def _people(pool: asyncpg.Pool) -> list[Finding]:
    parked, failed = await pool.fetchval(_PARKED), await pool.fetchval(_FAILED)
    findings = []
    if parked:
        says = f"{parked} records from Amazon could not be read"
        findings.append(Finding(HOUSE, "parked records", "doubt", says, "See `packline parked list`."))
    if failed:
        says = f"{failed} shipments wait for a person"
        findings.append(Finding(HOUSE, "failed shipments", "doubt", says, "See `packline shipment list --failed`."))
    return findings or [Finding(HOUSE, "for a person", "good", "nothing waits for a person")]


async def _queues(pool: asyncpg.Pool) -> list[Finding]:
    """Tell of each queue of notifications whether it is read."""
    findings = []
    for queue in await notifications.queues(pool):
        say = f"queue {queue['id']}"
        if not queue["enabled"]:
            cure = "Write it again with --enabled, or remove it with `packline notification forget`."
            findings.append(Finding(HOUSE, say, "doubt", "it is switched off", cure))
        elif queue["error"]:
            findings.append(
                Finding(HOUSE, say, "bad", queue["error"], "It is tried again by itself once this is mended.")
            )
        elif queue["read_at"] is None:
            cure = "Run `packline serve` or `packline worker`."
            findings.append(Finding(HOUSE, say, "doubt", "nobody has read it yet", cure))
        else:
            findings.append(Finding(HOUSE, say, "good", f"read last at {queue['read_at']:%Y-%m-%d %H:%M} UTC"))
    return findings


async def told_of(pool: asyncpg.Pool, now: datetime, account: str, name: str) -> Finding:
    """Tell how far an account is told by notifications, or why polling does all the work."""
    about = f"{name} ({account})"
    row = next(iter(await notifications.statuses(pool, now, account)), None)
    if row is None or not row["types"]:
        cure = f"Name a queue (`packline notification queue`), then `packline notification setup {account}`."
        says = "not set up: orders are found by polling, within seconds instead of at once"
        return Finding(about, "notifications", "doubt", says, cure)
    if row["told_at"] is None:
        cure = f"`packline notification check {account}` sends a test through."
        return Finding(about, "notifications", "doubt", "set up; no notification has come yet", cure)
    if row["why"]:
        cure = f"`packline notification check {account}` finds the link that is broken."
        return Finding(about, "notifications", "doubt", row["why"], cure)
    says = f"{len(row['types'])} types come by {row['queue']}; polling is a safety net"
    return Finding(about, "notifications", "good", says)
