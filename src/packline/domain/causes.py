"""Why shipments stop, in plain words: what happened, what a person does, and the command that mends it."""

import re

from packline.domain.shipment import Problem
from packline.domain.values import Value

_REFUSED = re.compile(
    r"Amazon (?:refused (?P<operation>\w+)|made no documents): (?P<code>[\w. -]+?): (?P<said>.*)", re.DOTALL
)


class Cause(Value, frozen=True):
    """One cause: its title, why it happens, what a person does, and the command that mends it (empty: none can)."""

    title: str
    why: str
    cure: str
    mend: str = ""


CAUSES: dict[str, Cause] = {
    "refused_by_amazon": Cause(
        "Amazon refused a call",
        "Amazon read what was sent and did not accept it.",
        "Correct what Amazon names, then try again.",
        "retry",
    ),
    "label_failed": Cause(
        "Amazon made no label",
        "A package got no label; the others keep theirs.",
        "Correct the package if its size or weight is wrong, then ask for the label again.",
        "relabel",
    ),
    "slot_not_offered": Cause(
        "The wished slot is not offered",
        "Amazon offers other handover slots than the one that was asked for.",
        "Ask for the label again; Packline takes the slot that Amazon recommends.",
        "relabel",
    ),
    "documents_by_hand": Cause(
        "The label must be fetched by hand",
        "Amazon gives no documents of these orders by API.",
        "Save the PDF from Seller Central and drop it in; it is split and matched by itself.",
    ),
    "documents_failed": Cause(
        "Amazon made no documents",
        "The feed that asks for the documents was answered with an error.",
        "Ask for them again, or drop in the PDF from Seller Central.",
        "relabel",
    ),
    "not_readable": Cause(
        "Amazon does not let us read it",
        "The account or the location may have lost its authorisation.",
        "Check the account with packline account doctor, then try again.",
        "retry",
    ),
    "amazon_unavailable": Cause(
        "Amazon does not answer",
        "The call was tried again and again; Packline goes on by itself.",
        "Nothing, if other shipments pass; else send the support bundle to Amazon.",
        "retry",
    ),
    "unexpected_answer": Cause(
        "Amazon's answer cannot be read",
        "The answer does not fit Amazon's own documentation; its bytes are kept.",
        "Try again; if it stays, report it with the support bundle.",
        "retry",
    ),
    "internal_error": Cause(
        "Packline failed",
        "Our own code failed on these shipments; others go on.",
        "Try again; if it fails again, report the traceback from the log.",
        "retry",
    ),
    "rejection_closed": Cause(
        "It cannot be rejected any more",
        "Amazon lets the seller reject only in the first states.",
        "Ship it, or ask the buyer to cancel.",
        "retry",
    ),
    "unknown_status": Cause(
        "Amazon shows an unknown status",
        "Packline does not know this status of Amazon's.",
        "Look at it in Seller Central; Packline goes on when Amazon shows a status that it knows.",
        "retry",
    ),
    "impossible_move": Cause(
        "An impossible move",
        "No journey leads from the status before to the one that Amazon shows.",
        "Compare it with Seller Central, then try again.",
        "retry",
    ),
    "cancelled_after_handover": Cause(
        "Cancelled after the parcel left",
        "The parcel is on its way although the order is cancelled.",
        "Stop it at the carrier if you can, else await the return.",
        "retry",
    ),
    "strange_packages": Cause(
        "Somebody else packs it too",
        "Amazon lists packages that Packline did not make.",
        "Compare the boxes at the bench with those at Amazon, then try again.",
        "retry",
    ),
}
OTHER = Cause("Something else", "The message says what happened.", "Do what the hint says, then try again.", "retry")
_WRONG = "something in what was sent is wrong or missing"
_NOT_ALLOWED = "the account may not do this, or not for this seller"
_UNKNOWN = "Amazon does not know this order or package"
_INSIDE = "Amazon failed inside"
_BUSY = "done before, or under way at Amazon at this moment"
_THROTTLED = "too many calls; Packline waits and goes on"
_LATER = "Amazon could not answer at that moment"
CODES: dict[str, str] = {
    "invalidinput": _WRONG,
    "sc_00002": _WRONG,
    "batch_size_exceed": "too much was sent at once",
    "sc_00003": _UNKNOWN,
    "duplicaterequest": _BUSY,
    "sc_00004": _BUSY,
    "serverbusy": _BUSY,
    "sc_10000": _BUSY,
    "sc_00005": _NOT_ALLOWED,
    "ratelimited": _THROTTLED,
    "sc_00007": _THROTTLED,
    "toomanyrequests": _THROTTLED,
    "sc_00000": _INSIDE,
    "sc_00001": _LATER,
    "invalidtimeslotid": "Amazon does not know this slot any more",
    "schedulewindowexpired": "the time to schedule this order is over",
    "scheduledpackagealreadyexists": "the order is scheduled already",
    "missingauthenticationtoken": "the authorisation is not accepted",
    "invalidsignature": "the authorisation is not accepted",
    "validationexception": _WRONG,
    "badrequest": _WRONG,
    "unauthorized": "the authorisation is not accepted",
    "accessdenied": _NOT_ALLOWED,
    "forbidden": _NOT_ALLOWED,
    "resourcenotfound": _UNKNOWN,
    "notfound": _UNKNOWN,
    "conflict": "somebody was quicker: the state at Amazon is another one",
    "invalidorderstate": "the order is in a state that does not allow this",
    "ordernoteligibleforrescheduling": "the slot cannot be changed any more",
    "timeslotnotavailable": "there is no slot for this weight, size or day",
    "retryableaftergettingnewslots": "the slot was taken in the meantime",
    "regionnotsupported": "this marketplace does not have this call",
    "quotaexceeded": _THROTTLED,
    "internalfailure": _INSIDE,
    "internalservererror": _INSIDE,
    "serviceunavailable": _LATER,
}
"""Amazon's codes (lower case, without spaces) -> what they mean in plain words."""


class Told(Value, frozen=True):
    """A problem taken apart: its code, and the operation, code and words of Amazon's where it named them."""

    code: str
    operation: str
    amazon_code: str
    amazon_says: str


def taken_apart(problem: Problem) -> Told:
    """Read Amazon's part out of a problem's message."""
    match = _REFUSED.fullmatch(problem.message)
    if match is None:
        return Told(problem.code, "", "", "")
    return Told(problem.code, match["operation"] or "", match["code"], match["said"])


def plain(amazon_code: str) -> str:
    """Say in plain words what a code of Amazon's means; empty where it is not known."""
    return CODES.get(amazon_code.replace(" ", "").lower(), "")
