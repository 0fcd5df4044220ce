"""Files behind signed addresses that expire, drawn when they are first fetched."""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs, quote, unquote

from packline_sim.records import Label

if TYPE_CHECKING:
    from packline_sim.world import World

PREFIX = "/_files/labels/"
KEPT_FILES = 500
CONTENT_TYPES = {"ZPL": "x.application/zpl", "PDF": "application/pdf", "PNG": "image/png"}


class File(NamedTuple):
    """Carry the answer to a download."""

    status: int
    content_type: str
    content: bytes


class Shelf:
    """Keep the last drawn files, so that a second fetch costs nothing."""

    def __init__(self) -> None:
        self._files: OrderedDict[tuple[str, ...], bytes] = OrderedDict()

    def get(self, key: tuple[str, ...], draw: Callable[[], bytes]) -> bytes:
        """Give a kept file, or draw it."""
        kept = self._files.get(key)
        if kept is None:
            kept = self._files[key] = draw()
            if len(self._files) > KEPT_FILES:
                self._files.popitem(last=False)
        else:
            self._files.move_to_end(key)
        return kept


def label_url(world: "World", label: Label, base_url: str) -> str:
    """Make a signed address for a label; it ends after the seconds of the switch `file_url_seconds`."""
    expires = world.clock.now_ms() // 1000 + int(world.switches["file_url_seconds"])
    path = f"{PREFIX}{label.shipment_id}/{quote(label.package_id, safe='')}/{label.label_id}"
    query = f"issue={label.issues}&expires={expires}"
    return f"{base_url}{path}?{query}&signature={_sign(world, path, query)}"


def find_label(world: "World", path: str, query: str) -> Label | File:
    """Find the label behind a signed address, or the refusal: 403 expired or tampered with, 404 gone."""
    given = parse_qs(query)
    try:
        expires = int(given["expires"][0])
        signed = f"issue={given['issue'][0]}&expires={expires}"
        signature = given["signature"][0]
    except (KeyError, ValueError):
        return refusal(403, "AccessDenied", "Access Denied")
    if not hmac.compare_digest(signature.encode(), _sign(world, path, signed).encode()):
        return refusal(403, "SignatureDoesNotMatch", "The request signature does not match.")
    if world.clock.now_ms() >= expires * 1000:
        return refusal(403, "AccessDenied", "Request has expired")
    shipment_id, package_id, label_id = path.removeprefix(PREFIX).split("/")
    shipment = world.shipments.get(shipment_id)
    package = None if shipment is None else shipment.packages.get(unquote(package_id))
    labels = [] if package is None else package.labels
    found = next((label for label in labels if label.label_id == label_id), None)
    return found or refusal(404, "NoSuchKey", "The specified key does not exist.")


def refusal(status: int, code: str, message: str) -> File:
    """Refuse a download as Amazon's file store does, in XML."""
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return File(status, "application/xml", text.encode())


def _sign(world: "World", path: str, query: str) -> str:
    key = f"files|{world.seed}".encode()
    return hmac.new(key, f"{path}?{query}".encode(), hashlib.sha256).hexdigest()
