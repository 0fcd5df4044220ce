"""What is asked of a pile of papers (`domain.papers`), and the error of one that cannot be read."""

from packline.domain.papers import LABEL_AND_INVOICE, Expected, Found, Reason, Split, Unmatched
from packline.errors import Invalid

__all__ = ["LABEL_AND_INVOICE", "Expected", "Found", "PaperError", "Reason", "Split", "Unmatched"]


class PaperError(Invalid):
    """The file cannot be read as documents."""

    default_hint = (
        "Open the file with a viewer; if it opens there, save it again as PDF without a password and send that."
    )
