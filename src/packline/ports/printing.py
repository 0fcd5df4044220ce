"""The seams of printing: who joins documents to one file, and who keeps what was printed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from packline.domain.printing import Form, Joined, Leaf, Paper, Piece, Refusal
from packline.domain.shipment import Shipment
from packline.domain.values import DocumentKind, Value


class Target(Value, frozen=True):
    """What one reference of a selection names: a shipment, or one package of it by its label's tracking id."""

    reference: str
    shipment: str
    account: str
    location: str
    package: str = ""
    tracking_id: str = ""


class PrintFile(Value, frozen=True):
    """One joined file of a print; its content is kept until then, for the printer to fetch."""

    kind: DocumentKind
    name: str
    media_type: str
    size: int
    until: datetime
    content: bytes = b""


class Print(Value, frozen=True):
    """One print: who asked, how it was made, how many documents are in it (reprints among them), what was refused."""

    id: str
    created_at: datetime
    by: str
    form: Form
    paper: Paper
    order: str
    reverse: bool
    printed: int
    reprinted: int
    refused: tuple[Refusal, ...]
    files: tuple[PrintFile, ...]


class Press(Protocol):
    """Joins documents; in a process of its own, as they come from elsewhere."""

    async def join(
        self, leaves: Sequence[Leaf], form: Form = Form.PDF, paper: Paper = Paper.LABEL, *, reverse: bool = False
    ) -> Joined:
        """Make one file for a printer; raises Invalid where nothing of it can be read."""


class PrintStore(Protocol):
    """What was printed, and what there is to print."""

    async def find(self, references: Sequence[str]) -> list[Target]:
        """Name what is meant: shipments by our id, Amazon's id or the order's, packages by tracking id, manifests."""

    async def bins(self, shipments: Sequence[Shipment]) -> Mapping[tuple[str, str, str], str]:
        """Give the first bin that holds units, by account, location and SKU; what no scan placed is not there."""

    async def contents(self, documents: Sequence[str]) -> Mapping[str, bytes]:
        """Read documents by sha256."""

    async def take(self, pieces: Sequence[Piece], now: datetime) -> list[Piece]:
        """Count one more print of each label before it is drawn; gives the pieces with their copy."""

    async def give_back(self, pieces: Sequence[Piece]) -> None:
        """Take the count back for labels that were not printed after all."""

    async def known(self, print_id: str) -> Print | None:
        """Read a print that was made before."""

    async def save(self, made: Print, pieces: Sequence[tuple[Shipment, Piece]]) -> None:
        """Keep a print with its files, and tell the feed of every document in it, in one transaction."""
