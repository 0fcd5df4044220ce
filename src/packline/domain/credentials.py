"""How long credentials live: an application's client secret, and a seller's consent behind the refresh token."""

from datetime import datetime, timedelta
from enum import StrEnum

from packline.domain.values import Value

DAY = timedelta(days=1)


class Secret(StrEnum):
    """What ends by itself."""

    CLIENT_SECRET = "client_secret"  # noqa: S105  a name; the application's, the same for all of its sellers
    CONSENT = "consent"  # one seller's, behind his refresh token


LIVES = {Secret.CLIENT_SECRET: 180 * DAY, Secret.CONSENT: 365 * DAY}
"""Amazon refuses every call with a client secret that was not rotated for 180 days (rotating your apps' LWA
credentials); a public application's authorisation is renewed by the seller every 365 days (renew authorizations)."""
ALARMS = (30, 14, 7, 3, 1, 0)
"""Days before the end at which it is told."""
URGENT_DAYS = 7
_CURES = {
    Secret.CLIENT_SECRET: "Rotate it in Seller Central or Solution Provider Portal, then store it",
    Secret.CONSENT: "Let the seller authorise the application again, then store the new refresh token",
}
_NAMES = {Secret.CLIENT_SECRET: "the application's client secret", Secret.CONSENT: "the seller's consent"}


class Life(Value, frozen=True):
    """One credential: since when it is in use, and when it ends (None: it does not).

    `is_told`: a person told since when; otherwise it is when Packline first had it, so that it may end sooner.
    """

    account: str
    kind: Secret
    since: datetime
    ends: bool = True
    is_told: bool = False

    @property
    def ends_at(self) -> datetime | None:
        """Tell when Amazon stops taking it."""
        return self.since + LIVES[self.kind] if self.ends else None

    def days(self, now: datetime) -> int | None:
        """Count the whole days that are left, below zero after its end; None where it does not end."""
        return (self.ends_at - now) // DAY if self.ends_at else None

    def state(self, now: datetime) -> str:
        """Judge it: ok, expiring, urgent or expired."""
        days = self.days(now)
        if days is None or days > ALARMS[0]:
            return "ok"
        return "expired" if days < 0 else "urgent" if days <= URGENT_DAYS else "expiring"

    def says(self, now: datetime) -> str:
        """Say when it ends and what to do; nothing where it is well."""
        days = self.days(now)
        if days is None or self.ends_at is None or self.state(now) == "ok":
            return ""
        name, day = _NAMES[self.kind], f"{self.ends_at:%Y-%m-%d}"
        left = f"ended on {day}" if days < 0 else f"ends on {day}, in {days} days"
        sooner = "" if self.is_told else " (perhaps sooner: nobody told when it was made)"
        return f"{name.capitalize()} {left}{sooner}. {_CURES[self.kind]}: `packline account authorize {self.account}`."


def alarm_due(life: Life, now: datetime, told_days: int | None) -> int | None:
    """Tell which alarm is due, by its days before the end; None where none is, or it was told already."""
    days = life.days(now)
    passed = [alarm for alarm in ALARMS if days is not None and days <= alarm]
    if not passed or (told_days is not None and told_days <= passed[-1]):
        return None
    return passed[-1]
