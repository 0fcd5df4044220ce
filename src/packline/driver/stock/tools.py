"""What the stock errand works with beside the driver's tools."""

from typing import NamedTuple

from packline.ports.stock import StockGateway, StockStore


class StockTools(NamedTuple):
    """The outbox, and who speaks with Amazon."""

    store: StockStore
    gateway: StockGateway
