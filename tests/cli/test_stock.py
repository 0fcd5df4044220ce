"""`packline stock`: the same as the API, on the command line."""

import pytest

from storage.stores import own


@pytest.fixture(autouse=True)
async def shop(pool):
    """Have an account with a location."""
    await own(pool)
    await pool.execute("insert into location (account_id, id) values ('acme-in', 'EXSB')")


async def test_set_show_why(say):
    """Nine on hand, ten percent held back: eight are told, and the reason is said."""
    assert (await say("stock", "set", "acme-in", "EXSB", "KURTA-M", "9")).code == 0
    assert (await say("stock", "rules", "set", "--account", "acme-in", "--buffer", "10%")).code == 0
    shown = await say("stock", "show", "KURTA-M", "--json")
    assert [(row["on_hand"], row["offers"][0]["wanted"]) for row in shown.rows] == [(9, 8)]
    told = await say("stock", "why", "acme-in", "EXSB", "KURTA-M")
    assert "8 is told; 8 can be bought." in told.out
    assert "less a buffer of 10 %, which is 1 (the rule for account acme-in)" in told.out


async def test_a_difference_may_begin_with_a_minus(say):
    """One unit broke."""
    await say("stock", "set", "acme-in", "EXSB", "KURTA-M", "9")
    said = await say("stock", "adjust", "acme-in", "EXSB", "KURTA-M", "-1", "--reason", "broken", "--json")
    assert (said.code, said.rows[0]["after"]) == (0, 8)
    entries = await say("stock", "entries", "KURTA-M", "--json")
    assert [(row["kind"], row["units"]) for row in entries.rows] == [("adjusted", -1), ("counted", 9)]


async def test_refusals_end_with_their_code(say):
    """Not enough is 3, no such location 4, a wrong buffer 2."""
    await say("stock", "set", "acme-in", "EXSB", "KURTA-M", "1")
    assert (await say("stock", "adjust", "acme-in", "EXSB", "KURTA-M", "-2")).code == 3
    assert (await say("stock", "set", "acme-in", "NOWHERE", "KURTA-M", "1")).code == 4
    assert (await say("stock", "rules", "set", "--buffer", "some")).code == 2


async def test_hold_and_release(say):
    """A hold is listed until it is released."""
    assert (await say("stock", "hold", "acme-in", "EXSB", "--reason", "count")).code == 0
    assert [row["reason"] for row in (await say("stock", "holds", "--json")).rows] == ["count"]
    assert (await say("stock", "release", "acme-in", "EXSB")).code == 0
    assert (await say("stock", "holds", "--json")).rows == []


async def test_a_file_is_read_and_what_is_wrong_in_it_is_said(say, tmp_path):
    """Two lines in, one refused: the exit code says so, and the books agree."""
    file = tmp_path / "count.csv"
    file.write_text("sku,quantity\nKURTA-M,5\nSAREE,-1\nSCARF,2\n")
    done = await say("stock", "import", str(file), "--account", "acme-in", "--location", "EXSB")
    assert done.code == 1
    assert "quantity: A count is 0 or more." in done.out
    shown = await say("stock", "show", "--json")
    assert {row["sku"]: row["on_hand"] for row in shown.rows} == {"KURTA-M": 5, "SCARF": 2}
    assert (await say("stock", "check")).code == 0


async def test_books_that_do_not_agree_are_made_again(say, pool):
    """Somebody wrote into a balance: the check fails with its exit code until the rebuild."""
    await say("stock", "set", "acme-in", "EXSB", "KURTA-M", "5")
    await pool.execute("update stock_balance set on_hand = 9")
    found = await say("stock", "check", "--json")
    assert (found.code, found.rows[0]["kept"], found.rows[0]["entries"]) == (1, 9, 5)
    assert (await say("stock", "rebuild")).code == 0
    assert (await say("stock", "check")).code == 0
