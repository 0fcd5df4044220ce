"""`/v1/imports/documents`: files saved from Seller Central, taken apart and given to their orders."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from typing_extensions import TypedDict

from packline.api.access import key_of, needs, services_of
from packline.api.answers import Json
from packline.commands.drop import Sheets
from packline.domain.api_key import Role
from packline.domain.location import DEFAULT_LOCATION
from packline.errors import Invalid, NotFound

router = APIRouter(prefix="/imports", tags=["documents"], dependencies=[needs(Role.PACKER)])
OUTCOMES = ("stored", "known", "ignored", "refused", "parked")
_BOUNDARY = re.compile(r';\s*boundary=(?:"([^"]{1,70})"|([^\s";,]{1,70}))', re.IGNORECASE)
_FILE_NAME = re.compile(rb";\s*filename\*?\s*=", re.IGNORECASE)
_FILE: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_FORM: dict[str, Any] = {
    "schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]}
}
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/pdf": _FILE,
            "application/zip": _FILE,
            "application/octet-stream": _FILE,
            "multipart/form-data": _FORM,
        },
    }
}


class SheetsRow(TypedDict):
    """Some pages and what became of them: stored, known, ignored, refused (`why`), or parked for a person."""

    pages: list[int]
    outcome: str
    order_id: str
    shipment: str
    kind: str
    why: str


class DropResult(TypedDict):
    """How many documents were stored, known, ignored, refused and parked, and each of them."""

    stored: int
    known: int
    ignored: int
    refused: int
    parked: int
    items: list[SheetsRow]


@router.post("/documents", response_model=DropResult, openapi_extra=BODY)
async def drop_documents(request: Request, account: Annotated[str, Query(max_length=200)]) -> Any:
    """Give the orders of an account their labels and invoices out of one file (PDF, ZIP, ZPL; up to 50 MB).

    The body is the file itself, or a form with one file. The same file twice changes nothing.
    """
    if not key_of(request).sees(account, DEFAULT_LOCATION):
        raise NotFound(f"There is no account {account}.")
    content = file_of(request.headers.get("content-type", ""), await request.body())
    found = await services_of(request).drops.drop(account, content)
    counts = {outcome: sum(sheets.outcome == outcome for sheets in found) for outcome in OUTCOMES}
    return Json({**counts, "items": [row_of(sheets) for sheets in found]})


def file_of(content_type: str, body: bytes) -> bytes:
    """Give the file in a body: the body itself, or the one file of a multipart form (RFC 7578).

    Raises Invalid for a form without a file, or with several.
    """
    if not content_type.lower().startswith("multipart/form-data"):
        return body
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        raise Invalid("The form names no boundary.", hint="Send the file itself as the body, or a proper form.")
    mark = (boundary.group(1) or boundary.group(2)).encode()
    parts = (b"\r\n" + body).split(b"\r\n--" + mark)[1:-1]
    files = [content for head, _, content in (part.partition(b"\r\n\r\n") for part in parts) if _is_file(head)]
    if len(files) != 1:
        raise Invalid(f"The form holds {len(files)} files; exactly one is read.", hint="Send one file in each request.")
    return files[0]


def _is_file(head: bytes) -> bool:
    return _FILE_NAME.search(head) is not None


def row_of(sheets: Sheets) -> SheetsRow:
    """Make the row of some pages."""
    return SheetsRow(
        pages=list(sheets.pages),
        outcome=sheets.outcome,
        order_id=sheets.order_id,
        shipment=sheets.shipment,
        kind=sheets.kind,
        why=sheets.why,
    )
