"""Ship labels as ZPL, PNG or PDF."""

from packline_sim.documents.data import LabelData, LabelFormat
from packline_sim.documents.drawing import label_pdf, one_bit_png
from packline_sim.documents.layout import label_marks
from packline_sim.documents.lettering import printable
from packline_sim.documents.zpl import zpl

# The types of the files behind label addresses (External Fulfillment Shipments 2024-09-11, generateShipLabels).
MEDIA_TYPES: dict[LabelFormat, str] = {"ZPL": "x.application/zpl", "PNG": "image/png", "PDF": "application/pdf"}


def render_label(data: LabelData, format: LabelFormat) -> bytes:  # noqa: A002 - Amazon's word
    """Draw a ship label of 4 x 6 inches, 203 dpi; the same data gives the same bytes."""
    marks = label_marks(data)
    if format == "ZPL":
        return zpl(marks)
    pdf = label_pdf(marks, f"Ship label {printable(data.tracking_id)}")
    return pdf if format == "PDF" else one_bit_png(pdf)
