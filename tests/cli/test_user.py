"""People and the audit in the shell."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg

from packline.bootstrap import open_services, people_desk
from packline.cli import ROOMS
from packline.cli.recording import ACTS, act_said
from packline.cli.serving import _first_link
from packline.config import load

Say = Callable[..., Any]


async def test_people_are_added_changed_and_listed(say: Say, pool: asyncpg.Pool):
    """The link is printed once; limits come and go; the audit says that the shell did it."""
    [made] = (await say("user", "add", "asha", "--admin", "--full-name", "Asha of the bench", "--json")).rows
    assert made["link"].startswith("http://127.0.0.1:8080/welcome/")
    assert (await say("user", "add", "ravi", "--role", "packer", "--account", "acme-in")).code == 0
    refused = await say("user", "add", "Ravi")
    assert (refused.code != 0, "taken" in refused.err) == (True, True)
    listed = (await say("user", "list", "--json")).rows
    assert [(row["name"], row["role"], row["accounts"]) for row in listed] == [
        ("asha", "admin", None),
        ("ravi", "packer", ["acme-in"]),
    ]
    [changed] = (await say("user", "change", "ravi", "--role", "manager", "--no-limits", "--json")).rows
    assert (changed["role"], changed["accounts"]) == ("manager", None)
    assert "made" not in (await say("user", "list", "--search", "ravi")).out
    rows = (await say("audit", "list", "--kind", "act", "--json")).rows
    assert [row["act"] for row in rows] == ["users.change", "users.link", "users.add", "users.link", "users.add"]
    assert {row["who"] for row in rows} == {"command line"}
    assert rows[0]["subject"] == "ravi: role packer to manager, accounts acme-in to all"


async def test_somebody_is_disabled_unlocked_and_signed_out(say: Say, pool: asyncpg.Pool):
    """Each says what it did; the last admin stays."""
    await say("user", "add", "asha", "--admin")
    await say("user", "add", "ravi")
    assert "disabled" in (await say("user", "disable", "ravi")).out
    assert await pool.fetchval("select disabled_at is not null from person where name = 'ravi'")
    assert (await say("user", "link", "ravi")).code != 0
    await say("user", "enable", "ravi")
    assert "forgotten" in (await say("user", "unlock", "ravi")).out
    assert "connected with no identity provider" in (await say("user", "disconnect", "ravi")).err
    assert "0 sessions" in (await say("user", "sign-out", "ravi")).out
    stays = await say("user", "disable", "asha")
    assert (stays.code != 0, "last admin" in stays.err) == (True, True)
    [shown] = (await say("user", "show", "ravi", "--json")).rows
    assert (shown["open_sessions"], shown["has_password"]) == ([], False)
    nobody = await say("user", "show", "nobody")
    assert "packline user list" in nobody.err


async def test_the_audit_is_filtered_by_a_persons_plain_name(say: Say, pool: asyncpg.Pool):
    """Nobody has to know how the audit writes it; the time is taken as UTC."""
    await say("user", "add", "asha", "--admin")
    for who in ("user: asha", "user: ravi"):
        await pool.execute(
            "insert into audit (at, who, kind, act) values ('2026-11-20Z', $1, 'sign_in', 'sign_in')", who
        )
    rows = (await say("audit", "list", "--who", "asha", "--json")).rows
    assert [(row["who"], row["act"]) for row in rows] == [("user: asha", "sign_in")]
    assert (await say("audit", "list", "--who", "asha", "--since", "2026-11-21", "--json")).rows == []
    assert "Nothing like this" in (await say("audit", "list", "--kind", "look")).out


async def test_what_the_shell_writes_is_in_the_audit_once(say: Say, pool: asyncpg.Pool):
    """With its outcome; what only reads is not, and no secret ever is."""
    await say("api-key", "create", "Bench", "--role", "packer")
    await say("api-key", "list")
    await say("api-key", "revoke", "key_none")
    await say("webhook", "add", "https://example.com/hook")
    rows = (await say("audit", "list", "--json")).rows
    assert [(row["act"], row["subject"], row["outcome"]) for row in reversed(rows)] == [
        ("api_keys.create", "Bench", "done"),
        ("api_keys.revoke", "key_none", "not_found"),
        ("webhooks.add", "https://example.com/hook", "done"),
    ]


def test_every_act_is_a_verb_that_there_is():
    """And what the table of acts leaves out only reads, or is its own record."""
    for noun, (_, verbs) in ACTS.items():
        room = importlib.import_module(f"packline.cli.{ROOMS.get(noun, noun.replace('-', '_'))}")
        assert verbs <= set(room.app), noun
    assert act_said(["return", "password", "ret_1"]) == ("returns.password", "ret_1")
    assert act_said(["stock", "set", "--dry-run", "SKU"]) is None
    assert act_said(["stock", "show", "SKU"]) is None
    assert act_said(["stock"]) is None


async def test_serve_offers_the_first_link_until_somebody_is_there(say: Say, database_url: str, tmp_path: Path):
    """Each start makes a new one; none where nobody signs in, where no console is served, or somebody was added."""
    chosen = {"data": tmp_path / "data", "database_url": database_url}
    async with open_services(load(chosen)) as services:
        links = [await _first_link(services, "http://127.0.0.1:1") for _ in range(2)]
        assert all(str(link).startswith("http://127.0.0.1:1/welcome/") for link in links)
        assert links[0] != links[1]
        good = [(await people_desk(services).welcome(str(link).rpartition("/")[2]))[0] for link in links]
        assert good == [False, True]
        assert await _first_link(services, None) is None
    async with open_services(load({**chosen, "console_sign_in": False})) as services:
        assert await _first_link(services, "http://127.0.0.1:1") is None
    await say("user", "add", "asha", "--admin")
    async with open_services(load(chosen)) as services:
        assert await _first_link(services, "http://127.0.0.1:1") is None
