"""The marketplaces that the simulator knows: region, money, tax, time, pickup hours."""

from datetime import timedelta
from typing import NamedTuple

from packline_sim.specs import Region


class Marketplace(NamedTuple):
    """Describe one marketplace.

    `tax_rate` is a decimal fraction as text, `pickup_hours` local (start, end) hours, `workdays` 0 is Monday; pickup
    hours and carriers are inferred, no source publishes them. Ids: SP-API documentation, Marketplace IDs.
    """

    marketplace_id: str
    country: str
    name: str
    region: Region
    currency: str
    tax_type: str
    tax_rate: str
    utc_offset: timedelta
    pickup_hours: tuple[tuple[int, int], ...]
    workdays: frozenset[int]
    carrier: str
    offers_dropoff: bool
    needs_invoice: bool


def _marketplace(
    marketplace_id: str, country: str, region: Region, currency: str, tax: tuple[str, str], hours: float
) -> Marketplace:
    is_india = country == "IN"
    return Marketplace(
        marketplace_id=marketplace_id,
        country=country,
        name=f"AMAZON_{country}",
        region=region,
        currency=currency,
        tax_type=tax[0],
        tax_rate=tax[1],
        utc_offset=timedelta(hours=hours),
        pickup_hours=((10, 13), (14, 17), (17, 20)) if is_india else ((9, 12), (13, 17)),
        workdays=frozenset(range(6)) if country in {"IN", "AE", "SA", "EG"} else frozenset(range(5)),
        carrier="ATSPL" if is_india else "ATS",
        offers_dropoff=not is_india,
        needs_invoice=is_india,
    )


MARKETPLACES: dict[str, Marketplace] = {
    row.marketplace_id: row
    for row in (
        _marketplace("A21TJRUUN4KGV", "IN", "EU", "INR", ("IGST", "0.18"), 5.5),
        _marketplace("A2VIGQ35RCS4UG", "AE", "EU", "AED", ("VAT", "0.05"), 4),
        _marketplace("A17E79C6D8DWNP", "SA", "EU", "SAR", ("VAT", "0.15"), 3),
        _marketplace("ARBP9OOSHTCHU", "EG", "EU", "EGP", ("VAT", "0.14"), 2),
        _marketplace("A1PA6795UKMFR9", "DE", "EU", "EUR", ("VAT", "0.19"), 1),
        _marketplace("A13V1IB3VIYZZH", "FR", "EU", "EUR", ("VAT", "0.20"), 1),
        _marketplace("A1RKKUPIHCS9HS", "ES", "EU", "EUR", ("VAT", "0.21"), 1),
        _marketplace("APJ6JRA9NG5V4", "IT", "EU", "EUR", ("VAT", "0.22"), 1),
        _marketplace("A1805IZSGTT6HS", "NL", "EU", "EUR", ("VAT", "0.21"), 1),
        _marketplace("A2NODRKZP88ZB9", "SE", "EU", "SEK", ("VAT", "0.25"), 1),
        _marketplace("A1C3SOZRARQ6R3", "PL", "EU", "PLN", ("VAT", "0.23"), 1),
        _marketplace("A33AVAJ2PDY3EV", "TR", "EU", "TRY", ("VAT", "0.20"), 3),
        _marketplace("A1F83G8C2ARO7P", "GB", "EU", "GBP", ("VAT", "0.20"), 0),
        _marketplace("AE08WJ6YKNBMC", "ZA", "EU", "ZAR", ("VAT", "0.15"), 2),
        _marketplace("ATVPDKIKX0DER", "US", "NA", "USD", ("OTHER", "0.08"), -5),
        _marketplace("A2EUQ1WTGCTBG2", "CA", "NA", "CAD", ("OTHER", "0.13"), -5),
        _marketplace("A1AM78C64UM0Y8", "MX", "NA", "MXN", ("VAT", "0.16"), -6),
        _marketplace("A2Q3Y263D00KWC", "BR", "NA", "BRL", ("OTHER", "0.17"), -3),
        _marketplace("A1VC38T7YXB528", "JP", "FE", "JPY", ("OTHER", "0.10"), 9),
        _marketplace("A39IBJ37TRP1C6", "AU", "FE", "AUD", ("OTHER", "0.10"), 10),
        _marketplace("A19VAU5U5O7RUS", "SG", "FE", "SGD", ("OTHER", "0.09"), 8),
    )
}
