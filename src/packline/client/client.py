"""An async client for the REST API: commands, reads, documents, and the event feed as an endless iterator."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import quote

import aiohttp

from packline.client.connection import Connection

Row = dict[str, Any]
Until = Literal["packed", "labeled"]
LOOK = 0.25  # seconds between two looks at an import
POLL = 20.0  # seconds that one request for events waits at the server
READING = 240.0  # seconds that a server may read in a file of documents


class Client:
    """Talk to a Packline server.

    Every write carries an Idempotency-Key, so that it can be repeated safely after a lost connection. What the server
    refuses is raised as the class of `packline.errors` that it names (Denied, Invalid, NotFound...). Rows are as in
    `/openapi.json`, times as RFC 3339 text.
    """

    def __init__(self, url: str = "http://127.0.0.1:8080", key: str | None = None, *, timeout_s: float = 30.0) -> None:
        """Take the server's address and an API key; nothing is sent before the first call."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._connection = Connection(url, headers, aiohttp.ClientTimeout(total=timeout_s))

    async def __aenter__(self) -> Self:
        """Open the connection."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        await self.close()

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()

    async def confirm(self, shipment: str, *, wait: float = 0, key: str | None = None) -> Row:
        """Say that this location will ship it; give the ticket."""
        return await self.command("confirm", shipment, wait=wait, key=key)

    async def reject(self, shipment: str, reason: str, *, wait: float = 0, key: str | None = None) -> Row:
        """Refuse a shipment (OUT_OF_STOCK or CUSTOMER_REQUESTED); give the ticket."""
        return await self.command("reject", shipment, {"reason": reason}, wait=wait, key=key)

    async def pack(
        self,
        shipment: str,
        packages: Sequence[Mapping[str, Any]] | Literal["recommended"] = "recommended",
        *,
        slot: Mapping[str, Any] | None = None,
        courier: Mapping[str, str] | None = None,
        until: Until = "labeled",
        wait: float = 0,
        key: str | None = None,
    ) -> Row:
        """Pack, with all of Amazon's calls up to the documents; give the ticket."""
        body = {"packages": packages, "slot": slot, "courier": courier, "until": until}
        return await self.command("pack", shipment, body, wait=wait, key=key)

    async def repack(
        self,
        shipment: str,
        packages: Sequence[Mapping[str, Any]],
        *,
        slot: Mapping[str, Any] | None = None,
        courier: Mapping[str, str] | None = None,
        until: Until = "labeled",
        wait: float = 0,
        key: str | None = None,
    ) -> Row:
        """Change boxes that Amazon knows already; give the ticket."""
        body = {"packages": packages, "slot": slot, "courier": courier, "until": until}
        return await self.command("repack", shipment, body, wait=wait, key=key)

    async def relabel(
        self,
        shipment: str,
        *,
        slot: Mapping[str, Any] | None = None,
        courier: Mapping[str, str] | None = None,
        wait: float = 0,
        key: str | None = None,
    ) -> Row:
        """Ask for the labels again; give the ticket."""
        return await self.command("relabel", shipment, {"slot": slot, "courier": courier}, wait=wait, key=key)

    async def reschedule(
        self, shipment: str, *, slot: Mapping[str, Any] | None = None, wait: float = 0, key: str | None = None
    ) -> Row:
        """Move the label to another handover slot; give the ticket."""
        return await self.command("reschedule", shipment, {"slot": slot}, wait=wait, key=key)

    async def hand_over(self, shipment: str, *, wait: float = 0, key: str | None = None) -> Row:
        """Say that all parcels have left; give the ticket."""
        return await self.command("hand_over", shipment, wait=wait, key=key)

    async def out_for_delivery(self, shipment: str, *, wait: float = 0, key: str | None = None) -> Row:
        """Say that the seller's own carrier is on the way; give the ticket."""
        return await self.command("out_for_delivery", shipment, wait=wait, key=key)

    async def deliver(self, shipment: str, *, wait: float = 0, key: str | None = None) -> Row:
        """Say that the buyer has the parcels; give the ticket."""
        return await self.command("deliver", shipment, wait=wait, key=key)

    async def retry(self, shipment: str, *, wait: float = 0, key: str | None = None) -> Row:
        """Forget the problem and go on; give the ticket."""
        return await self.command("retry", shipment, wait=wait, key=key)

    async def command(
        self,
        name: str,
        shipment: str,
        body: Mapping[str, Any] | None = None,
        *,
        wait: float = 0,
        key: str | None = None,
    ) -> Row:
        """Give any command; `wait` asks the server to answer with the outcome, within so many seconds (at most 30)."""
        headers = {"Idempotency-Key": key or secrets.token_hex(16)}
        if wait:
            headers["Prefer"] = f"wait={int(wait)}"
        given = {field: value for field, value in (body or {}).items() if value is not None}
        path = f"/v1/shipments/{_safe(shipment)}/{name}"
        return await self._connection.json("POST", path, body=given, headers=headers, extra_s=wait)

    async def command_many(self, name: str, items: Sequence[Mapping[str, Any]], *, key: str | None = None) -> list[Row]:
        """Give one command for up to 1,000 shipments (`{"shipment": ..., "body": {...}}`); a result for each."""
        headers = {"Idempotency-Key": key or secrets.token_hex(16)}
        body = {"items": [dict(item) for item in items]}
        answer = await self._connection.json("POST", f"/v1/shipments/bulk/{_safe(name)}", body=body, headers=headers)
        rows: list[Row] = answer["items"]
        return rows

    async def ticket(self, ticket: str, *, wait: float = 0) -> Row:
        """Read a ticket, once its outcome is known or after so many seconds."""
        headers = {"Prefer": f"wait={int(wait)}"} if wait else {}
        return await self._connection.json("GET", f"/v1/commands/{_safe(ticket)}", headers=headers, extra_s=wait)

    async def shipment(self, shipment: str) -> Row:
        """Read one shipment by our id, Amazon's id or an order id."""
        return await self._connection.json("GET", f"/v1/shipments/{_safe(shipment)}")

    async def explain(self, shipment: str) -> Row:
        """Read in plain words where a shipment stands, what it waits for and what was tried."""
        return await self._connection.json("GET", f"/v1/shipments/{_safe(shipment)}/explain")

    async def say_stock(self, do: str, *, key: str | None = None, **given: Any) -> Row:
        """Say something of stock: `do` is set, adjust, receive, return or move; fields as in `/openapi.json`.

        The units are named by `account`, `location` and `sku`, or by `pool`, `location` and `sku`.
        """
        return await self.send("POST", f"/v1/stock/{_safe(do)}", given, key=key)

    async def why(self, account: str, location: str, sku: str, *, channel: str = "") -> Row:
        """Read why Amazon is told the quantity that it is told, step by step."""
        given = {"account": account, "location": location, "sku": sku, "channel": channel}
        return await self._connection.json("GET", "/v1/stock/why", params=given)

    def stock(self, **filters: Any) -> AsyncIterator[Row]:
        """Iterate over balances with their offers (`account`, `location`, `sku`, `pool`)."""
        return self.pages("/v1/stock", **filters)

    def returns(self, **filters: Any) -> AsyncIterator[Row]:
        """Iterate over returns (`account`, `location`, `status`, `kind`, `stage`, `order_id`, `sku`...)."""
        return self.pages("/v1/returns", **filters)

    async def return_of(self, return_id: str) -> Row:
        """Read one return: what Amazon tells, what came in, photos, who looked at its password."""
        return await self._connection.json("GET", f"/v1/returns/{_safe(return_id)}")

    async def receive_return(
        self, return_id: str, pieces: Sequence[Mapping[str, Any]], *, key: str | None = None, **more: Any
    ) -> Row:
        """Receive units (`{"units": 1, "condition": "sellable"}`...); `more` is `note`, and `restock` false to wait."""
        body = {"pieces": [dict(piece) for piece in pieces], **more}
        return await self.send("POST", f"/v1/returns/{_safe(return_id)}/receive", body, key=key)

    async def restock_return(self, return_id: str, *, key: str | None = None) -> Row:
        """Let the ledger take what was received with `restock` false."""
        return await self.send("POST", f"/v1/returns/{_safe(return_id)}/restock", {}, key=key)

    async def return_password(self, return_id: str) -> Row:
        """Read the one-time password that the carrier asks for; the look is recorded."""
        return await self.send("POST", f"/v1/returns/{_safe(return_id)}/password", {})

    async def add_return_photo(self, return_id: str, content: bytes, *, name: str = "", key: str | None = None) -> Row:
        """Keep a photo of what came in (JPEG, PNG, WebP or PDF)."""
        path, headers = f"/v1/returns/{_safe(return_id)}/photos", {"Idempotency-Key": key or secrets.token_hex(16)}
        return await self._connection.upload(path, content, params={"name": name}, headers=headers)

    async def migration(self, account: str) -> Row:
        """Read the check list of an account that leaves a former integrator."""
        return await self._connection.json("GET", f"/v1/accounts/{_safe(account)}/migration")

    async def begin_migration(self, account: str) -> Row:
        """Run beside the former integrator without touching anything; give the check list."""
        return await self.send("POST", f"/v1/accounts/{_safe(account)}/migration/begin", {})

    async def end_migration(self, account: str, *, anyway: bool = False) -> Row:
        """Take over from the former integrator; refused while a check is red."""
        return await self.send("POST", f"/v1/accounts/{_safe(account)}/migration/end", {"anyway": anyway})

    async def reconcile(self, account: str, *, what: str = "orders", side: str = "amazon", **more: Any) -> Row:
        """Compare our books with Amazon's or your system's (`rows`); `more` as in POST /v1/reconciliations."""
        body = {"account": account, "what": what, "side": side, **more}
        return await self.send("POST", "/v1/reconciliations", body)

    async def reconciliation(self, reconciliation: str, *, wait: float = 0) -> Row:
        """Read a reconciliation, once it is over or after so many seconds."""
        until = asyncio.get_running_loop().time() + wait
        while True:
            row = await self.get(f"/v1/reconciliations/{_safe(reconciliation)}")
            if row["state"] in ("done", "failed") or asyncio.get_running_loop().time() >= until:
                return row
            await asyncio.sleep(LOOK)

    def differences(self, reconciliation: str, **filters: Any) -> AsyncIterator[Row]:
        """Iterate over what differs (`kind`, `cause`, `only_open`)."""
        return self.pages(f"/v1/reconciliations/{_safe(reconciliation)}/differences", **filters)

    async def mend(
        self, reconciliation: str, items: Sequence[int] | None = None, *, preview: bool = False
    ) -> list[Row]:
        """Mend differences, all that a machine can where none are named; `preview` only says what would happen."""
        body = {"items": list(items) if items is not None else None, "preview": preview}
        answer = await self.send("POST", f"/v1/reconciliations/{_safe(reconciliation)}/mend", body)
        rows: list[Row] = answer["items"]
        return rows

    async def import_stock(
        self, content: bytes, *, media_type: str = "text/csv", wait: float = 0, key: str | None = None, **given: Any
    ) -> Row:
        """Send up to 100,000 lines (CSV, XLSX or JSON lines); give the import, over or as it is after `wait` seconds.

        `account`, `location` and `do` count for lines that do not say them.
        """
        headers = {"Idempotency-Key": key or secrets.token_hex(16), "Content-Type": media_type}
        row = await self._connection.upload("/v1/stock/imports", content, params=given, headers=headers)
        until = asyncio.get_running_loop().time() + wait
        while row["state"] not in ("done", "failed") and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(LOOK)
            row = await self.get(f"/v1/stock/imports/{_safe(row['id'])}")
        return row

    async def set_up_notifications(self, account: str, **given: Any) -> Row:
        """Have Amazon tell all that an account must hear (`queue`, `replace`); what is there already stays."""
        return await self.send("POST", f"/v1/accounts/{_safe(account)}/notifications/setup", given)

    async def check_notifications(self, account: str, **given: Any) -> Row:
        """Check every link from Amazon to the server, with a test sent through (`wait_s` seconds at most for each)."""
        return await self.send("POST", f"/v1/accounts/{_safe(account)}/notifications/check", given)

    def shipments(self, **filters: Any) -> AsyncIterator[Row]:
        """Iterate over all shipments that match, page by page (`status`, `account`, `sort`, `limit`...)."""
        return self.pages("/v1/shipments", **filters)

    async def pages(self, path: str, **filters: Any) -> AsyncIterator[Row]:
        """Iterate over any list that pages by `after` and `next`."""
        after: str | None = filters.pop("after", None)
        while True:
            page = await self._connection.json("GET", path, params={**filters, "after": after})
            for row in page["items"]:
                yield row
            after = page.get("next")
            if after is None:
                return

    async def documents(self, shipment: str) -> list[Row]:
        """List the documents of a shipment."""
        answer = await self._connection.json("GET", f"/v1/shipments/{_safe(shipment)}/documents")
        rows: list[Row] = answer["items"]
        return rows

    async def document(self, shipment: str, document: str) -> bytes:
        """Read a document's bytes by its id or its name."""
        path = f"/v1/shipments/{_safe(shipment)}/documents/{_safe(document)}/content"
        return await self._connection.bytes_of(path)

    async def failures(self, **filters: Any) -> list[Row]:
        """List failed work by its cause (`account`)."""
        rows: list[Row] = (await self._connection.json("GET", "/v1/failures", params=filters))["items"]
        return rows

    async def bundle(self, shipment: str) -> bytes:
        """Read what Amazon's support asks for of a shipment, as a ZIP without personal data."""
        return await self._connection.bytes_of(f"/v1/shipments/{_safe(shipment)}/bundle")

    async def print(self, shipments: Sequence[str], *, key: str | None = None, **how: Any) -> Row:
        """Join labels in pick order for a printer; `how` as in POST /v1/prints (`format`, `paper`, `order`, ...).

        What may not be printed is in `refused`; the rest is in `files`, to be read with `print_file`.
        """
        return await self.send("POST", "/v1/prints", {"shipments": list(shipments), **how}, key=key)

    async def print_file(self, print_id: str, kind: str = "ship_label") -> bytes:
        """Read a file of a print, within an hour."""
        return await self._connection.bytes_of(f"/v1/prints/{_safe(print_id)}/{_safe(kind)}/content")

    async def open_manifest(self, account: str, location: str, *, key: str | None = None, **more: Any) -> Row:
        """Open a manifest; `carrier` and `window` left out are decided by the first parcel."""
        body = {"account": account, "location": location, **more}
        return await self.send("POST", "/v1/manifests", body, key=key)

    async def scan_in(self, manifest: str, packages: Sequence[str]) -> Row:
        """Put parcels on an open manifest by tracking id; `items` tells what came of each."""
        return await self.send("POST", f"/v1/manifests/{_safe(manifest)}/packages", {"packages": list(packages)})

    async def take_out(self, manifest: str, tracking_id: str) -> Row:
        """Take a parcel off an open manifest."""
        return await self.send("DELETE", f"/v1/manifests/{_safe(manifest)}/packages/{_safe(tracking_id)}", {})

    async def close_manifest(self, manifest: str) -> Row:
        """Fix what a manifest says; it is never opened again."""
        return await self.send("POST", f"/v1/manifests/{_safe(manifest)}/close", {})

    async def manifest_pdf(self, manifest: str) -> bytes:
        """Read a manifest as a PDF with codes and lines to sign on."""
        return await self._connection.bytes_of(f"/v1/manifests/{_safe(manifest)}/document")

    async def hand_over_manifest(self, manifest: str, left_behind: Sequence[str] = ()) -> Row:
        """Hand over all parcels of a closed manifest; `items` tells what came of each shipment."""
        body = {"left_behind": list(left_behind)}
        return await self.send("POST", f"/v1/manifests/{_safe(manifest)}/hand_over", body)

    def manifests(self, **filters: Any) -> AsyncIterator[Row]:
        """Iterate over manifests that match (`account`, `location`, `status`, `carrier`, `tracking_id`)."""
        return self.pages("/v1/manifests", **filters)

    async def drop(self, account: str, content: bytes) -> Row:
        """Give documents (PDF, ZIP or ZPL) that were saved from Seller Central to their orders, and tell of each.

        The same file twice changes nothing, so it may be sent again after a lost connection.
        """
        path, params = "/v1/imports/documents", {"account": account}
        return await self._connection.file("POST", path, content, params=params, extra_s=READING)

    async def import_listings(self, account: str, content: bytes, *, mode: str = "all", name: str = "") -> Row:
        """Send a file of listings (CSV or XLSX); `mode` is all, partial or check. Give the import, to be asked for."""
        return await self.upload("/v1/listings/imports", content, account=account, mode=mode, name=name)

    async def upload(self, path: str, content: bytes, *, key: str | None = None, **params: Any) -> Row:
        """Send a file to any address that takes one (`/v1/imports/document_drops`...)."""
        headers = {"Idempotency-Key": key or secrets.token_hex(16), "Content-Type": "application/octet-stream"}
        return await self._connection.upload(path, content, params=params, headers=headers)

    async def content(self, path: str) -> bytes:
        """Read the bytes at any address that gives some (`.../content`)."""
        return await self._connection.bytes_of(path)

    def listings(self, **filters: Any) -> AsyncIterator[Row]:
        """Iterate over listings that match (`account`, `client_sku`, `channel_sku`, `asin`, `marketplace`)."""
        return self.pages("/v1/listings", **filters)

    async def allocate(self, account: str, lines: Sequence[Mapping[str, Any]], **more: Any) -> Row:
        """Ask which locations would ship an order; `more` as in POST /v1/routing/allocate (`postal_code`...)."""
        body = {"account": account, "lines": [dict(line) for line in lines], **more}
        return await self._connection.json("POST", "/v1/routing/allocate", body=body)

    async def events(self, after: str = "now", *, types: Sequence[str] = ()) -> AsyncIterator[Row]:
        """Follow the feed for ever; each event's `cursor` is where to go on after a restart."""
        cursor = after if after not in ("now", "") else await self._newest()
        while True:
            params = {"after": cursor, "wait": POLL, "limit": 500, "type": list(types)}
            page = await self._connection.json("GET", "/v1/events", params=params, extra_s=POLL, keeps_trying=True)
            for event in page["items"]:
                yield event
            cursor = page["next"]

    async def get(self, path: str, **params: Any) -> Row:
        """Read any resource (`/v1/accounts`, `/v1/overview`...)."""
        return await self._connection.json("GET", path, params=params)

    async def send(self, method: str, path: str, body: Mapping[str, Any], *, key: str | None = None) -> Row:
        """Write any resource (`POST /v1/webhooks`...)."""
        headers = {"Idempotency-Key": key or secrets.token_hex(16)}
        return await self._connection.json(method, path, body=body, headers=headers)

    async def _newest(self) -> str:
        page = await self._connection.json("GET", "/v1/events", params={"after": "now", "limit": 1})
        cursor: str = page["next"]
        return cursor


def _safe(part: str) -> str:
    return quote(part, safe="")
