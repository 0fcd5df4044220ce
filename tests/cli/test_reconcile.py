"""`packline reconcile`: a file of the seller's beside our books, without a server."""

from datetime import timedelta
from pathlib import Path

from storage.stores import own, store


async def test_a_file_is_compared_shown_and_mended(say, pool, tmp_path: Path):
    """An order that the file lacks is extra; mending tells of it again; words of one's own can be explained."""
    await own(pool)
    made = await store(pool)
    await pool.execute("update shipment set received_at = now() - $1::interval", timedelta(hours=1))
    (tmp_path / "mine.csv").write_text("order_id,status\nO-77,new\n")
    asked = await say("reconcile", "orders", "acme-in", "--file", "mine.csv", "--json")
    assert asked.code == 0, asked.err
    row = asked.rows[0]
    assert (row["state"], row["missing"], row["extra"], row["source"]) == ("done", 1, 1, "mine.csv")
    shown = await say("reconcile", "show", row["id"], "--kind", "extra", "--json")
    assert [one["order_id"] for one in shown.rows] == [made.order_id]
    would = await say("reconcile", "mend", row["id"], "--dry-run", "--json")
    assert [one["outcome"] for one in would.rows] == ["would be done"]
    done = await say("reconcile", "mend", row["id"], "--json")
    assert [one["outcome"] for one in done.rows] == ["told"]
    assert len((await say("reconcile", "list", "--json")).rows) == 1
    (tmp_path / "own.csv").write_text(f"order_id,status\n{made.order_id},ravi\n")
    for word, refused in (((), 1), (("--word", "ravi=open"), 0)):
        again = await say("reconcile", "orders", "acme-in", "--file", "own.csv", *word, "--json")
        assert again.rows[0]["unreadable"] == refused
    assert (await say("reconcile", "orders", "nobody")).code == 4
    assert (await say("reconcile", "orders", "acme-in", "--file", "none.csv")).code == 2
