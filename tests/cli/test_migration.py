"""`packline migration`: begin, check and end on the command line."""

from storage.stores import own


async def test_begin_check_and_end(say, pool):
    """Red lines end with 1 and say what to do; the end is refused while one is red, and may be passed over."""
    await own(pool)
    await pool.execute("insert into location (account_id, id, auto_confirm) values ('acme-in', 'EXSB', true)")
    assert (await say("migration", "check", "acme-in", "--json")).code == 1
    begun = await say("migration", "begin", "acme-in", "--json")
    assert (begun.code, begun.rows[0]["state"], begun.rows[0]["confirmed"]) == (0, "parallel", ["EXSB"])
    checked = await say("migration", "check", "acme-in", "--json")
    by_name = {row["name"]: row for row in checked.rows}
    assert by_name["confirms_nothing"]["green"]
    assert "packline reconcile orders acme-in" in by_name["orders_agree"]["cure"]
    shown = await say("migration", "check", "acme-in")
    assert "are red" in shown.out
    assert (await say("migration", "end", "acme-in")).code == 3
    assert (await say("migration", "end", "acme-in", "--anyway", "--json")).rows[0]["state"] == "done"
    assert await pool.fetchval("select auto_confirm from location")
    assert (await say("migration", "check", "nobody")).code == 4
