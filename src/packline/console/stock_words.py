"""Words of stock, and the areas that its pages are parted into."""

from typing import Any

from packline.console import cells
from packline.console.cells import Cell
from packline.console.words import mark, t
from packline.views.stock_rows import OfferRow, StockRow

AREAS = (
    ("stock", mark("Stock"), "/stock"),
    ("rules", mark("Rules"), "/stock/rules"),
    ("holds", mark("Held locations"), "/stock/holds"),
    ("refused", mark("Refused"), "/stock/refused"),
    ("drift", mark("Drift"), "/stock/drift"),
)
KINDS = {
    "received": mark("came in"),
    "counted": mark("counted"),
    "sold": mark("sold"),
    "released": mark("sale cancelled"),
    "picked": mark("picked"),
    "put_back": mark("put back"),
    "labelled": mark("labeled"),
    "unlabelled": mark("label void"),
    "smarthub": mark("taken elsewhere"),
    "shipped": mark("shipped"),
    "restocked": mark("back on the shelf"),
    "returned": mark("came back"),
    "adjusted": mark("corrected"),
    "moved": mark("moved"),
}


def areas(here: str) -> list[dict[str, Any]]:
    """List the areas for the line at the top."""
    return [{"label": t(label), "href": href, "current": name == here} for name, label, href in AREAS]


def kind_word(kind: str) -> str:
    """Say what an entry of the ledger is; a kind that is not known stays as it is."""
    return t(KINDS[kind]) if kind in KINDS else kind


def told_chip(offer: OfferRow, *, is_held: bool = False) -> Cell:
    """Show whether Amazon knows the number."""
    if offer["state"] == "refused":
        return cells.chip(t("refused by Amazon"), "late", "alert")
    if offer["state"] == "settled":
        return cells.chip(t("Amazon knows"), "good", "check")
    if is_held:
        return cells.chip(t("held back"), "risk", "pause")
    return cells.chip(t("is being told"), "info", "refresh")


def state_of(row: StockRow, held: set[tuple[str, str]]) -> Cell:
    """Show the one thing about a balance that matters most."""
    if row["oversold"]:
        return cells.chip(t("{n} oversold", n=row["oversold"]), "late", "alert")
    if row["counted_at"] is None and not row["on_hand"] and all(offer["wanted"] < 0 for offer in row["offers"]):
        return cells.chip(t("never counted"), "risk", "info")
    refused = [offer for offer in row["offers"] if offer["state"] == "refused"]
    waiting = [offer for offer in row["offers"] if offer["state"] != "settled"]
    if refused or waiting:
        first = (refused or waiting)[0]
        return told_chip(first, is_held=(first["account"], first["location"]) in held)
    if row["to_count"]:
        return cells.chip(t("to be counted"), "risk", "clock")
    return cells.chip(t("Amazon knows"), "good", "check") if row["offers"] else cells.chip(t("not for sale"), "", "dot")
