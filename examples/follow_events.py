"""Follow the event feed and go on after a restart where it stopped.

    PACKLINE_KEY=pk_... python examples/follow_events.py [count]

The cursor is kept in `cursor.txt` (or where CURSOR_FILE says) after an event was handled, never before: after a crash
an event may come twice, but none is missed. With a count the program ends after that many events.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from packline import Client

URL = os.environ.get("PACKLINE_URL", "http://127.0.0.1:8080")
CURSOR = Path(os.environ.get("CURSOR_FILE", "cursor.txt"))


async def main(after: str, count: int) -> None:
    """Handle events from a cursor on."""
    async with Client(URL, os.environ["PACKLINE_KEY"]) as packline:
        async for event in packline.events(after, types=["shipment.*", "command.*"]):
            handle(event)
            count -= 1
            if count == 0:
                return


def handle(event: dict[str, Any]) -> None:
    """Do here what your system does with news, so that twice is as good as once; then keep the cursor."""
    shipment = event["data"].get("shipment", {})
    print(f"{event['timestamp']} {event['type']:22} {shipment.get('amazon_id', '')} {shipment.get('status', '')}")
    CURSOR.write_text(event["cursor"])


if __name__ == "__main__":
    begin = CURSOR.read_text() if CURSOR.exists() else "start"
    asyncio.run(main(begin, int(sys.argv[1]) if len(sys.argv) > 1 else 0))
