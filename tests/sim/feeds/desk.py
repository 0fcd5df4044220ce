"""A seller who uploads documents, makes feeds and fetches what comes of them."""

import gzip
import re
from typing import Any

from sim.core.driving import Answer, Client

INDIA = "A21TJRUUN4KGV"
FEEDS = "/feeds/2021-06-30"
REPORTS = "/reports/2021-06-30"
XML = "text/xml; charset=UTF-8"


class Desk:
    """Call the Feeds and Reports APIs as a connector does."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.call = client.call
        self.world = client.world
        self.seller_id = client.credentials.seller_id

    async def document(self, content_type: str = XML) -> dict[str, str]:
        answer = await self.call("POST", f"{FEEDS}/documents", {"contentType": content_type})
        assert answer.status == 201, answer.text
        return answer.json()

    async def put(self, url: str, content: bytes, content_type: str = XML) -> Answer:
        return await self.client.send("PUT", target(url), content, {"content-type": content_type})

    async def fetch(self, url: str) -> Answer:
        return await self.client.send("GET", target(url), b"", {})

    async def uploaded(self, content: bytes, content_type: str = XML) -> str:
        """Upload a document and give its id."""
        document = await self.document(content_type)
        answer = await self.put(document["url"], content, content_type)
        assert answer.status == 200, answer.text
        return document["feedDocumentId"]

    async def create(self, feed_type: str, document_id: str, **changes: Any) -> Answer:
        body = {"feedType": feed_type, "marketplaceIds": [INDIA], "inputFeedDocumentId": document_id, **changes}
        return await self.call("POST", f"{FEEDS}/feeds", body)

    async def feed(self, feed_type: str, content: bytes, content_type: str = XML) -> str:
        """Upload a document, make a feed of it and give the feed's id."""
        answer = await self.create(feed_type, await self.uploaded(content, content_type))
        assert answer.status == 202, answer.text
        return answer.json()["feedId"]

    async def show(self, feed_id: str) -> dict[str, Any]:
        answer = await self.call("GET", f"{FEEDS}/feeds/{feed_id}")
        assert answer.status == 200, answer.text
        return answer.json()

    async def result(self, feed_id: str) -> bytes:
        """Give the processing report of a feed that has one."""
        document_id = (await self.show(feed_id))["resultFeedDocumentId"]
        return await self.content((await self.call("GET", f"{FEEDS}/documents/{document_id}")).json())

    async def report(self, report_id: str) -> dict[str, Any]:
        answer = await self.call("GET", f"{REPORTS}/reports/{report_id}")
        assert answer.status == 200, answer.text
        return answer.json()

    async def restricted(self, path: str) -> Answer:
        return await self.call(
            "POST", "/tokens/2021-03-01/restrictedDataToken", {"restrictedResources": [{"method": "GET", "path": path}]}
        )

    async def content(self, document: dict[str, str]) -> bytes:
        """Fetch a document and unzip it when it says so."""
        answer = await self.fetch(document["url"])
        assert answer.status == 200, answer.text
        return gzip.decompress(answer.body) if document.get("compressionAlgorithm") == "GZIP" else answer.body


def target(url: str) -> str:
    """Give path and query of an address."""
    return re.sub(r"^https?://[^/]+", "", url)
