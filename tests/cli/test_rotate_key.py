"""`packline db rotate-key`: a new key protects what was kept with the old one."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from packline.storage.intake import Intake
from packline.storage.secrets import Vault, key_file

Say = Any


async def test_secrets_and_personal_data_are_encrypted_anew(say: Say, pool: asyncpg.Pool, tmp_path: Path):
    """The record that was parked with the first key is protected by the second, and still shown as it came."""
    vault, now = Vault(key_file(tmp_path / "key")), datetime.now(UTC)
    await Intake(pool, vault).park("acme-in", "getShipments", b'{"name": "A Buyer"}', "Odd.", now)
    [told] = (await say("db", "rotate-key", "--json")).rows
    assert (told["version"], told["secrets"], told["records"]) == (2, 0, 1)
    assert (await pool.fetchval("select body from parked"))[:3] == b"\x01\x00\x02"
    assert (await say("parked", "show", "1")).out == '{"name": "A Buyer"}'
    [again] = (await say("db", "rotate-key", "--json")).rows
    assert (again["version"], again["records"]) == (3, 1)
