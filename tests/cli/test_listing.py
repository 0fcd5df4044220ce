"""`packline listing`: files in without a server, what was wrong beside them, and out again."""

from pathlib import Path

import pytest

from api.house import ACCOUNT
from packline.domain.location import Credentials
from packline.storage.accounts import Accounts
from packline.storage.secrets import Vault

HEAD = "clientSkuId,channelSerialNo,channelSkuId,marketplace"
IN = "A21TJRUUN4KGV"


@pytest.fixture
async def shop(pool):
    """Put an account into the database."""
    await Accounts(pool, Vault({1: b"k" * 32})).put(ACCOUNT, Credentials("id", "secret", "refresh"))


async def test_a_file_goes_in_and_comes_out_again(say, shop, tmp_path: Path):
    """Import works it off by itself; list and export show what is stored."""
    file = tmp_path / "mine.csv"
    file.write_text(f"{HEAD}\nMY-1,B0ABCDEF12,AMZ-1,{IN}\n")
    said = await say("listing", "import", str(file), "--account", "acme-in", "--json")
    assert (said.code, said.rows[-1]["state"], said.rows[-1]["added"]) == (0, "done", 1), said.err
    assert [row["asin"] for row in (await say("listing", "list", "--json")).rows] == ["B0ABCDEF12"]
    out = tmp_path / "out.csv"
    assert (await say("listing", "export", str(out), "--account", "acme-in")).code == 0
    assert out.read_text().splitlines() == [HEAD, f"MY-1,B0ABCDEF12,AMZ-1,{IN}"]


async def test_wrong_rows_are_written_beside_the_file_and_the_rest_only_when_asked_for(say, shop, tmp_path: Path):
    """Nothing is stored and the exit code says so; `--partial` stores the good rows."""
    file = tmp_path / "mine.csv"
    file.write_text(f"{HEAD}\nMY-1,B0ABCDEF12,AMZ-1,{IN}\nMY-2,,AMZ-2,{IN}\n")
    said = await say("listing", "import", str(file), "--account", "acme-in")
    assert said.code != 0
    assert "1 of 2 rows are wrong" in said.err + said.out
    refused = (tmp_path / "mine.refused.csv").read_text().splitlines()
    assert refused == [f"{HEAD},reason", f"MY-2,,AMZ-2,{IN},channelSerialNo is missing."]
    assert (await say("listing", "list", "--json")).rows == []
    assert (await say("listing", "import", str(file), "--account", "acme-in", "--partial")).code == 0
    assert len((await say("listing", "list", "--json")).rows) == 1
