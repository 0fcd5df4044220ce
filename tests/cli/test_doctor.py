"""The doctor: each fault is found, and named with its cure, against a simulated Amazon."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from packline.amazon.doctor.account import skew
from packline.domain.findings import Finding

Say = Callable[..., Any]


@pytest.fixture
async def account(say: Say, amazon: Any, seller: Any) -> str:
    """Add the simulated seller as an account with its location."""
    added = await say(
        "account", "add", "Acme Traders", "--seller-id", seller.seller_id, "--region", "EU",
        "--marketplace", "A21TJRUUN4KGV", "--client-id", seller.client_id, "--client-secret", seller.client_secret,
        "--refresh-token", seller.refresh_token, "--endpoint", amazon.url, "--token-url", amazon.token_url,
        "--id", "acme", "--json",
    )  # fmt: skip
    assert added.code == 0, added.err
    assert (await say("location", "set", "acme", "BLR1")).code == 0
    return "acme"


def states(said: Any) -> dict[str, str]:
    """Read what was found, by check."""
    return {row["check"]: row["state"] for row in said.rows}


def cure(said: Any, check: str) -> str:
    """Read the cure of one check."""
    return next(row["cure"] for row in said.rows if row["check"] == check)


async def test_a_healthy_account_is_good_in_everything(say: Say, account: str):
    """Sign-in, address, region, clock and location, each looked at for real."""
    said = await say("account", "doctor", account, "--json")
    assert said.code == 0
    assert set(states(said)) >= {"state", "region", "credentials", "sign-in", "address", "location BLR1"}
    assert {state for check, state in states(said).items() if check != "notifications"} == {"good"}


async def test_notifications_that_are_not_set_up_are_a_doubt(say: Say, account: str):
    """Polling does all the work then, which is allowed and slower: the cure says how to be told."""
    said = await say("account", "doctor", account, "--json")
    assert states(said)["notifications"] == "doubt"
    assert "notification setup acme" in cure(said, "notifications")


async def test_a_marketplace_that_the_seller_does_not_sell_in_is_told(say: Say, account: str, tmp_path: Any):
    """Amazon refuses the question for it; the cure names what to correct."""
    exported = (await say("account", "export")).out.replace('"A21TJRUUN4KGV"', '"A21TJRUUN4KGV", "A2VIGQ35RCS4UG"')
    file = tmp_path / "accounts.toml"
    file.write_text(exported)
    assert (await say("account", "import", str(file))).code == 0
    said = await say("account", "doctor", account, "--json")
    assert said.code == 1
    assert states(said)["marketplace AE"] == "bad"
    assert "Choose the marketplaces" in cure(said, "marketplace AE")


def test_a_clock_that_is_wrong_is_told():
    """Tokens and handover slots are counted in minutes; a date that cannot be read is only a doubt."""
    say, now = partial(Finding, "Acme"), datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    assert skew(say, now, "Sat, 21 Nov 2026 12:00:30 GMT").state == "good"
    behind = skew(say, now, "Sat, 21 Nov 2026 12:10:00 GMT")
    assert (behind.state, "600 s behind" in behind.says) == ("bad", True)
    assert skew(say, now, "yesterday").state == "doubt"


async def test_a_withdrawn_authorisation_is_told_with_its_cure(say: Say, account: str, amazon: Any, seller: Any):
    """The seller has to authorise again; nothing that needs the token is tried."""
    amazon.control.post("sellers", seller.seller_id, "revoke_tokens")
    said = await say("account", "doctor", account, "--json")
    assert said.code == 1
    assert states(said)["sign-in"] == "bad"
    assert "authorise the application again" in cure(said, "sign-in")
    assert "address" not in states(said)


async def test_a_location_that_amazon_does_not_know_is_told(say: Say, account: str):
    """The other locations are still looked at."""
    await say("location", "set", account, "NOWHERE")
    said = await say("account", "doctor", account, "--json")
    assert said.code == 1
    assert states(said)["location NOWHERE"] == "bad"
    assert states(said)["location BLR1"] == "good"
    assert "Compare the id" in cure(said, "location NOWHERE")


async def test_an_account_that_is_not_there_is_told(say: Say):
    """A misspelt id is no healthy account."""
    said = await say("account", "doctor", "nobody", "--json")
    assert said.code == 1
    assert states(said) == {"account": "bad"}


async def test_credentials_of_another_machine_are_told(
    say: Say, account: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
):
    """A database that was moved without its key says so."""
    monkeypatch.setenv("PACKLINE_KEY_FILE", str(tmp_path / "another.key"))
    said = await say("account", "doctor", account, "--json")
    assert said.code == 1
    assert states(said)["credentials"] == "bad"
    assert "key file" in cure(said, "credentials")


async def test_a_paused_account_tells_why(say: Say, account: str):
    """What paused it stands in the finding, how to resume it in the cure."""
    await say("account", "pause", account, "--reason", "no role")
    said = await say("account", "doctor", account, "--json")
    assert states(said)["state"] == "bad"
    assert "account resume acme" in cure(said, "state")


async def test_the_house_is_checked_with_its_accounts(say: Say, account: str):
    """Database, key, workers, backlog and what waits for a person, then every account."""
    said = await say("doctor", "--json")
    assert {"database", "key", "workers", "backlog", "for a person", "sign-in"} <= set(states(said))
    assert states(said)["workers"] == "doubt"


async def test_a_database_that_does_not_answer_is_told(say: Say, monkeypatch: pytest.MonkeyPatch):
    """The doctor itself works where nothing else does."""
    monkeypatch.setenv("PACKLINE_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    said = await say("doctor", "--json")
    assert said.code != 0
    assert states(said) == {"database": "bad"}


@pytest.fixture
async def easy(say: Say, amazon: Any, seller: Any) -> str:
    """Add the simulated seller as an Easy Ship seller who is not on SmartConnect."""
    added = await say(
        "account", "add", "Easy Traders", "--seller-id", seller.seller_id, "--region", "EU",
        "--marketplace", "A21TJRUUN4KGV", "--client-id", seller.client_id, "--client-secret", seller.client_secret,
        "--refresh-token", seller.refresh_token, "--endpoint", amazon.url, "--token-url", amazon.token_url,
        "--id", "easy", "--api", "seller_central", "--json",
    )  # fmt: skip
    assert added.code == 0, added.err
    return "easy"


async def test_a_healthy_account_of_seller_central_is_good_in_every_role(say: Say, easy: str):
    """Its one location is there by itself, and External Fulfillment is not asked at all."""
    said = await say("account", "doctor", easy, "--json")
    assert said.code == 0, said.out
    assert set(states(said)) >= {"orders", "easy ship", "feeds", "address", "sign-in"}
    assert {state for check, state in states(said).items() if check != "notifications"} == {"good"}
    shown = await say("account", "show", easy, "--json")
    assert [(place["id"], place["timezone"]) for place in shown.rows[0]["locations"]] == [("DEFAULT", "Asia/Kolkata")]


async def test_a_missing_role_for_easy_ship_is_told_with_its_cure(say: Say, easy: str, amazon: Any):
    """Orders can be read, scheduling cannot: the doctor names the role."""
    amazon.set_switches(easy_ship_role="missing")
    try:
        said = await say("account", "doctor", easy, "--json")
    finally:
        amazon.set_switches(easy_ship_role="granted")
    assert said.code == 1
    assert (states(said)["orders"], states(said)["easy ship"]) == ("good", "bad")
    assert "Direct-to-Consumer Shipping" in cure(said, "easy ship")


async def test_an_account_of_seller_central_survives_export_and_import(say: Say, easy: str, tmp_path: Any):
    """What is exported says the API, and read again changes nothing."""
    before = (await say("account", "export")).out
    assert 'api = "seller_central"' in before
    file = tmp_path / "accounts.toml"
    file.write_text(before)
    assert (await say("account", "import", str(file))).code == 0
    assert (await say("account", "export")).out == before
