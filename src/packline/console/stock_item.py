"""One SKU at one location: why Amazon is told its number, what happened to it, and counting and correcting it."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from packline.commands.stock import StockOrder
from packline.console import acts, forms
from packline.console.directory import Directory
from packline.console.forms import Form
from packline.console.frame import page, scope_of
from packline.console.guard import Notice
from packline.console.live import changes, follows, stream
from packline.console.place import get, post
from packline.console.return_rows import CONDITIONS, condition_word
from packline.console.room import Room
from packline.console.stock_list import item_address
from packline.console.stock_words import areas, kind_word, state_of, told_chip
from packline.console.words import mark, t, tell
from packline.domain.api_key import Role
from packline.domain.inventory.ledger import CONDITIONS as STOCKED
from packline.domain.inventory.rules import Place
from packline.errors import NotFound
from packline.views import stock
from packline.views.stock_rows import OfferRow, SpotRow, StockEntryRow, StockRow

SAID = {
    "set": mark("counted: there are"),
    "receive": mark("came in"),
    "adjust": mark("correct by (+ or −)"),
    "return": mark("came back from a buyer"),
}
OFFERS, ENTRIES, PLACES = 12, 50, 200


async def show(room: Room, request: Request) -> Response:
    """Show one balance with the reckoning of every number that Amazon is told of it."""
    row = await _found(room, request)
    scope, directory = scope_of(request), await room.directory.look(room)
    held = {(one["account"], one["location"]): one["reason"] for one in await stock.holds(room.pool, scope)}
    offers = row["offers"][:OFFERS]
    told, entries = await asyncio.gather(
        asyncio.gather(*(_offer(room, request, offer, held, directory.name(offer["account"])) for offer in offers)),
        stock.entries(
            room.pool, sku=row["sku"], location=row["location"], from_pool=row["pool"], scope=scope, limit=ENTRIES
        ),
    )
    spots: list[SpotRow] = next((one["why"]["spots"] for one in told), [])
    content = {
        "row": row,
        "pool": directory.name(row["pool"]),
        "areas": areas("stock"),
        "state": state_of(row, set(held)),
        "offers": told,
        "more_offers": len(row["offers"]) - len(told),
        "spots": [one for one in spots if one["bin"] or one["serial"]],
        "entries": [_entry(one, directory) for one in entries.items],
        "zone": directory.house_zone(scope),
        "said": [(name, t(word)) for name, word in SAID.items()],
        "conditions": [(name, condition_word(name)) for name in CONDITIONS if name in STOCKED],
        "may": forms.may(request, Role.PACKER) and (bool(offers) or not acts.is_bound(request)),
        "may_rule": forms.may(request, Role.OPERATOR) and not acts.is_bound(request),
        "may_hold": forms.may(request, Role.OPERATOR),
        "once": acts.once(),
        "here": item_address(row["pool"], row["location"], row["sku"]),
        "live": follows(f"/stock/item/live?{request.url.query}", _known(row)),
    }
    return await page(room, request, "stock_item.html", "stock", content)


async def follow(room: Room, request: Request) -> Response:
    """Keep the page up while Amazon is told and others count."""
    await _found(room, request)

    async def look() -> Any:
        return _known(await _found(room, request))

    return stream(changes(room, look, request))


def _known(row: StockRow) -> Any:
    offers = [(offer["wanted"], offer["published"], offer["state"]) for offer in row["offers"]]
    return [row["on_hand"], row["reserved"], row["picked"], row["labelled"], row["unsellable"], offers]


async def say(room: Room, request: Request) -> Response:
    """Take what somebody says of units: of a balance (pool, location) or of a place that is sold (account/location)."""

    async def act(form: Form) -> Notice:
        order = _order(request, form)
        key = f"console {form.get('once', '')}"
        fate = await room.desks.stock.say(order, key=key, by=forms.by_whom(request))
        if fate.outcome == "known":
            return Notice(t("That was said before; nothing was done twice."))
        if fate.outcome == "covered":
            return Notice(t("A later count holds that already."))
        said = t("{sku}: {before} on hand before, {after} now.", sku=order.sku, before=fate.before, after=fate.after)
        return Notice(said, "", "good")

    return await acts.given(request, Role.PACKER, "/stock", act)


def _order(request: Request, form: Form) -> StockOrder:
    account, _, location = form.get("place", "").partition("/")
    pool = ""
    if account:
        acts.must_see(request, account, location)
    else:
        acts.must_be_free(request)
        pool, location = form.get("pool", ""), form.get("location", "")
    do = form.get("do", "set")
    return StockOrder(
        do=do,
        sku=form.get("sku", "").strip(),
        quantity=acts.whole(form, "quantity", t("Quantity")),
        location=location,
        account=account,
        pool=pool,
        condition="sellable" if do == "set" else form.get("condition", "sellable"),
        bin=form.get("bin", "").strip(),
        reason=form.get("reason", "").strip()[:200],
    )


async def _found(room: Room, request: Request) -> StockRow:
    query = request.query_params
    pool, location, sku = (query.get(name, "") for name in ("pool", "location", "sku"))
    rows = await stock.stock(room.pool, sku=sku, from_pool=pool, scope=scope_of(request), limit=PLACES)
    for row in rows.items:
        if row["location"] == location:
            return row
    raise NotFound(t("{sku} was never seen at {location}.", sku=sku, location=location), hint=t("Count it first."))


async def _offer(
    room: Room, request: Request, offer: OfferRow, held: dict[tuple[str, str], str], account: str
) -> dict[str, Any]:
    place = Place(offer["account"], offer["location"], offer["sku"], offer["channel"])
    why = await stock.why(room.pool, place, scope_of(request))
    rule = await room.desks.rules.rule((place.account, place.location, place.sku, place.channel))
    return {
        **offer,
        "why": why,
        "steps": [{**step, "words": tell(step["why"])} for step in why["steps"]],
        "chip": told_chip(offer, is_held=(offer["account"], offer["location"]) in held),
        "held": held.get((offer["account"], offer["location"])),
        "name": f"{account} · {offer['location']}" + (f" · {offer['channel']}" if offer["channel"] else ""),
        "rule": rule,
        "stopped": bool(rule and rule.stop_sale),
        "buyers": t("buyers can have {n}", n=f"{why['buyable']:,}"),
    }


def _entry(row: StockEntryRow, directory: Directory) -> dict[str, Any]:
    effects = [
        (t("on hand"), row["on_hand"]),
        (t("sold"), row["reserved"]),
        (t("picked"), row["picked"]),
        (t("labeled"), row["labelled"]),
        (t("not sellable"), row["unsellable"]),
    ]
    return {
        **row,
        "account": directory.name(row["account"]) if row["account"] else "",
        "by": directory.who(row["by"] or ""),
        "word": kind_word(row["kind"]),
        "said": tell(row["reason"]),
        "effects": ", ".join(f"{name} \u200e{change:+d}" for name, change in effects if change) or t("nothing changed"),
        "state": condition_word(row["condition"]) if row["condition"] != "sellable" else "",
    }


PATHS = (get("/stock/item", show), get("/stock/item/live", follow), post("/stock/say", say))
