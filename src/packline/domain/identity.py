"""Who somebody is at the seller's identity provider, and what that is worth here."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from packline.domain.person import PersonRole
from packline.domain.values import Value

FLOW_LIVES = timedelta(minutes=10)
"""From the button until the provider leads back: somebody may have to sign in there first, with a second factor."""
LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, section 2
_ROLES_RISING = (PersonRole.VIEWER, PersonRole.SUPPORT, PersonRole.PACKER, PersonRole.MANAGER, PersonRole.ADMIN)


class Identity(Value, frozen=True):
    """Somebody as the provider knows them: `subject` is never given to anybody else there, `name` may be.

    So a person of ours is found by issuer and subject only. `groups` is what the claim of roles held.
    """

    issuer: str
    subject: str
    name: str = ""
    full_name: str = ""
    groups: tuple[str, ...] = ()


class Flow(Value, frozen=True):
    """A sign-in that is under way at the provider; the browser keeps it, sealed.

    `person` is the id of somebody signed in who wants to be known there too, `link` a one-time link that is used
    instead of choosing a password; both empty for a sign-in.
    """

    state: str
    nonce: str
    verifier: str
    leads_to: str
    begun_at: datetime
    back: str = "/"
    person: str = ""
    link: str = ""

    def __repr__(self) -> str:
        return f"Flow(begun_at={self.begun_at}, …)"

    def is_over(self, now: datetime) -> bool:
        """Tell whether it is too late to come back."""
        return not self.begun_at <= now <= self.begun_at + FLOW_LIVES


class RoleRules(Value, frozen=True):
    """What a group at the provider may do here, and whether unknown people are added at their first sign-in.

    Without a group roles are given here, by admins, as for everybody else.
    """

    roles: Mapping[str, PersonRole] = {}
    adds: bool = False

    def role_of(self, groups: tuple[str, ...]) -> PersonRole | None:
        """Give the highest role among groups; None where none of them has one."""
        held = {self.roles[group] for group in groups if group in self.roles}
        return max(held, key=_ROLES_RISING.index) if held else None


class ProviderSettings(Value, frozen=True):
    """One identity provider, as it was registered there; `name` stands on the button.

    `name_claim` gives the sign-in name of somebody new, `roles_claim` the groups that roles are made of.
    """

    issuer: str
    client_id: str
    client_secret: str = ""
    name: str = ""
    scopes: str = "openid profile email"
    name_claim: str = "preferred_username"
    roles_claim: str = "groups"

    def __repr__(self) -> str:
        return f"ProviderSettings(issuer={self.issuer!r}, …)"
