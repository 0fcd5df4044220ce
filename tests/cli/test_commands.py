"""Commands of the command line: what they print, and their exit codes."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from builders import NOON, facts
from packline.amazon.spapi.clock import SystemClock
from packline.cli import NOUNS, VERBS, app
from packline.domain import events as ev
from packline.domain.apply import receive
from packline.ports import Change
from packline.storage.shipments import Shipments

Say = Callable[..., Any]
ACCOUNTS = """
[[accounts]]
id = "acme"
name = "Acme Traders"
seller_id = "A1SELLER"
region = "EU"
marketplaces = ["A21TJRUUN4KGV"]
client_id = "client"
client_secret = "${ACME_SECRET}"
refresh_token = "refresh"

[[accounts.locations]]
id = "EXSB"
timezone = "Asia/Kolkata"
auto_confirm = true
"""

BODY = {
    "locationId": "EXSB",
    "lineItems": [{"shipmentLineItemId": "L1", "merchantSku": "SKU-1", "numberOfUnits": 1}],
    "shippingInfo": {
        "recommendedPackages": [
            {
                "lineItems": [{"lineItemId": "L1", "quantity": 1}],
                "weight": {"value": "850", "weightUnit": "G"},
                "dimensions": {side: {"value": "20", "dimensionUnit": "CM"} for side in ("length", "width", "height")},
            }
        ]
    },
}


class Still:
    """A clock that stands."""

    def now(self) -> object:
        return NOON


async def put(pool: asyncpg.Pool, amazon_id: str, status: str) -> str:
    """Store a shipment as intake does."""
    received = ev.Received(facts(status, amazon_id=amazon_id), "seller_flex", NOON)
    made = receive("acme", received)
    body = BODY | {"id": amazon_id, "status": status}
    await Shipments(pool, Still()).insert([Change(made, 0, (received,), None, body=msgspec.json.encode(body))])
    return made.id


@pytest.fixture
async def acme(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Say:
    """Import one account with its location."""
    monkeypatch.setenv("ACME_SECRET", "very secret")
    (tmp_path / "accounts.toml").write_text(ACCOUNTS)
    assert (await say("account", "import", "accounts.toml")).code == 0
    return say


def test_the_version_needs_neither_database_nor_server():
    """Heavy things are imported by the verb that needs them."""
    probe = (
        "import sys; from packline.cli import app; from packline.cli.failures import run; run(app, ['version']);"
        "sys.exit(len({'pydantic', 'fastapi', 'asyncpg', 'rich', 'uvicorn', 'msgspec'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()[0]) == (0, "packline")


@pytest.mark.parametrize("name", [*NOUNS, *VERBS, "sim"])
async def test_every_noun_and_verb_has_help(say: Say, name: str):
    """Nobody has to guess."""
    said = await say(name, "--help")
    assert said.code == 0
    assert "Usage" in said.out


async def test_every_noun_is_mounted():
    """The table is what users get."""
    assert set(NOUNS) | set(VERBS) <= {name for name in app if not name.startswith("-")}


async def test_a_command_that_is_written_wrongly_ends_with_two(say: Say):
    """Unknown words and missing values are the user's to correct."""
    assert (await say("shipment", "list", "--nonsense")).code == 2
    assert (await say("shipment", "confirm")).code == 2
    assert (await say("shipment", "list", "--sort", "colour")).code == 2
    assert (await say("nonsense")).code == 2


async def test_what_is_not_there_ends_with_four(say: Say):
    """The error says what happened and what to do."""
    said = await say("shipment", "show", "S-404")
    assert said.code == 4
    assert "There is no shipment S-404" in said.err
    assert "→" in said.err


async def test_accounts_travel_in_a_file_without_their_secrets(acme: Say, tmp_path: Path):
    """What is exported can be imported again; credentials stay where they are."""
    exported = await acme("account", "export")
    assert "very secret" not in exported.out
    assert "EXSB" in exported.out
    (tmp_path / "again.toml").write_text(exported.out)
    again = await acme("account", "import", "again.toml", "--dry-run", "--json")
    assert [(row["account"], row["done"]) for row in again.rows] == [("acme", "would be changed")]


async def test_a_file_names_a_variable_that_is_not_set(say: Say, tmp_path: Path):
    """A secret that is missing is said by its name, before anything is stored."""
    (tmp_path / "accounts.toml").write_text(ACCOUNTS)
    said = await say("account", "import", "accounts.toml")
    assert said.code == 2
    assert "ACME_SECRET" in said.err


async def test_json_is_one_object_a_line(acme: Say):
    """Programs read lines, people read tables."""
    rows = (await acme("location", "list", "--json")).rows
    assert [(row["account"], row["id"], row["auto_confirm"]) for row in rows] == [("acme", "EXSB", True)]
    assert "EXSB" in (await acme("location", "list")).out


