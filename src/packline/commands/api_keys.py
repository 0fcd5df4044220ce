"""Make and revoke API keys; a key is shown once."""

import secrets
from datetime import datetime
from typing import Protocol

from packline.domain.api_key import ApiKey, Role
from packline.domain.values import Value, stable_id
from packline.errors import FieldError, Invalid, NotFound
from packline.ports import Clock


class ApiKeyStore(Protocol):
    """Where keys are kept, by the hash of their secret."""

    async def add(self, key: ApiKey, secret: str) -> None:
        """Store a key."""

    async def revoke(self, key_id: str, now: datetime) -> bool:
        """Revoke a key; False where there is none."""


class NewKey(Value, frozen=True):
    """A key with its secret, which nobody can read again."""

    key: ApiKey
    secret: str


async def create_api_key(
    store: ApiKeyStore,
    clock: Clock,
    name: str,
    role: str = "packer",
    *,
    accounts: tuple[str, ...] | None = None,
    locations: tuple[str, ...] | None = None,
    expires_at: datetime | None = None,
) -> NewKey:
    """Make a key of 160 random bits.

    Raises Invalid for a role that does not exist or a time that is over.
    """
    now = clock.now()
    if expires_at is not None and expires_at <= now:
        raise Invalid("The key would be over already.", errors=(FieldError("/expires_at", "A time to come."),))
    secret = f"pk_{secrets.token_hex(20)}"
    key = ApiKey(
        id=stable_id("key", secret),
        name=name,
        role=role_of(role),
        hint=secret[:9],
        created_at=now,
        accounts=accounts,
        locations=locations,
        expires_at=expires_at,
    )
    await store.add(key, secret)
    return NewKey(key, secret)


async def revoke_api_key(store: ApiKeyStore, clock: Clock, key_id: str) -> None:
    """Make a key useless from now on.

    Raises NotFound.
    """
    if not await store.revoke(key_id, clock.now()):
        raise NotFound(f"There is no API key {key_id}.", hint="List them with `packline api-key list`.")


def role_of(word: str) -> Role:
    """Read a role as users write it.

    Raises Invalid.
    """
    try:
        return Role[word.upper()]
    except KeyError:
        roles = ", ".join(role.word for role in Role)
        raise Invalid(f"There is no role {word!r}.", errors=(FieldError("/role", f"One of {roles}."),)) from None
