"""Drop: documents that a person saved from Seller Central are taken apart and given to their orders."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence

from packline.domain.location import Api
from packline.domain.papers import Expected, Found, Unmatched
from packline.domain.paperwork import adopt_label, documents_done, lacks_label
from packline.domain.reconcile import reconcile
from packline.domain.settle import LABELED_OR_LATER, has_documents
from packline.domain.shipment import Label, Shipment, Status
from packline.domain.steps import next_step
from packline.domain.story import Story
from packline.domain.values import DocumentKind, File, Value, body_hash, file_of
from packline.errors import Denied, Invalid, NotFound
from packline.ports import AccountStore, Change, Clock, Gateway, IntakeStore, ShipmentStore, Wake
from packline.ports.feeds import NamedShipments, Papers

LARGEST = 50 << 20  # bytes of one file
AT_ONCE = 200
"""Shipments in one transaction; their documents are written with them."""
STALE_AT_MOST = 6
UNLABELED_AT_MOST = 5000
"""Orders that were scheduled in Seller Central and wait for their label; more is no day's work."""
SOURCE = "dropped"
"""What pages that belong to nobody are parked under."""
WANTS = tuple(kind.value for kind in (DocumentKind.SHIP_LABEL, DocumentKind.INVOICE, DocumentKind.WARRANTY))
Progress = Callable[[int, int], Awaitable[None]]
"""Told how many documents of how many were given."""
_MEDIA = {b"%PDF": "application/pdf", b"^XA": "application/zpl", b"\x89PNG": "image/png"}
_TRACKING_DIGITS = (12, 13)  # of Easy Ship's tracking ids, as seen on labels


class Sheets(Value, frozen=True):
    """What became of some pages of the file, counted from 1.

    `outcome`: stored (new at this order), known (the order has it already), ignored (nobody needs it: a duplicate, a
    list of parcels), refused (the order cannot take it, `why` says what to do), parked (a person must look; `parked` is
    the hash by which the pages are found on his list).
    """

    pages: tuple[int, ...]
    outcome: str
    order_id: str = ""
    shipment: str = ""
    kind: str = ""
    why: str = ""
    parked: bytes | None = None


