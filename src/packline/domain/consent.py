"""A seller's consent, from the moment in which he is sent to Amazon until he comes back with a code."""

from datetime import datetime, timedelta

from packline.domain.location import Account
from packline.domain.values import Value

LIVES = timedelta(hours=1)
"""From the page with the button until Amazon leads back; a seller may have to sign in there first."""


class Consent(Value, frozen=True):
    """What was asked for: the account to be, the application, where Amazon leads back to, and who began it.

    `known` names an account of ours that gets new credentials; None makes a new one. An empty seller id takes the one
    that Amazon tells.
    """

    account: Account
    client_id: str
    client_secret: str
    redirect_uri: str
    by: str
    made_at: datetime
    known: str | None = None

    def __repr__(self) -> str:
        return f"Consent(account={self.account.name!r}, by={self.by!r}, …)"

    def is_over(self, now: datetime) -> bool:
        """Tell whether it is too late to come back."""
        return now > self.made_at + LIVES
