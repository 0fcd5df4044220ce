"""Invented buyers and streets, so that shipments look real and belong to nobody."""

import random
from typing import NamedTuple

GIVEN_NAMES = ("Asha", "Bruno", "Chitra", "Daria", "Emil", "Farid", "Greta", "Hana", "Imran", "Jonas", "Kavya", "Lena")
FAMILY_NAMES = (
    "Almond",
    "Birch",
    "Cedar",
    "Dune",
    "Elm",
    "Fern",
    "Grove",
    "Heath",
    "Ivory",
    "Juniper",
    "Kestrel",
    "Larch",
)
STREETS = ("Sample Road", "Example Street", "Mango Lane", "Harbour Walk", "Station Road", "Lake View", "Mill Street")


class City(NamedTuple):
    """Name a city with its state, the state's GST code (India only) and the first digits of its postal codes."""

    city: str
    state: str
    state_code: str
    postal_prefix: str
    postal_length: int


CITIES: dict[str, tuple[City, ...]] = {
    "IN": (
        City("Bengaluru", "Karnataka", "29", "5600", 6),
        City("Mumbai", "Maharashtra", "27", "4000", 6),
        City("New Delhi", "Delhi", "07", "1100", 6),
        City("Chennai", "Tamil Nadu", "33", "6000", 6),
        City("Hyderabad", "Telangana", "36", "5000", 6),
        City("Kolkata", "West Bengal", "19", "7000", 6),
        City("Jaipur", "Rajasthan", "08", "3020", 6),
        City("Lucknow", "Uttar Pradesh", "09", "2260", 6),
    ),
    "AE": (City("Dubai", "Dubai", "", "00", 5), City("Abu Dhabi", "Abu Dhabi", "", "00", 5)),
    "DE": (
        City("Berlin", "Berlin", "", "10", 5),
        City("Hamburg", "Hamburg", "", "20", 5),
        City("Leipzig", "Sachsen", "", "04", 5),
    ),
    "US": (City("Seattle", "WA", "", "981", 5), City("Austin", "TX", "", "787", 5)),
    "JP": (City("Osaka", "Osaka", "", "530", 7),),
}
GENERIC_CITIES = (City("Centreville", "Central", "", "1", 5), City("Northport", "North", "", "2", 5))
STATE_CODES = {city.state: city.state_code for cities in CITIES.values() for city in cities if city.state_code}


class Place(NamedTuple):
    """Hold one postal address; `phone` and `name` may be empty."""

    name: str
    line: str
    city: str
    state: str
    postal_code: str
    country: str
    phone: str = ""


def invent_place(
    stream: random.Random, country: str, *, state: str | None = None, postal_code: str | None = None
) -> Place:
    """Invent a buyer's address in `country`, in `state` when given."""
    cities = CITIES.get(country, GENERIC_CITIES)
    city = stream.choice([row for row in cities if row.state == state] or cities)
    missing = city.postal_length - len(city.postal_prefix)
    return Place(
        name=f"{stream.choice(GIVEN_NAMES)} {stream.choice(FAMILY_NAMES)}",
        line=f"{stream.randrange(1, 240)} {stream.choice(STREETS)}",
        city=city.city,
        state=state or city.state,
        postal_code=postal_code or city.postal_prefix + f"{stream.randrange(10**missing):0{missing}d}",
        country=country,
        phone=f"+000 {stream.randrange(10**8, 10**9)}",
    )
