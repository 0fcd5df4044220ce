"""The step about sequence numbers: who published stock before, and how ours begin above the last number."""

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from packline.commands.accounts import known_account
from packline.console import forms, setup_steps, uploads
from packline.console.frame import scope_of
from packline.console.guard import Notice
from packline.console.place import post
from packline.console.room import Room
from packline.console.words import t, tell, tn
from packline.domain.api_key import Role
from packline.domain.inventory.rules import Place
from packline.domain.location import Api
from packline.errors import FieldError, Invalid, PacklineError
from packline.oms.table_files import format_as_sent, read_rows
from packline.views import accounts
from packline.views.rows import AccountRow, LocationRow

LONGEST = 32 << 20
_SETTINGS = "select numbering, ask_first from stock_publishing where account_id = $1 and by_whom <> ''"
_COUNT = "select count(*) from (select 1 from stock_sequence where account_id = $1 limit 100001) as known"


async def content(room: Room, account: AccountRow, _: Sequence[LocationRow]) -> dict[str, Any]:
    """Gather what is decided, what was taken over, and whether Amazon is ahead of us anywhere."""
    chosen = await room.pool.fetchrow(_SETTINGS, account["id"])
    return {
        "chosen": dict(chosen) if chosen else None,
        "taken_over": await room.pool.fetchval(_COUNT, account["id"]),
        "behind": await setup_steps.behind(room.pool, account["id"], room.clock.now()),
        "is_central": account["api"] == Api.SELLER_CENTRAL,
    }


async def choose(room: Room, request: Request) -> Response:
    """Choose how numbers begin: nobody published before, or Amazon is asked first."""
    form = await forms.take(request, Role.ADMIN)
    account = await accounts.account(room.pool, request.path_params["account"], scope_of(request))
    back = f"/setup/{quote(account['id'], safe='')}/numbers"
    try:
        await room.start.publishing.choose(account["id"], None, form.get("how") == "ask", None, forms.by_whom(request))
    except PacklineError as wrong:
        return forms.go_back(request, back, Notice(tell(wrong.message), tell(wrong.hint), "late"))
    return forms.go_back(request, back, Notice(t("That is settled."), "", "good"))


async def upload(room: Room, request: Request) -> Response:
    """Take over the last numbers of a former integrator from a file with location, sku and sequence."""
    name, content = await uploads.take(request, Role.ADMIN, LONGEST)
    account = await accounts.account(room.pool, request.path_params["account"], scope_of(request))
    known = await known_account(room.start.accounts, account["id"])
    kind = format_as_sent(request.headers.get("content-type", ""), name, content)
    numbers = await asyncio.to_thread(_numbers, known.id, content, kind)
    by = forms.by_whom(request)
    count = await room.start.publishing.take_over(known.id, numbers)
    await room.start.publishing.choose(known.id, None, None, None, by)
    said = tn("{n} number was taken over.", "{n} numbers were taken over.", count)
    return uploads.leads(request, f"/setup/{quote(known.id, safe='')}/numbers", Notice(said, "", "good"))


def _numbers(account: str, content: bytes, kind: str) -> list[tuple[Place, int]]:
    """Read the file. Raises Invalid that names each line that is wrong."""
    found: list[tuple[Place, int]] = []
    wrong: list[FieldError] = []
    for line, row in read_rows(content, kind):
        given = {str(name).strip().lower(): str(value or "").strip() for name, value in row.items()}
        location, sku, number = given.get("location"), given.get("sku"), given.get("sequence", "")
        if location and sku and number.isdigit():
            found.append((Place(account, location, sku, given.get("channel", "")), int(number)))
        else:
            wrong.append(FieldError(f"/line {line}", "It needs location, sku and a whole number as sequence."))
    if wrong or not found:
        says = f"{len(wrong)} lines cannot be read; nothing was taken over." if wrong else "The file has no line."
        raise Invalid(says, errors=tuple(wrong[:100]), hint="The columns are location, sku and sequence.")
    return found


PATHS = (post("/setup/{account}/numbers", choose), post("/setup/{account}/numbers/file", uploads.answered(upload)))
