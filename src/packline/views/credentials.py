"""How old credentials are, and when Amazon stops taking them; never the credentials themselves."""

from datetime import datetime
from typing import Any

import asyncpg
from typing_extensions import TypedDict

from packline.domain.credentials import Life, Secret
from packline.domain.findings import Finding
from packline.views.paging import EVERYTHING, Conditions, Scope


class CredentialRow(TypedDict):
    """One credential: `client_secret` (the application's) or `consent` (the seller's).

    `state` is ok, expiring (30 days), urgent (7 days) or expired. `is_told`: a person told `since`; otherwise Packline
    had it first then, and it may be older. `ends_at` and `days` are null where it does not end.
    """

    account: str
    credential: str
    state: str
    since: Any
    is_told: bool
    ends_at: Any
    days: int | None
    says: str


async def credentials(
    pool: asyncpg.Pool, now: datetime, *, account: str | None = None, scope: Scope = EVERYTHING
) -> list[CredentialRow]:
    """List the credentials of accounts, two for each."""
    return [_row(life, now) for life in await _lives(pool, account, scope)]


async def findings(pool: asyncpg.Pool, now: datetime, account: str, about: str) -> list[Finding]:
    """Tell the doctor how long an account's credentials still last; one line where all is well."""
    lives = await _lives(pool, account, EVERYTHING)
    bad = [life for life in lives if life.state(now) != "ok"]
    if not bad:
        last = min((life.ends_at for life in lives if life.ends_at is not None), default=None)
        says = f"none ends before {last:%Y-%m-%d}" if last else "none of them ends"
        return [Finding(about, "age of credentials", "good", says)] if lives else []
    found = []
    for life in bad:
        says, _, cure = life.says(now).partition(". ")
        state = "doubt" if life.state(now) == "expiring" else "bad"
        found.append(Finding(about, "age of credentials", state, says, cure))
    return found


async def urgent(pool: asyncpg.Pool, now: datetime) -> list[str]:
    """Say which credentials end within a week, or have ended."""
    lives = await _lives(pool, None, EVERYTHING)
    return [life.says(now) for life in lives if life.state(now) in ("urgent", "expired")]


async def _lives(pool: asyncpg.Pool, account: str | None, scope: Scope) -> list[Life]:
    given = Conditions(scope, by_location=False)
    given.add_if("account_id = {}", account)
    sql = f"select account_id, kind, since, ends, is_told from credential {given.where} order by account_id, kind"
    return [
        Life(row["account_id"], Secret(row["kind"]), row["since"], row["ends"], row["is_told"])
        for row in await pool.fetch(sql, *given.values)
    ]


def _row(life: Life, now: datetime) -> CredentialRow:
    return CredentialRow(
        account=life.account,
        credential=life.kind,
        state=life.state(now),
        since=life.since,
        is_told=life.is_told,
        ends_at=life.ends_at,
        days=life.days(now),
        says=life.says(now),
    )
