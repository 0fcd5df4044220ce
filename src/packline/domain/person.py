"""People at the console: their roles, what each may do and see, and the rules for names and passwords."""

import re
from datetime import datetime
from enum import StrEnum

from packline.domain.api_key import Role
from packline.domain.values import Value

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256
FEWEST_LETTERS = 5
"""Different characters that a password has at least: `aaaaaaaaaaaa` is none."""
WAITS_S = (0, 0, 0, 0, 30, 60, 120, 300, 600, 1800, 3600)
"""Seconds that nobody can sign in under a name after the first, second... wrong password in a row."""
_ROWS = "01234567890123456789 abcdefghijklmnopqrstuvwxyz qwertyuiopasdfghjklzxcvbnm"
NAME = re.compile(r"(?!usr_)[a-z0-9][a-z0-9._@+-]{1,63}")


class PersonRole(StrEnum):
    """What a person does here."""

    VIEWER = "viewer"
    SUPPORT = "support"
    PACKER = "packer"
    MANAGER = "manager"
    ADMIN = "admin"


ROLES: dict[PersonRole, Role] = {
    PersonRole.VIEWER: Role.READER,
    PersonRole.SUPPORT: Role.READER,
    PersonRole.PACKER: Role.PACKER,
    PersonRole.MANAGER: Role.OPERATOR,
    PersonRole.ADMIN: Role.ADMIN,
}
"""What a person's role may do, as the role of an API key."""
OF_ROLE: dict[Role, PersonRole] = {
    Role.READER: PersonRole.VIEWER,
    Role.PACKER: PersonRole.PACKER,
    Role.OPERATOR: PersonRole.MANAGER,
    Role.ADMIN: PersonRole.ADMIN,
}


class Look(StrEnum):
    """Personal data of buyers, by what it stands on."""

    ADDRESS = "address"
    LABEL = "label"
    INVOICE = "invoice"
    WARRANTY = "warranty"
    PASSWORD = "password"  # noqa: S105  the one-time word that a carrier asks for when a return is handed over
    RAW = "raw"


OF_DOCUMENTS = {"ship_label": Look.LABEL, "invoice": Look.INVOICE, "warranty": Look.WARRANTY}
"""Kind of a document -> the look that it is."""
PAPERS = frozenset({Look.LABEL, Look.INVOICE, Look.WARRANTY, Look.PASSWORD})
"""What lies in or sticks on a parcel, and what the carrier asks for at the dock: whoever packs must have it."""
_ALL = frozenset(Look)
LOOKS: dict[PersonRole, frozenset[Look]] = {
    PersonRole.VIEWER: frozenset(),
    PersonRole.SUPPORT: frozenset(),
    PersonRole.PACKER: PAPERS,
    PersonRole.MANAGER: _ALL,
    PersonRole.ADMIN: _ALL,
}
"""Which personal data a person may see."""
LOOKS_OF_KEYS: dict[Role, frozenset[Look]] = {
    Role.READER: frozenset(),
    Role.PACKER: PAPERS | {Look.ADDRESS},
    Role.OPERATOR: _ALL,
    Role.ADMIN: _ALL,
}
"""Which personal data a system may see: one that packs prints labels of its own, so it needs the address."""
READS_AUDIT = frozenset({PersonRole.SUPPORT, PersonRole.MANAGER, PersonRole.ADMIN})


class Person(Value, frozen=True):
    """Somebody who signs in by name; `accounts` and `locations` None where there is no limit.

    A name is never given away again, and a person is never removed, only disabled: both stand in the audit.
    """

    id: str
    name: str
    role: PersonRole
    created_at: datetime
    full_name: str = ""
    created_by: str = ""
    accounts: tuple[str, ...] | None = None
    locations: tuple[str, ...] | None = None
    has_password: bool = False
    password_at: datetime | None = None
    last_seen_at: datetime | None = None
    disabled_at: datetime | None = None

    @property
    def who(self) -> str:
        """Name the person in commands, events and the audit."""
        return f"user: {self.name}"


def weakness(password: str, name: str) -> str:
    """Say in a sentence why a password is not good; empty where it is.

    Length counts and not the kinds of characters (NIST SP 800-63B, section 5.1.1.2).
    """
    if len(password) < SHORTEST_PASSWORD:
        return f"A password has at least {SHORTEST_PASSWORD} characters; a few words in a row are easy to remember."
    if len(password) > LONGEST_PASSWORD:
        return f"A password has at most {LONGEST_PASSWORD} characters."
    if len(set(password)) < FEWEST_LETTERS or password.lower() in _ROWS:
        return "This password repeats itself; a few words in a row are easy to remember."
    if name and name.lower() in password.lower():
        return "This password holds the sign-in name; take one that does not."
    return ""
