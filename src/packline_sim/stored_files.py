"""Documents of feeds and reports: stored bytes behind signed addresses for upload and download that expire."""

import gzip
import hashlib
import hmac
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs, quote, unquote, urlencode

import msgspec

from packline_sim.clock import to_datetime
from packline_sim.files import File, refusal

if TYPE_CHECKING:
    from packline_sim.world import World

PREFIX = "/_files/documents/"
UPLOAD_SECONDS = 2 * 86_400
KEPT_BYTES = 256 * 1024 * 1024
SPENT_BYTES = 256 * 1024 * 1024


class StoredFile(msgspec.Struct, kw_only=True):
    """Remember one document; `content` is as it is stored, gzipped or not, None: nothing was uploaded or drawn yet.

    `drawn_for` is the report whose content is drawn when it is first fetched, `used_by` are the feeds that read it.
    """

    document_id: str
    seller_id: str
    content_type: str
    created_ms: int
    content: bytes | None = None
    gzipped: bool = False
    drawn_for: str | None = None
    used_by: list[str] = []
    uploads: int = 0
    downloads: int = 0

    def plain(self) -> bytes | None:
        """Give the content, unzipped."""
        return gzip.decompress(self.content) if self.gzipped and self.content is not None else self.content


class Opened(NamedTuple):
    """Name the document behind a good address; `encoding` is what a download says in Content-Encoding."""

    file: StoredFile
    encoding: str


class StoredFiles:
    """Keep all documents, but the content of only so many that can be drawn again or were read by their feeds."""

    def __init__(self) -> None:
        self._files: dict[str, StoredFile] = {}
        self._drawn: list[str] = []
        self._drawn_bytes = 0
        self._spent: list[str] = []
        self._spent_bytes = 0

    def get(self, document_id: str, seller_id: str) -> StoredFile | None:
        """Find a seller's document."""
        found = self._files.get(document_id)
        return found if found is not None and found.seller_id == seller_id else None

    def find(self, document_id: str) -> StoredFile | None:
        """Find a document, whosever it is."""
        return self._files.get(document_id)

    def create(self, world: "World", seller_id: str, content_type: str, **fields: object) -> StoredFile:
        """Make a document that waits for its content."""
        region = world.region_of(seller_id).lower()
        streams = world.streams
        document_id = f"amzn1.tortuga.4.{region}.{streams.uuid('document')}.T{streams.letters('document', 13)}"
        file = StoredFile(
            document_id=document_id,
            seller_id=seller_id,
            content_type=content_type,
            created_ms=world.clock.now_ms(),
            **fields,  # type: ignore[arg-type]  # the fields of StoredFile
        )
        self._files[document_id] = file
        return file

    def keep_drawn(self, file: StoredFile, content: bytes) -> bytes:
        """Keep what was drawn for a document, letting go of the oldest ones when they grow too many."""
        file.content = gzip.compress(content, 1, mtime=0) if file.gzipped else content
        self._drawn.append(file.document_id)
        self._drawn_bytes += len(file.content)
        while self._drawn_bytes > KEPT_BYTES and len(self._drawn) > 1:
            oldest = self._files[self._drawn.pop(0)]
            self._drawn_bytes -= len(oldest.content or b"")
            oldest.content = None
        return file.content

    def spend(self, file: StoredFile) -> None:
        """Count an upload as read by its feed; the oldest of these lose their content when they grow too many."""
        self._spent.append(file.document_id)
        self._spent_bytes += len(file.content or b"")
        while self._spent_bytes > SPENT_BYTES and len(self._spent) > 1:
            oldest = self._files[self._spent.pop(0)]
            self._spent_bytes -= len(oldest.content or b"")
            oldest.content = None


def chooses_gzip(world: "World", *, is_report: bool) -> bool:
    """Tell whether the next document is stored gzipped."""
    mode = world.switches["stored_gzip"]
    if mode == "half":
        return world.streams.of("gzip").random() < 0.5
    return mode == "all" or (mode == "reports" and is_report)


def store_result(world: "World", seller_id: str, content: bytes, content_type: str) -> StoredFile:
    """Store the processing report of a feed."""
    file = world.files.create(world, seller_id, content_type, gzipped=chooses_gzip(world, is_report=False))
    file.content = gzip.compress(content, 1, mtime=0) if file.gzipped else content
    return file


def upload_url(world: "World", file: StoredFile, base_url: str) -> str:
    """Make the address to which a document is PUT, with the Content-Type that it was declared with."""
    return _signed(world, file, base_url, "PUT", "")


def download_url(
    world: "World", file: StoredFile, base_url: str, *, says_encoding: bool, seconds: int | None = None
) -> str:
    """Make the address from which a document is fetched; `says_encoding` lets the answer's header say gzip.

    It ends after `seconds`, by default those of the switch `document_url_seconds`.
    """
    encoding = "gzip" if says_encoding and file.gzipped else "identity"
    return _signed(world, file, base_url, "GET", encoding, seconds)


def describe(world: "World", file: StoredFile, base_url: str, *, name: str, says_encoding: bool) -> dict[str, str]:
    """Give the body of getFeedDocument and getReportDocument."""
    body = {name: file.document_id, "url": download_url(world, file, base_url, says_encoding=says_encoding)}
    if file.gzipped:
        body["compressionAlgorithm"] = "GZIP"
    return body


def open_address(world: "World", method: str, path: str, query: str, content_type: str) -> Opened | File:
    """Find the document behind an address, or the refusal as the file store words it."""
    given = {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
    signature = given.pop("X-Amz-Signature", None)
    if signature is None or not {"X-Amz-Date", "X-Amz-Expires"} <= given.keys():
        return refusal(403, "AccessDenied", "Access Denied")
    file = world.files.find(unquote(path.removeprefix(PREFIX)))
    declared = "" if file is None or method != "PUT" else file.content_type
    if not hmac.compare_digest(signature.encode(), _signature(world, method, path, given, declared).encode()):
        return _mismatch()
    if file is None:
        return refusal(404, "NoSuchKey", "The specified key does not exist.")
    if world.clock.now_ms() >= int(given["X-Packline-Until"]):
        return refusal(403, "AccessDenied", "Request has expired")
    if method == "PUT" and content_type != declared and world.switches["upload_content_type"] == "exact":
        return _mismatch()
    return Opened(file, given.get("response-content-encoding", ""))


def _mismatch() -> File:
    message = "The request signature we calculated does not match the signature you provided."
    return refusal(403, "SignatureDoesNotMatch", message)


def _signed(
    world: "World", file: StoredFile, base_url: str, method: str, encoding: str, seconds: int | None = None
) -> str:
    now = world.clock.now_ms()
    seconds = int(world.switches["document_url_seconds"]) if seconds is None else seconds
    path = PREFIX + quote(file.document_id, safe="")
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Date": to_datetime(now).strftime("%Y%m%dT%H%M%SZ"),
        "X-Amz-SignedHeaders": "content-type;host" if method == "PUT" else "host",
        "X-Amz-Expires": str(seconds),
        "X-Packline-Until": str(now + seconds * 1000),  # the date above knows no milliseconds
    }
    if encoding:
        query["response-content-encoding"] = encoding
    declared = file.content_type if method == "PUT" else ""
    query["X-Amz-Signature"] = _signature(world, method, path, query, declared)
    return f"{base_url}{path}?{urlencode(query)}"


def _signature(world: "World", method: str, path: str, query: dict[str, str], content_type: str) -> str:
    key = f"documents|{world.seed}".encode()
    text = "\n".join((method, path, urlencode(sorted(query.items())), content_type))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
