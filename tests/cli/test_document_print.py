"""`packline document print`: a file for the printer, and what was refused."""

import asyncpg

from api.house import open_house
from api.test_prints import ORDERS, labeled
from unit.amazon.seller_central.papers.test_printing import scanned, sizes


async def test_labels_are_printed_from_the_shell(say, pool: asyncpg.Pool, tmp_path):
    """The file lies in the folder named; what is refused is said, and the exit code tells it."""
    async with open_house(pool) as house:
        await labeled(house, 0)
        await labeled(house, 1)
        bare = await house.shipment("S-9", order_id="402-9")
    said = await say("document", "print", "S-0", "S-1", "--order", "given", "--to", str(tmp_path), "--json")
    assert said.code == 0, said.err
    row = said.rows[0]
    content = (tmp_path / row["files"][0]["name"]).read_bytes()
    assert scanned(content) == [[ORDERS[0].tracking_id], [ORDERS[1].tracking_id]]
    again = await say(
        "document", "print", "S-0", "S-1", bare.id, "--paper", "a4-of-four", "--documents", "ship_label",
        "--documents", "invoice", "--to", str(tmp_path / "sheets"),
    )  # fmt: skip
    assert again.code == 3
    assert "2 of them reprints and marked so" in again.out
    assert "not packed" in again.out
    (labels,) = (tmp_path / "sheets").glob("labels-*.pdf")
    assert sizes(labels.read_bytes()) == {(595, 842)}
    assert len(list((tmp_path / "sheets").glob("invoices-*.pdf"))) == 1
    assert (await say("document", "print", "nobody")).code == 4
    listed = (await say("document", "prints", "--json")).rows
    assert [one["printed"] for one in listed] == [0, 4, 2]
    assert "command line" in (await say("document", "prints")).out
    assert (await say("document", "print")).code == 2
