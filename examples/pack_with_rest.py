"""Pack every confirmed shipment over REST and write its documents into a folder.

    PACKLINE_KEY=pk_... python examples/pack_with_rest.py [folder]

PACKLINE_URL names the server (default http://127.0.0.1:8080); the key needs the role packer.
"""

import asyncio
import os
import sys
from pathlib import Path

from packline import Client
from packline.errors import PacklineError

URL = os.environ.get("PACKLINE_URL", "http://127.0.0.1:8080")


async def main(folder: Path) -> int:
    """Pack one shipment after the other; gives the number of those that were refused."""
    refused = 0
    async with Client(URL, os.environ["PACKLINE_KEY"]) as packline:
        waiting = [row async for row in packline.shipments(status="CONFIRMED", sort="ship_by")]
        for shipment in waiting:
            try:
                await pack(packline, shipment["id"], folder)
            except PacklineError as refusal:
                refused += 1
                print(f"{shipment['amazon_id']}: {refusal.message} {refusal.hint}")
    return refused


async def pack(packline: Client, shipment: str, folder: Path) -> None:
    """Take the boxes that Amazon recommends, wait for the outcome, keep what is to be printed."""
    ticket = await packline.pack(shipment, "recommended", slot={"policy": "earliest"}, wait=20)
    if ticket["status"] == "pending":
        ticket = await packline.ticket(ticket["id"], wait=30)
    documents = [entry for entry in await packline.documents(shipment) if not entry["void"]]
    for document in documents:
        (folder / document["name"]).write_bytes(await packline.document(shipment, document["id"]))
    names = ", ".join(document["name"] for document in documents)
    print(f"{shipment}: {ticket['outcome'] or 'still under way'}; {names}")


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "documents")
    target.mkdir(parents=True, exist_ok=True)
    sys.exit(1 if asyncio.run(main(target)) else 0)
