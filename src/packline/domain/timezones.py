"""The time zone of each marketplace: the one that its working day follows where a country has several."""

from collections.abc import Sequence

TIMEZONES: dict[str, str] = {
    "A2EUQ1WTGCTBG2": "America/Toronto",
    "ATVPDKIKX0DER": "America/Los_Angeles",
    "A1AM78C64UM0Y8": "America/Mexico_City",
    "A2Q3Y263D00KWC": "America/Sao_Paulo",
    "A28R8C7NBKEWEA": "Europe/Dublin",
    "A1RKKUPIHCS9HS": "Europe/Madrid",
    "A1F83G8C2ARO7P": "Europe/London",
    "A13V1IB3VIYZZH": "Europe/Paris",
    "AMEN7PMS3EDWL": "Europe/Brussels",
    "A1805IZSGTT6HS": "Europe/Amsterdam",
    "A1PA6795UKMFR9": "Europe/Berlin",
    "APJ6JRA9NG5V4": "Europe/Rome",
    "A2NODRKZP88ZB9": "Europe/Stockholm",
    "AE08WJ6YKNBMC": "Africa/Johannesburg",
    "A1C3SOZRARQ6R3": "Europe/Warsaw",
    "ARBP9OOSHTCHU": "Africa/Cairo",
    "A33AVAJ2PDY3EV": "Europe/Istanbul",
    "A17E79C6D8DWNP": "Asia/Riyadh",
    "A2VIGQ35RCS4UG": "Asia/Dubai",
    "A21TJRUUN4KGV": "Asia/Kolkata",
    "A19VAU5U5O7RUS": "Asia/Singapore",
    "A39IBJ37TRP1C6": "Australia/Sydney",
    "A1VC38T7YXB528": "Asia/Tokyo",
}


def timezone_of(marketplaces: Sequence[str]) -> str:
    """Give the zone of the first marketplace that is known, else UTC."""
    return next((TIMEZONES[marketplace] for marketplace in marketplaces if marketplace in TIMEZONES), "UTC")
