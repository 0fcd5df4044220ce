"""Names, zones and endpoints of accounts and locations: on every page, and read at most every few seconds."""

from typing import TYPE_CHECKING

from packline.amazon.programs import PROGRAMS
from packline.domain.location import NAMED_PROGRAMS
from packline.views import accounts, audit
from packline.views.paging import Scope
from packline.views.rows import AccountRow, LocationRow

if TYPE_CHECKING:
    from packline.console.room import Room

KEPT_S = 5.0
_LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")


class Directory:
    """What pages say of accounts and locations, kept for a few seconds."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.accounts: dict[str, AccountRow] = {}
        self.locations: dict[tuple[str, str], LocationRow] = {}
        self.keys: dict[str, str] = {}
        self._read_at = float("-inf")

    async def look(self, room: "Room") -> "Directory":
        """Give the directory, read again where it is old."""
        now = room.clock.now().timestamp()
        if now - self._read_at > KEPT_S or now < self._read_at:
            self.accounts = {row["id"]: row for row in await accounts.accounts(room.pool)}
            self.locations = {(row["account"], row["id"]): row for row in await accounts.locations(room.pool)}
            self.keys = await audit.key_names(room.pool)
            self._read_at = now
        return self

    def name(self, account: str) -> str:
        """Name an account."""
        row = self.accounts.get(account)
        return row["name"] if row else account

    def who(self, by: str) -> str:
        """Name whoever did something: a person, or what an API key is called."""
        return self.keys.get(by) or by.removeprefix("user: ")

    def zone(self, account: str, location: str | None) -> str:
        """Give the time zone of a location; UTC where it is not known."""
        row = self.locations.get((account, location or ""))
        return row["timezone"] if row else "UTC"

    def program(self, code: str, account: str, location: str) -> str:
        """Name a shipment's program: as its location is named where no field of Amazon's tells it, and by its code."""
        known, named = PROGRAMS[code].name if code in PROGRAMS else code, self._named(account, location)
        return f"{named} ({known})" if named else known

    def short_program(self, code: str, account: str, location: str) -> str:
        """Name a shipment's program where there is little room."""
        return self._named(account, location) or (PROGRAMS[code].name if code in PROGRAMS else code)

    def _named(self, account: str, location: str) -> str:
        row = self.locations.get((account, location))
        named = [NAMED_PROGRAMS[program] for program in row["programs"] if program in NAMED_PROGRAMS] if row else []
        return named[0] if len(named) == 1 else ""

    def house_zone(self, scope: Scope) -> str:
        """Give the zone that all locations of a reader share; UTC where they differ."""
        seen = {row["timezone"] for row in self.locations.values() if scope.sees(row["account"], row["id"])}
        return seen.pop() if len(seen) == 1 else "UTC"

    def account_options(self, scope: Scope) -> list[tuple[str, str]]:
        """List accounts for a filter."""
        return [(key, row["name"]) for key, row in self.accounts.items() if scope.sees(key)]

    def location_options(self, scope: Scope, account: str = "") -> list[tuple[str, str]]:
        """List locations for a filter, of one account or of all."""
        kept = {
            key: row["name"] or key
            for (owner, key), row in self.locations.items()
            if scope.sees(owner, key) and account in ("", owner)
        }
        return sorted(kept.items())

    def place_options(self, scope: Scope) -> list[tuple[str, str]]:
        """List places, named `account/location`, for a choice of one."""
        return [
            (f"{account}/{location}", f"{self.name(account)} · {row['name'] or location}")
            for (account, location), row in sorted(self.locations.items())
            if scope.sees(account, location)
        ]

    def program_options(self) -> tuple[tuple[str, str], ...]:
        """List programs for a filter; those that only a location's name tells, where there is such a location."""
        said = {program for row in self.locations.values() for program in row["programs"]}
        named = [(code, name) for code, name in NAMED_PROGRAMS.items() if code in said]
        return (*((code, program.name) for code, program in PROGRAMS.items()), *named)

    @property
    def is_simulated(self) -> bool:
        """Tell whether any account calls an Amazon on this machine."""
        return any(row["endpoint"].startswith(_LOOPBACK) for row in self.accounts.values())