class DropDesk:
    """Where people drop documents that no API gave."""

    def __init__(
        self,
        shipments: ShipmentStore,
        names: NamedShipments,
        intake: IntakeStore,
        accounts: AccountStore,
        gateway: Gateway,
        papers: Papers,
        wake: Wake,
        clock: Clock,
    ) -> None:
        """Take the stores, the reader of papers and the bell; no call to Amazon is made here."""
        self._shipments, self._names, self._intake, self._accounts = shipments, names, intake, accounts
        self._gateway, self._papers, self._wake, self._clock = gateway, papers, wake, clock

    async def drop(self, account: str, content: bytes, progress: Progress | None = None) -> tuple[Sheets, ...]:
        """Give each order its own documents out of a PDF, a ZIP or ZPL, and tell of every page what became of it.

        The same file again changes nothing, so a drop that was broken off is simply repeated. Raises NotFound, Denied
        where this account's documents come with their calls, and Invalid for a file that cannot be read.
        """
        await self._refuse(account, content)
        named = await self._papers.mentions(content)
        trackings = await self._trackings(account)
        shipments = await self._named(account, named.order_ids, named.tracking_ids, trackings)
        waiting = sorted(shipments.values(), key=lambda shipment: (has_documents(shipment), shipment.id))
        split = await self._papers.split(content, [_expected(shipment, trackings) for shipment in waiting])
        by_order: dict[str, list[Found]] = defaultdict(list)
        for found in split.found:
            by_order[found.order_id].append(found)
        orders = {shipment.amazon_id: shipment for shipment in waiting}
        documents = {orders[order].id: found for order, found in by_order.items()}
        sheets = await self._give(documents, shipments, trackings, progress)
        sheets += [await self._set_aside(account, left, set(by_order)) for left in split.unmatched]
        return tuple(sorted(sheets, key=lambda one: one.pages))

    async def give_by_hand(
        self, account: str, content: bytes, order_id: str, kind: DocumentKind | None = None
    ) -> tuple[Sheets, ...]:
        """Give pages to the order that a person names: as what the pages say they are, or as the kind that he says.

        Raises NotFound for an order that is not there, and Denied where the pages do not say what they are.
        """
        trackings = await self._trackings(account)
        shipments = await self._named(account, [order_id], [order_id], trackings)
        shipment = next(iter(shipments.values()), None)
        if shipment is None:
            raise NotFound(f"There is no order {order_id} of {account}.", hint="Scan the order or its tracking id.")
        found = await self._as_said(shipment, content, kind, trackings)
        if not found:
            raise Denied(
                f"The pages do not say which papers of order {shipment.amazon_id} they are.",
                reason="papers_unknown",
                hint="Say whether they are its label, invoice or warranty.",
            )
        return tuple(await self._give_some({shipment.id: found}, shipments, trackings))

    async def _named(
        self, account: str, order_ids: Sequence[str], tracking_ids: Sequence[str], trackings: Mapping[str, str]
    ) -> dict[str, Shipment]:
        ids = await self._names.named(account, order_ids, tracking_ids)
        asked = {_bare(tracking) for tracking in tracking_ids}
        ids += [name for name, tracking in trackings.items() if name not in ids and tracking in asked]
        return await self._shipments.load(ids)

    async def _as_said(
        self, shipment: Shipment, content: bytes, kind: DocumentKind | None, trackings: Mapping[str, str]
    ) -> list[Found]:
        if kind is None:
            split = await self._papers.split(content, [_expected(shipment, trackings)])
            return [one for one in split.found if one.order_id == shipment.amazon_id]
        media = next((media for mark, media in _MEDIA.items() if content.startswith(mark)), "application/pdf")
        return [Found(shipment.amazon_id, kind, file_of(content, media), ())]

    async def _refuse(self, account: str, content: bytes) -> None:
        found = await self._accounts.account(account)
        if found is None:
            raise NotFound(f"There is no account {account}.")
        if found.api is not Api.SELLER_CENTRAL:
            raise Denied(
                f"The documents of {account} come with Amazon's calls; nothing has to be dropped in.",
                reason="documents_by_call",
                hint="Ask for a label again with `packline shipment relabel`.",
            )
        if not content:
            raise Invalid("The file is empty.", hint="Send a PDF, a ZIP or ZPL.", reason="empty_file")
        if len(content) > LARGEST:
            raise Invalid(
                f"The file has {len(content) >> 20} MB; at most {LARGEST >> 20} MB are read at once.",
                hint="Send it in several parts.",
                reason="file_too_large",
            )

    async def _give(
        self,
        documents: Mapping[str, Sequence[Found]],
        shipments: Mapping[str, Shipment],
        trackings: Mapping[str, str],
        progress: Progress | None = None,
    ) -> list[Sheets]:
        told: list[Sheets] = []
        names, total = sorted(documents), sum(len(found) for found in documents.values())
        for start in range(0, len(names), AT_ONCE):
            part = names[start : start + AT_ONCE]
            if progress is not None:
                await progress(len(told), total)
            told += await self._give_some({name: documents[name] for name in part}, dict(shipments), trackings)
        return told

    async def _give_some(
        self, documents: dict[str, Sequence[Found]], shipments: dict[str, Shipment], trackings: Mapping[str, str]
    ) -> list[Sheets]:
        told: list[Sheets] = []
        for _ in range(STALE_AT_MOST):
            stories = [await self._story(shipments[n], found, trackings.get(n, "")) for n, found in documents.items()]
            changes = [self._change(story, documents[story.before.id]) for story in stories if story.events]
            fates = await self._shipments.commit(changes) if changes else []
            stale = {c.shipment.id for c, fate in zip(changes, fates, strict=True) if fate.outcome != "written"}
            rung = {c.shipment.account for c in changes if c.due_at and c.shipment.id not in stale}
            if rung:
                await self._wake.wake(sorted(rung))
            done = [story for story in stories if story.before.id not in stale]
            told += [_told(story, found) for story in done for found in documents[story.before.id]]
            documents = {name: found for name, found in documents.items() if name in stale}
            if not documents:
                return told
            shipments = await self._shipments.load(list(documents))
        why = "The shipment kept moving while its documents were being stored; drop the file again."
        return told + [_sheets(f, "refused", n, why) for n, found in documents.items() for f in found]

    async def _trackings(self, account: str) -> dict[str, str]:
        """Read the tracking ids that Amazon tells of orders scheduled in Seller Central: a label may say no more."""
        rows = await self._names.unlabeled(account, UNLABELED_AT_MOST)
        told = {name: self._gateway.details(body, Api.SELLER_CENTRAL.value).tracking_id for name, body in rows}
        return {name: _bare(tracking) for name, tracking in told.items() if tracking}

    async def _story(self, shipment: Shipment, found: Sequence[Found], tracking_id: str) -> Story:
        """Tell a shipment its documents; one that was scheduled in Seller Central takes the label first."""
        story, now = Story(shipment), self._clock.now()
        if _refusal(shipment):
            return story
        label = next((one.file for one in found if one.kind is DocumentKind.SHIP_LABEL), None)
        if label is not None and lacks_label(shipment):
            tracking = tracking_id or await self._tracking(label)
            if not _is_void(shipment, tracking):
                adopt_label(story, label.document, tracking, now)
        done = documents_done(story.shipment, found, now)
        told = reconcile(story.shipment, done, self._gateway.program_for(shipment))
        story.tell_all(told.events)
        return story

    def _change(self, story: Story, found: Sequence[Found]) -> Change:
        shipment, now = story.shipment, self._clock.now()
        due = now if next_step(shipment, self._gateway.program_for(shipment), now) else None
        files = tuple(one.file for one in found)
        return Change(shipment, story.before.version, tuple(story.events), due, files=files)

    async def _tracking(self, label: File) -> str:
        """Read the tracking id of a label that no call made; "" where the label does not say it beyond doubt."""
        named = (await self._papers.mentions(label.content)).tracking_ids
        likely = [name for name in named if name.isdigit() and len(name) in _TRACKING_DIGITS]
        return likely[0] if len(likely) == 1 else named[0] if len(named) == 1 else ""

    async def _set_aside(self, account: str, left: Unmatched, found: set[str]) -> Sheets:
        if left.needs_nobody(found):
            return Sheets(left.pages, "ignored", left.order_id, why=left.why)
        pages = ", ".join(str(page) for page in left.pages)
        now = self._clock.now()
        await self._intake.park(account, SOURCE, left.file.content, f"Page {pages} of a dropped file: {left.why}", now)
        return Sheets(left.pages, "parked", left.order_id, why=left.why, parked=body_hash(left.file.content))


