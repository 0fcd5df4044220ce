"""docs/reference/events.md, from the domain's events and their public names."""

from typing import get_args

from chapters.tables import table
from packline.domain import events as ev

INTRODUCTION = """\
# Events

Made from `domain/events.py`. The feed (`GET /v1/events`, `packline event tail`) and webhooks carry the same events
under the same names. A filter may end in `*` (`shipment.*`). Events of one shipment keep their order; nothing is
skipped; a consumer that goes on from its last `cursor` may see an event twice after a crash, never miss one.

## The envelope

"""
ENVELOPE = (
    ("`id`", "Names the event; the same in every delivery of it."),
    ("`type`", "The name, from the table below."),
    ("`timestamp`", "When it was stored, RFC 3339, UTC."),
    ("`cursor`", "Where to go on reading after it; opaque."),
    (
        "`cause`",
        "Who made it happen: `command` (the seller), `amazon`, `adopted` (SmartHub, another integrator), `packline`.",
    ),
    ("`account`, `location`, `shipment`", "What it is about, by Packline's ids; null where there is none."),
    ("`data.event`", "The event's own fields, with `type` naming the kind."),
    ("`data.shipment`", "The shipment after it, in ids and statuses, with its `version`; never personal data."),
)
OTHERS = (
    ("`package.printed`", "command", "A label was given to a printer; `copy` 2 and more is a reprint, marked so."),
    ("`document.printed`", "command", "An invoice or a warranty was given to a printer."),
    ("`manifest.opened`", "command", "A manifest was opened; `carrier` is empty where the first parcel decides it."),
    ("`manifest.package_added`", "command", "A parcel was scanned in; `shipment` is its shipment."),
    ("`manifest.package_removed`", "command", "A parcel was taken off an open manifest."),
    ("`manifest.closed`", "command", "What a manifest says is fixed; it is never opened again."),
    ("`manifest.package_left_behind`", "command", "A parcel of a manifest did not leave; it may go on another one."),
    ("`manifest.handed_over`", "command", "All other parcels of a manifest left with the carrier."),
    ("`shipment.replaced`", "amazon", "Another shipment was made in place of this one; `kind` and `by` say which."),
    ("`stock.changed`", "packline", "Amazon is to be told another quantity of a SKU; `before` is null the first time."),
    ("`stock.oversold`", "packline", "More of a SKU is sold than there is; `units` are missing."),
    ("`stock.recovered`", "packline", "As many of a SKU are there again as are sold."),
    ("`stock.held`", "command", "A location's numbers wait for its release; by `packline` itself after an outage."),
    ("`stock.released`", "command", "A location's numbers go to Amazon again."),
    ("`stock.published`", "amazon", "Amazon has accepted a quantity, under a sequence number."),
    ("`stock.refused`", "amazon", "Amazon refused a SKU's quantity; a person must mend what `code` and `reason` name."),
    ("`stock.drifted`", "packline", "Packline, Amazon and the seller's system do not say the same of a SKU; `cause`."),
    ("`stock.imported`", "command", "A file of stock is worked off, or cannot be read."),
    ("`route.allocated`", "command", "An order was allocated to locations and kept; `parcels` say to which."),
    ("`route.reallocated`", "command", "A location rejected its parcel, or it was asked for: what was left went anew."),
    ("`route.done`", "command", "Every parcel of a kept route has left."),
    ("`route.cancelled`", "command", "A kept route was ended; what it held is free again."),
    ("`listing.imported`", "command", "A file of listings is worked off, was refused as a whole, or cannot be read."),
    ("`migration.began`", "command", "The account runs beside a former integrator; nothing is confirmed or published."),
    ("`migration.ended`", "command", "The former integrator is gone; `red` are checks that somebody passed over."),
    ("`return.created`", "amazon", "Amazon told of a return that was not known; `data.return` is it."),
    ("`return.updated`", "amazon", "Something else of a return changed; `changes` holds field, before, after."),
    ("`return.picked_up`", "amazon", "The carrier has it from the buyer, or the buyer dropped it off."),
    ("`return.in_transit`", "amazon", "It is on its way to where it arrives."),
    ("`return.out_for_delivery`", "amazon", "It arrives today; the carrier may ask for the one-time password."),
    ("`return.delivered`", "amazon", "The carrier delivered it; it waits to be received."),
    ("`return.replanned`", "amazon", "Its delivery was planned again, under another tracking id."),
    ("`return.processed`", "amazon", "Amazon counts it as processed, in part or whole (`status`)."),
    ("`return.rejected`", "amazon", "Amazon's status is `REJECTED`."),
    ("`return.cancelled`", "amazon", "It does not come: cancelled, or the buyer called its pickup off."),
    ("`return.repeated`", "command", "A reconciliation tells of a return again, as it is now."),
    ("`shipment.repeated`", "command", "A reconciliation tells of a shipment again, as it is now."),
    (
        "`reconciliation.ended`",
        "packline",
        "A reconciliation is over or failed; how many are missing, extra, different.",
    ),
    ("`return.received`", "command", "Units came in at the dock; `pieces` by condition."),
    ("`return.restocked`", "command", "The ledger took units of a return; `pieces` with the units before and after."),
    ("`account.unauthorized`", "amazon", "Amazon refuses an account's authorisation: it is paused, `reason` says why."),
    ("`account.paused`", "command", "A person paused an account; nothing is asked or told for it."),
    ("`account.resumed`", "command", "An account works again."),
    ("`credential.expiring`", "packline", "Amazon will stop taking a credential; `ends_at`, `days` left, `says`."),
    (
        "`notification.missed`",
        "packline",
        "Polling found what no notification told; `count`, `shipments` by Amazon's id.",
    ),
    ("`flow.silent`", "packline", "A flow is unusually silent; `last_at`, `expected_at`, probable `cause`, `says`."),
    ("`flow.resumed`", "packline", "A flow that was silent succeeds again, or nothing is expected of it any more."),
    ("`webhook.test`", "packline", "Sent by `packline webhook test` and by nothing else; it is not in the feed."),
    ("`webhook.paused`", "packline", "An endpoint was not reachable for three days, and deliveries to it stopped."),
)
_OUTCOMES = {
    "succeeded": "The command's goal is reached.",
    "rejected": "Amazon refused what the command needed; `problem` says why.",
    "cancelled": "The shipment was cancelled before the goal was reached.",
    "superseded": "A newer command took this one's place.",
}


