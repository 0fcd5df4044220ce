"""What an order's items cost, with the tax that is in the price."""

from decimal import Decimal
from typing import NamedTuple

from packline_sim.orders.records import Order, OrderItem

_CENT = Decimal("0.01")


class ItemMoney(NamedTuple):
    """Hold what the buyer pays for all units of an item, and the tax in it."""

    gross: Decimal
    tax: Decimal

    @property
    def net(self) -> Decimal:
        """Give the price without tax."""
        return self.gross - self.tax


def item_money(item: OrderItem) -> ItemMoney:
    """Work out an item's price and tax."""
    gross = Decimal(item.unit_price) * item.quantity
    rate = Decimal(str(item.tax_rate))
    return ItemMoney(gross.quantize(_CENT), (gross * rate / (1 + rate)).quantize(_CENT))


def order_total(order: Order) -> Decimal:
    """Add up what the buyer pays."""
    return sum((item_money(item).gross for item in order.items), Decimal("0.00"))