async def test_setting_a_location_changes_only_what_is_given(acme: Say):
    """What is not said stays as it is."""
    await acme("location", "set", "acme", "EXSB", "--slot-policy", "earliest")
    row = (await acme("location", "list", "--json")).rows[0]
    assert (row["slot_policy"], row["timezone"], row["auto_confirm"]) == ("earliest", "Asia/Kolkata", True)


async def test_a_command_gives_a_ticket_and_a_denied_one_ends_with_three(acme: Say, pool: asyncpg.Pool):
    """The outcome is not awaited unless asked for; what cannot be is refused at once, with the reason."""
    await put(pool, "S-1", "CONFIRMED")
    packed = await acme("shipment", "pack", "S-1", "--json")
    assert packed.code == 0
    assert [(row["goal"], row["outcome"]) for row in packed.rows] == [("labeled", "pending")]
    denied = await acme("shipment", "deliver", "S-1", "--json")
    assert denied.code == 3
    assert denied.rows[0]["outcome"] == "denied"


async def test_waiting_longer_than_it_takes_ends_with_five(acme: Say, pool: asyncpg.Pool):
    """No worker runs here, so the outcome does not come in time; the command is not lost."""
    await put(pool, "S-1", "CONFIRMED")
    assert (await acme("shipment", "pack", "S-1", "--wait", "0.3")).code == 5


async def test_the_same_key_is_the_same_command(acme: Say, pool: asyncpg.Pool):
    """Sent twice, it is done once."""
    await put(pool, "S-1", "CONFIRMED")
    first = await acme("shipment", "pack", "S-1", "--key", "k", "--json")
    again = await acme("shipment", "pack", "S-1", "--key", "k", "--json")
    assert first.rows[0]["ticket"] == again.rows[0]["ticket"]


async def test_a_dry_run_changes_nothing(acme: Say, pool: asyncpg.Pool):
    """It shows which shipments allow the command, and ends with three where one does not."""
    await put(pool, "S-1", "CONFIRMED")
    await put(pool, "S-2", "DELIVERED")
    said = await acme("shipment", "pack", "S-1", "S-2", "S-3", "--dry-run", "--json")
    assert said.code == 3
    assert [row["allowed"] for row in said.rows] == [True, False, False]
    assert (await acme("shipment", "show", "S-1", "--json")).rows[0]["goal"] is None


async def test_many_shipments_get_an_answer_each(acme: Say, pool: asyncpg.Pool):
    """One that is not there does not hinder the others."""
    await put(pool, "S-1", "ACCEPTED")
    said = await acme("shipment", "confirm", "S-1", "S-404", "--json")
    assert [row["outcome"] for row in said.rows] == ["pending", "not_found"]
    assert said.code == 4


async def test_explain_says_it_in_plain_words(acme: Say, pool: asyncpg.Pool):
    """One sentence for where it stands and what it waits for."""
    await put(pool, "S-1", "CONFIRMED")
    assert "Waits for a packer." in (await acme("shipment", "explain", "S-1")).out


async def test_the_feed_can_be_read_from_its_beginning(acme: Say, pool: asyncpg.Pool):
    """Events come in order, with their cursor."""
    await put(pool, "S-1", "ACCEPTED")
    said = await acme("event", "tail", "--after", "0.0", "--no-follow", "--json")
    assert [row["name"] for row in said.rows] == ["shipment.received"]


async def test_a_key_is_shown_once(say: Say):
    """Its secret is printed when it is made, and never again."""
    made = (await say("api-key", "create", "bench", "--role", "reader", "--json")).rows[0]
    listed = await say("api-key", "list", "--json")
    assert made["key"].startswith("pk_")
    assert made["key"] not in listed.out
    assert (await say("api-key", "revoke", made["id"])).code == 0
    assert (await say("api-key", "revoke", "key_nonsense")).code == 4


async def test_config_show_names_the_source(say: Say):
    """Only what differs from the defaults, and where it comes from."""
    rows = {row["name"]: row["source"] for row in (await say("config", "show", "--json")).rows}
    assert rows["database_url"] == "environment PACKLINE_DATABASE_URL"
    assert "port" not in rows


async def test_failed_work_and_a_bundle_come_from_the_shell(say: Say, pool: asyncpg.Pool, tmp_path: Path):
    """`failure list` says when nothing has failed; `call bundle --to` writes one ZIP for Amazon's support."""
    received = ev.Received(facts("CONFIRMED"), "seller_flex", NOON)
    made = receive("acme", received)
    assert await Shipments(pool, SystemClock()).insert([Change(made, 0, (received,), None)])
    assert "Nothing has failed" in (await say("failure", "list")).out
    said = await say("call", "bundle", made.amazon_id, "--to", str(tmp_path))
    assert said.code == 0
    assert (tmp_path / f"packline-{made.amazon_id}.zip").read_bytes()[:2] == b"PK"
