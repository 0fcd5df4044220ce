"""Rules of stock: buffers, limits, pools and stop-sale by account, location and SKU; and locations that are held."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from packline.commands import stock_rules
from packline.console import acts, cells, forms
from packline.console.cells import Act, Cell, Column, Row
from packline.console.forms import Form
from packline.console.guard import Notice
from packline.console.lists import Asked, Empty, Filter, Found, Table, account_filters, paths
from packline.console.place import post
from packline.console.room import Room
from packline.console.stock_words import areas
from packline.console.words import mark, t, tn
from packline.domain.api_key import Role
from packline.domain.inventory.rules import SETTINGS, Rule
from packline.errors import Invalid
from packline.views import stock
from packline.views.paging import cut
from packline.views.stock_rows import PLACE_KEY, StockRuleRow

COLUMNS = (
    Column("account", mark("Account"), "w-id"),
    Column("location", mark("Location"), "w-id"),
    Column("sku", mark("SKU"), "w-place"),
    Column("channel", mark("Channel"), "w-number", "wider"),
    Column("says", mark("What it says")),
    Column("state", mark("State"), "w-status", "wide"),
)
SCOPE = ("account", "location", "sku", "channel")


async def read(room: Room, asked: Asked) -> Found:
    """List the rules, the widest first; only for who sees all."""
    if asked.scope.accounts is not None or asked.scope.locations is not None:
        return Found(())
    account, sku = asked.get("account"), asked.get("sku")
    rows = await stock.rules(room.pool, account, sku, limit=asked.limit + 1, after=asked.after)
    found = cut(rows, asked.limit, *PLACE_KEY)
    return Found(tuple(_row(row) for row in found.items), found.next)


async def filters_of(room: Room, asked: Asked) -> tuple[Filter, ...]:
    """Give account and SKU to choose by."""
    account = tuple(one for one in await account_filters(room, asked) if one.name == "account")
    return (*account, Filter("sku", t("SKU"), asked.query.get("sku", "")))


async def around(room: Room, asked: Asked) -> Mapping[str, Any]:
    """Give the line of areas and the choices of the form."""
    directory = await room.directory.look(room)
    free = asked.scope.accounts is None and asked.scope.locations is None
    return {
        "areas": areas("rules"),
        "accounts": [("", t("all")), *directory.account_options(asked.scope)] if free else [],
        "locations": [("", t("all")), *directory.location_options(asked.scope)],
        "free": free,
    }


async def keep(room: Room, request: Request) -> Response:
    """Write a rule in place of the one with the same scope."""

    async def act(form: Form) -> Notice:
        acts.must_be_free(request)
        account, location, sku, channel = (part.strip() for part in _scope(form))
        rule = Rule(
            account,
            location,
            sku,
            channel,
            pool=form.get("pool", "").strip() or None,
            stop_sale=True if form.get("stop") == "yes" else None,
            **_limits(form),
        )
        count = await stock_rules.set_rule(
            room.desks.rules, room.desks.accounts, room.clock, rule, forms.by_whom(request)
        )
        return _looked(count)

    return await acts.given(request, Role.OPERATOR, "/stock/rules", act)


async def limits(room: Room, request: Request) -> Response:
    """Change buffer, minimum and maximum of one scope; the rest of its rule stays."""

    async def act(form: Form) -> Notice:
        acts.must_be_free(request)
        return await _change(room, request, form, **_limits(form, form.get("n", "")))

    return await acts.given(request, Role.OPERATOR, "/stock/rules", act)


async def stop(room: Room, request: Request) -> Response:
    """Stop the sale of one scope, or let it go on; the rest of its rule stays."""

    async def act(form: Form) -> Notice:
        acts.must_be_free(request)
        return await _change(room, request, form, stop_sale=True if form.get("stop") else None)

    return await acts.given(request, Role.OPERATOR, "/stock/rules", act)


async def remove(room: Room, request: Request) -> Response:
    """Remove the rule of a scope: wider ones count again."""

    async def act(form: Form) -> Notice:
        acts.must_be_free(request)
        scope = _scope(form)
        return _looked(await stock_rules.drop_rule(room.desks.rules, room.clock, scope, forms.by_whom(request)))

    return await acts.given(request, Role.OPERATOR, "/stock/rules", act)


async def _change(room: Room, request: Request, form: Form, **settings: Any) -> Notice:
    scope, desks, by = _scope(form), room.desks, forms.by_whom(request)
    there = await desks.rules.rule(scope)
    rule = replace(there or Rule(*scope), **settings)
    if any(getattr(rule, name) is not None for name in SETTINGS):
        return _looked(await stock_rules.set_rule(desks.rules, desks.accounts, room.clock, rule, by))
    if there is None:
        return Notice(t("There is no rule for it; nothing was changed."))
    return _looked(await stock_rules.drop_rule(desks.rules, room.clock, scope, by))


def _scope(form: Form) -> tuple[str, str, str, str]:
    account, location, sku, channel = (form.get(name, "") for name in SCOPE)
    return account, location, sku, channel


def _limits(form: Form, number: str = "") -> dict[str, Any]:
    end = f"-{number}" if number else ""
    units, percent = _buffer(form.get(f"buffer{end}", "").strip())
    return {
        "buffer_units": units,
        "buffer_percent": percent,
        "minimum": acts.maybe_whole(form, f"minimum{end}", t("Minimum")),
        "maximum": acts.maybe_whole(form, f"maximum{end}", t("Maximum")),
    }


def _buffer(text: str) -> tuple[int | None, float | None]:
    if not text:
        return None, None
    try:
        return (None, float(text[:-1].replace(",", "."))) if text.endswith("%") else (int(text), None)
    except ValueError:
        raise Invalid(
            t("{given} is no buffer.", given=text), hint=t("Units such as 2, or percent such as 10%.")
        ) from None


def _looked(count: int) -> Notice:
    said = tn(
        "The rule counts; {n} number was reckoned anew.", "The rule counts; {n} numbers were reckoned anew.", count
    )
    return Notice(said, "", "good")


def _row(row: StockRuleRow) -> Row:
    return Row(
        "/".join(row[name] for name in SCOPE) or "all",  # type: ignore[literal-required]  # a column of the row
        (
            cells.text(row["account"] or t("all"), "" if row["account"] else "quiet"),
            cells.text(row["location"] or t("all"), "" if row["location"] else "quiet"),
            cells.ident(row["sku"]) if row["sku"] else cells.text(t("all"), "quiet"),
            cells.text(row["channel"] or t("all"), "quiet"),
            cells.say(says(row)),
            _state(row),
        ),
        Act(t("Remove"), "/stock/rules/remove", tuple((name, row[name]) for name in SCOPE)),  # type: ignore[literal-required]  # a column of the row
    )


def says(row: StockRuleRow) -> str:
    """Say in words what a rule says."""
    said = []
    if row["stop_sale"] is not None:
        said.append(t("the sale is stopped") if row["stop_sale"] else t("the sale is not stopped"))
    if row["buffer_units"] is not None:
        said.append(t("{n} held back", n=row["buffer_units"]))
    if row["buffer_percent"] is not None:
        said.append(t("{n} held back", n=f"{row['buffer_percent']:g} %"))
    if row["minimum"] is not None:
        said.append(t("nothing below {n}", n=row["minimum"]))
    if row["maximum"] is not None:
        said.append(t("at most {n}", n=row["maximum"]))
    named = ((row["pool"], mark("pool {name}")), (row["at"], mark("lies at {name}")), (row["item"], mark("is {name}")))
    said += [t(words, name=name) for name, words in named if name is not None]
    return ", ".join(said)


def _state(row: StockRuleRow) -> Cell:
    return (
        cells.chip(t("takes effect"), "info", "refresh") if row["pending"] else cells.chip(t("counts"), "good", "check")
    )


TABLE = Table(
    path="/stock/rules",
    place="stock",
    title=mark("Rules of stock"),
    lead=mark("The narrowest rule that says something counts: SKU before location before channel before account."),
    columns=COLUMNS,
    read=read,
    filters=filters_of,
    template="stock_rules.html",
    more=around,
    empty=Empty(mark("No rule yet."), mark("Every account sells all that it has, from a pool of its own.")),
)
PATHS = (
    *paths(TABLE),
    post("/stock/rules", keep),
    post("/stock/rules/limits", limits),
    post("/stock/rules/stop", stop),
    post("/stock/rules/remove", remove),
)
