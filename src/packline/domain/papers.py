"""Papers of many orders in one file: what is asked of such a pile, and what comes out of it."""

from collections.abc import Collection
from enum import StrEnum

from packline.domain.values import DocumentKind, File, Value

LABEL_AND_INVOICE = (DocumentKind.SHIP_LABEL.value, DocumentKind.INVOICE.value)


class Expected(Value, frozen=True):
    """An order whose papers may be in the pile: what its pages can be known by, and which kinds it waits for.

    `identifier` is the package identifier that the seller had printed on the label; `wants` holds DocumentKind values.
    """

    order_id: str
    tracking_id: str
    identifier: str = ""
    wants: tuple[str, ...] = LABEL_AND_INVOICE


class Found(Value, frozen=True):
    """One document of one order; `pages` count from 1 through all files of the input, in the order of the document."""

    order_id: str
    kind: DocumentKind
    file: File
    pages: tuple[int, ...]


class Reason(StrEnum):
    """Why a page belongs to no document of an expected order."""

    NO_ORDER = "no_order"
    OTHER_ORDER = "other_order"
    SEVERAL_ORDERS = "several_orders"
    CONTRADICTION = "contradiction"
    OTHER_PAPER = "other_paper"
    UNKNOWN_KIND = "unknown_kind"
    DUPLICATE = "duplicate"
    INCOMPLETE = "incomplete"
    UNREADABLE = "unreadable"


_NEEDS_NOBODY = (Reason.DUPLICATE, Reason.OTHER_PAPER)


class Unmatched(Value, frozen=True):
    """Pages that no rule gives to an order: `why` is for a person, `reason` for a program.

    `order_id` is the order that the pages name, where they name one. A DUPLICATE or an OTHER_PAPER of an order whose
    documents were found needs nobody.
    """

    file: File
    pages: tuple[int, ...]
    why: str
    reason: Reason = Reason.NO_ORDER
    order_id: str = ""

    def needs_nobody(self, found: Collection[str]) -> bool:
        """Tell whether no person must look, where documents of the orders in `found` are there."""
        return self.reason in _NEEDS_NOBODY and (self.order_id in found or not self.order_id)


class Split(Value, frozen=True):
    """A pile taken apart: every page of the input is in exactly one of these."""

    found: tuple[Found, ...]
    unmatched: tuple[Unmatched, ...]

    def lacks(self, expected: Expected) -> tuple[str, ...]:
        """List the kinds that an order waits for and that were not in the pile."""
        here = {found.kind.value for found in self.found if found.order_id == expected.order_id}
        return tuple(kind for kind in expected.wants if kind not in here)
