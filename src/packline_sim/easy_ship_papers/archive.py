"""The archive of a bulk call: a folder for each order, and a list of what is in it."""

import io
import zipfile
from collections.abc import Sequence
from typing import TYPE_CHECKING

from reportlab.pdfgen.canvas import Canvas

from packline_sim.orders.records import Order

if TYPE_CHECKING:
    from packline_sim.world import World

_PAGE = (288, 432)  # 4 x 6 inches in points
_EPOCH = (1980, 1, 1, 0, 0, 0)


def bulk_zip(world: "World", orders: Sequence[Order], label_format: str) -> bytes:  # noqa: ARG001 - the full papers need it
    """Pack the labels of scheduled orders: `<order id>/label.pdf` or `.zpl`, and `post-list.pdf`."""
    target = io.BytesIO()
    lines = [f"{order.order_id}  {order.packages[-1].tracking_id}" for order in orders]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for order, line in zip(orders, lines, strict=True):
            content = f"^XA^FO40,40^A0N,40^FD{line}^FS^XZ".encode() if label_format == "ZPL" else _pdf([line])
            archive.writestr(zipfile.ZipInfo(f"{order.order_id}/label.{label_format.lower()}", _EPOCH), content)
        archive.writestr(zipfile.ZipInfo("post-list.pdf", _EPOCH), _pdf(lines))
    return target.getvalue()


def _pdf(lines: Sequence[str]) -> bytes:
    target = io.BytesIO()
    page = Canvas(target, pagesize=_PAGE, invariant=1)
    for at, line in enumerate(lines):
        page.drawString(20, 400 - 12 * (at % 32), line)
        if at % 32 == 31:
            page.showPage()
    page.save()
    return target.getvalue()
