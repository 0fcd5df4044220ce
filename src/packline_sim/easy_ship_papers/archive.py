"""Papers as archives: a folder for each order, and a list of the parcels."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from packline_sim.documents.easy_ship.binder import invoice_file, label_file, warranty_file
from packline_sim.documents.easy_ship.data import Binding, OrderPapers, ParcelLabel
from packline_sim.documents.easy_ship.label import parcel_zpl
from packline_sim.documents.easy_ship.sheets import post_list
from packline_sim.easy_ship_papers.gathering import order_papers
from packline_sim.easy_ship_papers.kinds import INVOICE, LABEL, binding
from packline_sim.orders.records import Order

if TYPE_CHECKING:
    from packline_sim.world import World

_EPOCH = (1980, 1, 1, 0, 0, 0)
Member = tuple[str, bytes]


def bulk_zip(world: "World", orders: Sequence[Order], label_format: str) -> bytes:
    """Pack the papers of scheduled orders: `<folder>/label.pdf` or `.zpl`, an invoice if there is one, `post-list.pdf`.

    The folder is the order id, or a number that says nothing (switch `archive_folders`).
    """
    papers = [order_papers(world, order, order.packages[-1], (LABEL, INVOICE)) for order in orders]
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _members(world, papers, [label_format] * len(papers), each_list=False):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def papers_tar(world: "World", papers: Sequence[OrderPapers], label_formats: Sequence[str]) -> bytes:
    """Pack papers as Amazon does in Brazil: in a tar, each order's folder with its label and a `post-list.pdf`.

    With the switch `archive_packing` the tar is gzipped by itself, besides what the report document's store does.
    """
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in _members(world, papers, label_formats, each_list=True):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    packed = target.getvalue()
    return gzip.compress(packed, 1, mtime=0) if world.switches["archive_packing"] == "tar_gz" else packed


def _members(
    world: "World", papers: Sequence[OrderPapers], label_formats: Sequence[str], *, each_list: bool
) -> Iterator[Member]:
    style = binding(world)
    by_id = world.switches["archive_folders"] == "order_ids"
    for number, (row, label_format) in enumerate(zip(papers, label_formats, strict=True), 1):
        folder = row.order_id if by_id else str(number)
        for name, content in _files(row, label_format, style):
            yield f"{folder}/{name}", content
        if each_list and row.label is not None:
            yield f"{folder}/post-list.pdf", post_list([row.label])
    labels = [row.label for row in papers if row.label is not None]
    if labels and not each_list:
        yield "post-list.pdf", post_list(labels)


def _files(papers: OrderPapers, label_format: str, style: Binding) -> Iterator[Member]:
    if papers.label is not None:
        yield f"label.{label_format.lower()}", _label(papers.label, label_format, style)
    if papers.invoice is not None:
        yield "invoice.pdf", invoice_file(papers.invoice, style)
    for number, card in enumerate(papers.warranties, 1):
        yield f"warranty-{number}.pdf", warranty_file(card, style)


def _label(label: ParcelLabel, label_format: str, style: Binding) -> bytes:
    if label_format == "ZPL":
        return parcel_zpl(label, order_code=style.label_codes == "tracking_and_order")
    return label_file(label, style)
