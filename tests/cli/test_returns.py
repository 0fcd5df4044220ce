"""`packline return`: the dock's work on the command line."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from packline.domain.returns import Password, return_id
from packline.ports import Ownership
from packline.storage.returns import Returns
from packline.storage.secrets import Vault, key_file
from storage.stores import own
from storage.test_returns import seen

ITEM = return_id("acme-in", "R-1")


@pytest.fixture(autouse=True)
async def one_return(pool, tmp_path: Path):
    """Have a return with a password, sealed with the key of this place."""
    await own(pool)
    now = datetime.now(UTC)
    returns = Returns(pool, Vault(key_file(tmp_path / "key")))
    told = replace(seen("DELIVERED"), password=Password("481516", now + timedelta(hours=1)))
    await returns.save(Ownership("acme-in", 1), [told], now)


async def test_list_receive_and_restock(say):
    """One damaged, the rest held back and restocked later; then nothing is awaited."""
    assert "no status of a return" in (await say("return", "list", "--status", "delivred")).err
    listed = await say("return", "list", "--stage", "to_receive", "--json")
    assert [row["id"] for row in listed.rows] == [ITEM]
    first = await say("return", "receive", "RMA-1", "1", "--condition", "defective", "--json")
    assert (first.code, first.rows[0]["outcome"], first.rows[0]["awaited_units"]) == (0, "restocked", 2)
    held = await say("return", "receive", ITEM, "--hold", "--json")
    assert (held.rows[0]["outcome"], held.rows[0]["received_units"]) == ("received", 3)
    done = await say("return", "restock", ITEM, "--json")
    assert done.rows[0]["restocked"][0]["units"] == 2
    assert (await say("return", "receive", ITEM, "1")).code == 3
    shown = await say("return", "show", ITEM)
    assert "received" in shown.out
    assert "481516" not in shown.out


async def test_password_and_photo(say, tmp_path: Path):
    """The word is printed and the look recorded; a photo is kept."""
    assert (await say("return", "password", ITEM, "--json")).rows[0]["password"] == "481516"
    assert len((await say("return", "show", ITEM, "--json")).rows[0]["looks"]) == 1
    (tmp_path / "box.png").write_bytes(b"\x89PNG\r\n")
    assert (await say("return", "photo", ITEM, "box.png", "--json")).rows[0]["media_type"] == "image/png"
    assert (await say("return", "photo", ITEM, "none.png")).code == 2
    assert (await say("return", "show", "nothing")).code == 4
