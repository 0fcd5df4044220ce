"""Use Packline's Amazon client alone: typed calls that keep to every account's quotas, without a database.

    AMAZON_URL=http://127.0.0.1:8181 CLIENT_ID=... CLIENT_SECRET=... REFRESH_TOKEN=... \\
        python examples/embed_amazon_client.py

Without AMAZON_URL it calls Amazon in Europe, India included.
"""

import asyncio
import os

from packline.amazon import Account, CallRecord, Credentials, connect, read_shipment
from packline.amazon.spapi.auth import TOKEN_URL

AMAZON = os.environ.get("AMAZON_URL", "https://sellingpartnerapi-eu.amazon.com")
SIGN_IN = f"{AMAZON}/auth/o2/token" if "AMAZON_URL" in os.environ else TOKEN_URL


async def main() -> None:
    """Confirm every accepted shipment, and show what is in it."""
    keys = Credentials(os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"], os.environ["REFRESH_TOKEN"])
    account = Account("my-shop", AMAZON, keys)
    async with connect(token_url=SIGN_IN, on_call=tell) as amazon:
        token: str | None = None
        while True:
            page = await amazon.get_shipments(account, "ACCEPTED", token=token)
            for raw in page.shipments or ():
                listed = read_shipment(raw)
                await amazon.confirm_shipment(account, listed.id)
                shipment = await amazon.get_shipment(account, listed.id)
                print(f"{shipment.id} {shipment.status}: {len(shipment.line_items or ())} line(s)")
            token = page.next_token
            if token is None:  # an empty page may have one
                return


def tell(call: CallRecord) -> None:
    """Show each call as the call log would."""
    print(f"  {call.operation} {call.status} {call.ms:.0f} ms")


if __name__ == "__main__":
    asyncio.run(main())
