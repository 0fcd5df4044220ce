"""An API key: who may do what, for which accounts and locations; the key itself is shown once and stored hashed."""

from datetime import datetime
from enum import IntEnum

from packline.domain.values import Value


class Role(IntEnum):
    """What a key may do; each role may all that the ones before it may."""

    READER = 1  # read everything in its scope
    PACKER = 2  # give commands on shipments
    OPERATOR = 3  # retry, parked records, webhooks
    ADMIN = 4  # accounts, locations, API keys

    @property
    def word(self) -> str:
        """Give the role as users write it."""
        return self.name.lower()


class ApiKey(Value, frozen=True):
    """One key; `hint` is its readable beginning, `accounts` and `locations` None where it may see all."""

    id: str
    name: str
    role: Role
    hint: str
    created_at: datetime
    accounts: tuple[str, ...] | None = None
    locations: tuple[str, ...] | None = None
    last_used_at: datetime | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)

    def sees(self, account: str, location: str | None = None) -> bool:
        """Tell whether something of this account and location is in its scope."""
        if self.accounts is not None and account not in self.accounts:
            return False
        return self.locations is None or location is None or location in self.locations