def events() -> str:
    """Write the envelope and one row for each public name."""
    rows = sorted(_rows())
    return (
        INTRODUCTION
        + table(("Field", "Meaning"), ENVELOPE)
        + "\n## Names\n\n"
        + table(("Event", "Cause", "Meaning"), [*rows, *OTHERS])
    )


def _rows() -> list[tuple[str, str, str]]:
    rows = {
        "command.accepted": ("command", _meaning(ev.GoalSet)),
        "shipment.handed_over": ("command", "A person said that the parcels have left."),
        "shipment.adopted": ("adopted", "Someone else (SmartHub, another integrator) moved or packed the shipment."),
    }
    for outcome, meaning in _OUTCOMES.items():
        rows[f"command.{outcome}"] = ("command", meaning)
    for status, name in ev.MOVED_NAMES.items():
        rows[name] = ("command or amazon", f"Amazon's status is now `{status}`.")
    for stage, name in ev.PACKAGE_NAMES.items():
        rows[name] = ("packline", f"One package is now {stage.value.lower().replace('_', ' ')}.")
    for kind, name in ev.NAMES.items():
        if name not in ("shipment.adopted", "package.created", "package.labeled"):
            rows[name] = ("amazon" if kind in (ev.Received, ev.Changed) else "packline", _meaning(kind))
    rows["package.created"] = ("packline", _meaning(ev.PackagesSent))
    rows["package.labeled"] = ("packline", _meaning(ev.LabelMade))
    _check(set(rows))
    return [(f"`{name}`", cause, meaning) for name, (cause, meaning) in rows.items()]


def _check(found: set[str]) -> None:
    named = set(ev.NAMES.values()) | set(ev.MOVED_NAMES.values()) | set(ev.PACKAGE_NAMES.values())
    special = {ev.Moved, ev.GoalSet, ev.PackageMoved, ev.Settled}
    assert set(get_args(ev.Event)) == set(ev.NAMES) | special, "an event has no name; add it here and in NAMES"
    assert named <= found, f"no row for {named - found}"


def _meaning(kind: type) -> str:
    return " ".join((kind.__doc__ or "").split())
