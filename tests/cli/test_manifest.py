"""`packline manifest`: the whole way from the shell."""

import asyncpg

from api.house import open_house
from api.test_manifests import parcels


async def test_a_manifest_from_the_shell(say, pool: asyncpg.Pool, tmp_path):
    """Open with the first parcels, add, remove, close, paper, hand over; refusals say why and set the exit code."""
    async with open_house(pool) as house:
        for number in (1, 2):
            await parcels(house, f"S-{number}", f"T{number}")
        await parcels(house, "S-3", "T3", carrier="BlueDart")
    said = await say("manifest", "open", "acme-in", "EXSB", "T1", "--key", "one", "--json")
    assert said.code == 0, said.err
    name = said.rows[0]["id"]
    wrong = await say("manifest", "add", name, "T2", "T3", "--json")
    assert wrong.code == 3
    assert [row["outcome"] for row in wrong.rows] == ["added", "refused"]
    assert (await say("manifest", "remove", name, "T2")).code == 0
    assert (await say("manifest", "hand-over", name)).code == 3
    assert (await say("manifest", "close", name, "--json")).rows[0]["status"] == "closed"
    assert (await say("manifest", "pdf", name, "--to", str(tmp_path))).code == 0
    assert (tmp_path / f"manifest-{name}.pdf").read_bytes().startswith(b"%PDF")
    done = await say("manifest", "hand-over", name, "--json")
    assert [(row["order_id"], row["outcome"]) for row in done.rows] == [("402-S-1", "handed_over")]
    assert "T1" in (await say("manifest", "show", name)).out
    assert [row["id"] for row in (await say("manifest", "list", "--status", "handed_over", "--json")).rows] == [name]
    assert (await say("manifest", "open", "acme-in", "NOWHERE")).code == 4
