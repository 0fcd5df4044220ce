"""`packline stock publish|drift|mend|numbering` on the command line."""

import pytest

from storage.stores import own


@pytest.fixture(autouse=True)
async def shop(pool):
    """Have an account with a location and a counted SKU."""
    await own(pool)
    await pool.execute("insert into location (account_id, id) values ('acme-in', 'EXSB')")


async def test_publishing_again_counts_what_was_refused(say, pool):
    """Refused offers wait again; with --everything those that Amazon has do too."""
    for sku in ("A", "B"):
        await say("stock", "set", "acme-in", "EXSB", sku, "9")
    await pool.execute("update stock_offer set state = case sku when 'A' then 'refused' else 'settled' end")
    assert "1 offers are told again." in (await say("stock", "publish", "acme-in")).out
    assert "1 offers are told again." in (await say("stock", "publish", "acme-in", "--everything")).out
    assert await pool.fetchval("select count(*) from stock_offer where state = 'waiting'") == 2
    assert (await say("stock", "publish", "nobody")).code == 4


async def test_a_former_integrators_numbers_are_taken_over(say, pool, tmp_path):
    """A file of last numbers; ours begin above them. A line without a number is named."""
    file = tmp_path / "numbers.csv"
    file.write_text("location,sku,sequence\nEXSB,A,41\nEXSB,B,7\n")
    said = await say("stock", "numbering", "acme-in", "--use", "counter", "--file", str(file))
    assert "2 sequence numbers were taken over." in said.out
    assert await pool.fetchval("select last from stock_sequence where sku = 'A'") == 41
    assert await pool.fetchval("select numbering from stock_publishing") == "counter"
    file.write_text("location,sku,sequence\nEXSB,A,many\n")
    wrong = await say("stock", "numbering", "acme-in", "--file", str(file))
    assert (wrong.code, "Line 2" in wrong.out + wrong.err) == (2, True)


async def test_a_comparison_is_asked_for_with_the_sellers_numbers(say, pool, tmp_path):
    """It waits for a worker; what was found before is listed and mended by a side."""
    await say("stock", "set", "acme-in", "EXSB", "A", "9")
    assert "Nothing differs." in (await say("stock", "drift", "acme-in")).out
    file = tmp_path / "mine.csv"
    file.write_text("location,sku,quantity\nEXSB,A,4\n")
    (row,) = (await say("stock", "drift", "acme-in", "--file", str(file), "--json")).rows
    assert row["state"] == "waiting"
    await pool.execute(
        "insert into stock_drift (account_id, location_id, sku, run_id, on_hand, seller, cause, words, found_at)"
        " values ('acme-in', 'EXSB', 'A', 'dft_1', 9, 4, 'seller_counts_otherwise', 'x', now())"
    )
    left = await say("stock", "mend", "acme-in", "amazon", "--json")
    assert left.rows[0]["left"][0]["reason"] == "Amazon does not show a number for it"
    assert (await say("stock", "mend", "acme-in", "seller", "--json")).rows[0]["mended"] == 1
    assert (await say("stock", "show", "A", "--json")).rows[0]["on_hand"] == 4
