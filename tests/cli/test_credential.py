"""Ages of credentials in the shell."""

from collections.abc import Callable
from typing import Any

import asyncpg

Say = Callable[..., Any]


async def test_an_old_secret_is_listed_dated_and_named_by_the_doctor(say: Say, pool: asyncpg.Pool):
    """A person tells when it was rotated; the doctor says what to do."""
    assert "No account has credentials" in (await say("credential", "list")).out
    await say(
        "account", "add", "Acme", "--seller-id", "A1", "--region", "EU", "--marketplace", "A21TJRUUN4KGV",
        "--client-id", "c", "--client-secret", "s", "--refresh-token", "r", "--id", "acme",
        "--endpoint", "http://127.0.0.1:1", "--token-url", "http://127.0.0.1:1/t",
    )  # fmt: skip
    listed = (await say("credential", "list", "acme", "--json")).rows
    assert [(row["credential"], row["state"]) for row in listed] == [("client_secret", "ok"), ("consent", "ok")]
    assert "Noted" in (await say("credential", "date", "acme", "--secret-since", "2020-01-01", "--consent-stays")).out
    listed = (await say("credential", "list", "acme", "--json")).rows
    assert [(row["credential"], row["state"], row["days"] is None) for row in listed] == [
        ("client_secret", "expired", False),
        ("consent", "ok", True),
    ]
    findings = (await say("doctor", "--json")).rows
    [finding] = [row for row in findings if row["check"] == "age of credentials"]
    assert finding["state"] == "bad"
    assert finding["cure"].endswith("`packline account authorize acme`.")
