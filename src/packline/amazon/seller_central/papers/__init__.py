"""Papers: labels, invoices and warranties of many orders in one file, taken apart and given to their orders."""

from packline.amazon.seller_central.papers.mentions import Mentions, mentions
from packline.amazon.seller_central.papers.records import Expected, Found, PaperError, Reason, Split, Unmatched
from packline.amazon.seller_central.papers.splitting import split

__all__ = ["Expected", "Found", "Mentions", "PaperError", "Reason", "Split", "Unmatched", "mentions", "split"]
