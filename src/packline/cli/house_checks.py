"""Checks of this installation: database, keys, workers, what waits."""

from datetime import timedelta
from typing import TYPE_CHECKING

from packline.cli.findings import Finding
from packline.cli.printing import span
from packline.views import flows, health
from packline.views.paging import LIMIT_AT_MOST

if TYPE_CHECKING:
    from packline.bootstrap import Services

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


async def check(services: "Services") -> list[Finding]:
    """Check everything that does not belong to one account."""
    version = await services.pool.fetchval("show server_version")
    kind = "a server of yours" if services.settings.database_url else f"embedded, in {services.settings.data}"
    findings = [Finding(HOUSE, "database", "good", f"PostgreSQL {version}, {kind}; migrations are up to date")]
    told = [*await _work(services), *await _people(services), *await _flows(services)]
    return [*findings, _key(services), *told]


def _key(services: "Services") -> Finding:
    if services.settings.master_key:
        return Finding(HOUSE, "key", "good", "the master key of the settings protects credentials")
    path = services.settings.key_path
    if path.stat().st_mode & 0o077:
        return Finding(HOUSE, "key", "bad", f"others can read {path}", f"Run `chmod 600 {path}`.")
    return Finding(HOUSE, "key", "good", f"{path}; keep a copy of it apart from the database")


async def _work(services: "Services") -> list[Finding]:
    owners = await services.pool.fetch(_WORKERS)
    alive = await services.pool.fetchval(_ALIVE, QUIET)
    rested = await services.pool.fetchrow(_LATELY)
    state = await health.health(services.pool, services.clock.now(), "")
    overdue = state["overdue"]
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
        findings.append(Finding(HOUSE, "backlog", "good", f"nothing waits longer than {span(60)}"))
    return findings


async def _flows(services: "Services") -> list[Finding]:
    """Name flows that are silent; the first of several parts speaks for all."""
    silent = (await flows.flows(services.pool, silent=True, limit=LIMIT_AT_MOST)).items
    spoken: dict[tuple[str, str], Finding] = {}
    for row in silent:
        since = f"since {row['last_at']:%Y-%m-%d %H:%M} UTC" if row["last_at"] else "so far"
        who = f" of {row['account']}" if row["account"] else ""
        says = f"{row['flow']}{who}: nothing {since}"
        spoken.setdefault((row["account"], row["flow"]), Finding(HOUSE, "silent flow", "bad", says, row["says"]))
    return list(spoken.values()) or [Finding(HOUSE, "flows", "good", "no flow is unusually silent")]


async def _people(services: "Services") -> list[Finding]:
    parked, failed = await services.pool.fetchval(_PARKED), await services.pool.fetchval(_FAILED)
    findings = []
    if parked:
        says = f"{parked} records from Amazon could not be read"
        findings.append(Finding(HOUSE, "parked records", "doubt", says, "See `packline parked list`."))
    if failed:
        says = f"{failed} shipments wait for a person"
        findings.append(Finding(HOUSE, "failed shipments", "doubt", says, "See `packline shipment list --failed`."))
    return findings or [Finding(HOUSE, "for a person", "good", "nothing waits for a person")]
