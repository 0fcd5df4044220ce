"""Amounts of money in words, as Indian invoices spell them."""

from decimal import ROUND_HALF_UP, Decimal

_BELOW_TWENTY = [
    "Zero",
    "One",
    "Two",
    "Three",
    "Four",
    "Five",
    "Six",
    "Seven",
    "Eight",
    "Nine",
    "Ten",
    "Eleven",
    "Twelve",
    "Thirteen",
    "Fourteen",
    "Fifteen",
    "Sixteen",
    "Seventeen",
    "Eighteen",
    "Nineteen",
]
_TENS = ("", "", "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety")
_SCALES = ((10_000_000, "Crore"), (100_000, "Lakh"), (1_000, "Thousand"), (100, "Hundred"))
_UNITS = {"INR": ("Rupees", "Paise"), "AED": ("Dirhams", "Fils"), "EUR": ("Euros", "Cents")}


def amount_in_words(amount: Decimal, currency: str = "INR") -> str:
    """Spell an amount with two decimals: lakh and crore, rupees and paise."""
    whole, cents = divmod(int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP)), 100)
    unit, fraction = _UNITS.get(currency, (currency, "Hundredths"))
    spelled = f"{unit} {number_in_words(whole)}"
    return f"{spelled} and {number_in_words(cents)} {fraction} Only" if cents else f"{spelled} Only"


def number_in_words(number: int) -> str:
    """Spell a whole number that is not negative, in the Indian system."""
    if number < 20:
        return _BELOW_TWENTY[number]
    if number < 100:
        tens, rest = divmod(number, 10)
        return _TENS[tens] + (f" {_BELOW_TWENTY[rest]}" if rest else "")
    scale, name = next(pair for pair in _SCALES if number >= pair[0])
    count, rest = divmod(number, scale)
    spelled = f"{number_in_words(count)} {name}"
    return f"{spelled} {number_in_words(rest)}" if rest else spelled


def indian_money(amount: Decimal) -> str:
    """Write an amount with two decimals, grouped by lakh and crore: 12,34,567.50."""
    sign = "-" if amount < 0 else ""
    whole, decimals = f"{abs(amount):.2f}".split(".")
    head, tail = whole[:-3], whole[-3:]
    while head:
        head, tail = head[:-2], f"{head[-2:]},{tail}"
    return f"{sign}{tail}.{decimals}"
