"""Receive Packline's webhooks: check the signature, answer at once, and do the work afterwards.

    WEBHOOK_SECRET=whsec_... python examples/verify_webhook.py [port] [count]

`packline webhook add` prints the secret. With a count the program ends after that many events.
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

SECRET = Webhook(os.environ["WEBHOOK_SECRET"])
seen: set[str] = set()  # in a real system: a table; events come at least once


class Receiver(BaseHTTPRequestHandler):
    """Answer 204 to what is signed by us, 401 to everything else."""

    def do_POST(self) -> None:
        """Verify over the bytes as they came; parsing first would change them."""
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        try:
            SECRET.verify(body.decode(), {name.lower(): value for name, value in self.headers.items()})
        except (WebhookVerificationError, UnicodeDecodeError):
            self._answer(401)
            return
        self._answer(204)
        handle(self.headers["webhook-id"], json.loads(body))

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing for a request; `handle` does."""


def handle(event_id: str, event: dict[str, object]) -> None:
    """Handle an event once, however often it is delivered."""
    if event_id not in seen:
        seen.add(event_id)
        print(event["type"], event.get("shipment") or "", flush=True)


def main(port: int, count: int) -> None:
    """Serve on this machine until enough events came."""
    server = HTTPServer(("127.0.0.1", port), Receiver)
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    while not count or len(seen) < count:
        server.handle_request()


if __name__ == "__main__":
    main(*(int(word) for word in (sys.argv[1:] + ["8099", "0"][len(sys.argv) - 1 :])))