def _expected(shipment: Shipment, trackings: Mapping[str, str]) -> Expected:
    label = _live_label(shipment)
    return Expected(shipment.amazon_id, label.tracking_id if label else trackings.get(shipment.id, ""), wants=WANTS)


def _bare(tracking_id: str) -> str:
    return "".join(filter(str.isalnum, tracking_id)).upper()


def _live_label(shipment: Shipment) -> Label | None:
    labels = (package.label for package in shipment.packages)
    return next((label for label in labels if label is not None and not label.void), None)


def _is_void(shipment: Shipment, tracking_id: str) -> bool:
    """Tell whether a dropped label may be the one that Amazon cancelled."""
    void = {package.label.tracking_id for package in shipment.packages if package.label and package.label.void}
    return bool(void) and (not tracking_id or tracking_id in void)


def _refusal(shipment: Shipment) -> str:
    if shipment.status is Status.CANCELLED:
        return "The order is cancelled: its documents must not be used."
    if shipment.status not in LABELED_OR_LATER:
        return "Amazon does not show it as scheduled yet; drop the file again when the shipment is SHIPLABEL_GENERATED."
    return ""


def _told(story: Story, found: Found) -> Sheets:
    shipment, document = story.shipment, found.file.document
    why = _refusal(shipment)
    if why:
        return _sheets(found, "refused", shipment.id, why)
    before, after = _holds(story.before, found.kind), _holds(shipment, found.kind)
    if document in after:
        return _sheets(found, "known" if document in before else "stored", shipment.id)
    return _sheets(found, "refused", shipment.id, "Amazon cancelled this label; save the new one from Seller Central.")


def _holds(shipment: Shipment, kind: DocumentKind) -> list[object]:
    if kind is DocumentKind.SHIP_LABEL:
        return [p.label.document for p in shipment.packages if p.label is not None and not p.label.void]
    return [shipment.invoice if kind is DocumentKind.INVOICE else shipment.warranty]


def _sheets(found: Found, outcome: str, shipment: str, why: str = "") -> Sheets:
    return Sheets(found.pages, outcome, found.order_id, shipment, found.kind.value, why)
