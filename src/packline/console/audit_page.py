"""The audit: who did what, who signed in, and who saw whose personal data."""

from starlette.requests import Request
from starlette.responses import Response

from packline.console import cells
from packline.console.audit_words import words_of
from packline.console.cells import Cell, Column, Row
from packline.console.guard import session_of
from packline.console.lists import Asked, Empty, Filter, Found, Table, account_filters, paths
from packline.console.place import Path, Place, get
from packline.console.room import Room
from packline.console.shipment_rows import LABELS
from packline.console.words import mark, t
from packline.domain.audit import AuditKind
from packline.domain.person import Look
from packline.errors import Forbidden
from packline.views import audit
from packline.views.audit import AuditFilters, AuditRow

PLACE = Place("audit", mark("Audit"), "/audit", "t", "eye", 94, only="reads_audit")
KINDS = {
    AuditKind.ACT: mark("acts"),
    AuditKind.LOOK: mark("looks at personal data"),
    AuditKind.SIGN_IN: mark("sign-ins"),
}
LOOKS = {
    Look.ADDRESS: mark("saw the address"),
    Look.LABEL: mark("saw the label"),
    Look.INVOICE: mark("saw the invoice"),
    Look.WARRANTY: mark("saw the warranty"),
    Look.PASSWORD: mark("saw the one-time password"),
    Look.RAW: mark("saw what Amazon sent"),
}
OUTCOMES = {
    "done": mark("done"),
    "seen": mark("seen"),
    "succeeded": mark("done"),
    "under way": mark("under way"),
    "refused": mark("refused"),
    "rejected": mark("refused by Amazon"),
    "denied": mark("refused"),
    "superseded": mark("another command took its place"),
    "locked": mark("locked after wrong passwords"),
    "forbidden": mark("not allowed"),
}
_GOOD = ("done", "seen", "succeeded")
COLUMNS = (
    Column("at", mark("Time"), "w-time"),
    Column("who", mark("Who"), "w-key"),
    Column("act", mark("What")),
    Column("shipment", mark("Shipment"), "w-id"),
    Column("subject", mark("About"), "", "wide"),
    Column("outcome", mark("Outcome"), "w-word"),
    Column("address", mark("From"), "w-id", "wider"),
)


async def read(room: Room, asked: Asked) -> Found:
    """Read one page of the audit."""
    directory = await room.directory.look(room)
    zone = directory.house_zone(asked.scope)
    kind = asked.get("kind")
    filters = AuditFilters(
        who=asked.get("who"),
        kind=AuditKind(kind) if kind in tuple(AuditKind) else None,
        shipment=await _shipment(room, asked),
        account=asked.get("account"),
    )
    found = await audit.audit(room.pool, filters, asked.scope, limit=asked.limit, after=asked.after)
    return Found(tuple(_row(row, zone) for row in found.items), found.next)


async def _shipment(room: Room, asked: Asked) -> str | None:
    """Name a shipment by any of its ids; one that is not known finds nothing."""
    wanted = asked.get("shipment")
    if wanted is None:
        return None
    sql = "select id from shipment where id = $1 or amazon_id = $1 or order_id = $1 limit 1"
    return str(await room.pool.fetchval(sql, wanted) or wanted)


async def filters_of(room: Room, asked: Asked) -> tuple[Filter, ...]:
    """Give person, kind, account and shipment to choose by."""
    is_free = asked.scope.accounts is None and asked.scope.locations is None  # others are nobody else's business
    sql = "select name from person where $1 order by lower(name) limit 500"
    named = await room.pool.fetch(sql, is_free)
    who = asked.query.get("who", "")
    options = [(f"user: {row['name']}", row["name"]) for row in named]
    if who and who not in dict(options):
        options.append((who, who))
    account = tuple(entry for entry in await account_filters(room, asked) if entry.name == "account")
    return (
        Filter("who", t("Who"), who, tuple(options)),
        Filter(
            "kind", t("What"), asked.query.get("kind", ""), tuple((kind.value, t(said)) for kind, said in KINDS.items())
        ),
        *account,
        Filter("shipment", t("Shipment"), asked.query.get("shipment", "")),
    )


def act_words(row: AuditRow) -> str:
    """Say what somebody did; what has no words yet is told by its name."""
    act = row["act"]
    if row["kind"] == AuditKind.LOOK:
        return t(LOOKS[Look(act)]) if act in tuple(Look) else act
    kind = act.removeprefix("shipments.")
    if kind != act and kind in LABELS:
        return t("asked: {what}", what=t(LABELS[kind]))
    return t(words_of(act))


def outcome_cell(row: AuditRow) -> Cell:
    """Show what came of it."""
    outcome = row["outcome"]
    if outcome is None:
        return cells.chip(t("not known"), "risk", "clock")
    said = t(OUTCOMES[outcome]) if outcome in OUTCOMES else outcome
    if outcome in _GOOD:
        return cells.chip(said, "", "check")
    return (
        cells.chip(said, "", "clock") if outcome in ("under way", "superseded") else cells.chip(said, "late", "alert")
    )


def _row(row: AuditRow, zone: str) -> Row:
    shipment = row["shipment"]
    return Row(
        row["id"],
        (
            cells.second(row["at"], zone),
            cells.text(row["name"].removeprefix("user: "), href=f"/audit?who={row['who']}"),
            cells.text(act_words(row), title=row["act"]),
            cells.ident(row["amazon_id"] or shipment, href=f"/shipments/{shipment}") if shipment else cells.text(""),
            cells.text(row["subject"], "quiet", title=row["subject"]),
            outcome_cell(row),
            cells.text(row["address"], "quiet"),
        ),
    )


def _guarded(path: Path) -> Path:
    """Let only those in who may read the audit."""

    async def handler(room: Room, request: Request) -> Response:
        if not session_of(request).reads_audit:
            raise Forbidden(
                t("Your role does not read the audit."), hint=t("Your own acts stand on your account's page.")
            )
        return await path.handler(room, request)

    return get(path.path, handler)


TABLE = Table(
    path="/audit",
    place="audit",
    title=mark("Audit"),
    lead=mark("Who did what, who signed in, and who saw whose personal data; kept for a year."),
    columns=COLUMNS,
    last="w-no-act",
    read=read,
    filters=filters_of,
    empty=Empty(mark("Nothing was done yet."), mark("Every act and every look at personal data appears here.")),
)
PATHS = tuple(_guarded(path) for path in paths(TABLE))
