"""Consents: send a seller to Amazon, and make an account of the code that he comes back with."""

import hashlib
import secrets
from datetime import datetime
from typing import Protocol

from msgspec.structs import replace

from packline.commands.accounts import AccountRegister, account_id, add_account, known_account, update_account
from packline.domain.consent import Consent
from packline.domain.location import Account, Credentials
from packline.domain.values import Value
from packline.errors import Denied, FieldError, Invalid
from packline.ports import Clock, Wake

STATE_BYTES = 32
AGAIN = "Begin the consent again."


class ConsentStore(Protocol):
    """Where consents under way are kept."""

    async def add(self, state: bytes, consent: Consent) -> None:
        """Keep a consent under the hash of its state."""

    async def take(self, state: bytes, now: datetime) -> Consent | None:
        """Give a consent once; None for a state that is not known, or was used."""


class Gate(Protocol):
    """Amazon's side of a consent."""

    def address(self, consent: Consent, state: str, *, is_draft: bool = False) -> str:
        """Give the address of the page on which the seller consents."""

    async def refresh_token(self, consent: Consent, code: str) -> str:
        """Exchange a code. Raises Unauthorized with the cure, or Unavailable."""


class Consented(Value, frozen=True):
    """The account that a consent led to; `is_new` where it was made by it, else it has new credentials."""

    account: Account
    is_new: bool


class ConsentDesk:
    """Where consents are begun and ended, whatever face it was said at."""

    def __init__(self, store: ConsentStore, register: AccountRegister, wake: Wake, gate: Gate, clock: Clock) -> None:
        """Keep what is under way in `store`, and accounts in `register`."""
        self._store, self._register, self._wake, self._gate, self._clock = store, register, wake, gate, clock

    async def begin(
        self, account: Account, client_id: str, client_secret: str, redirect_uri: str, by: str,
        *, known: str | None = None, is_draft: bool = False,
    ) -> str:  # fmt: skip
        """Give the address that the seller's browser must go to; its state is good for an hour, once, for `by` only.

        `known` renews the authorisation of an account. Raises Invalid, NotFound.
        """
        if known:
            account = await known_account(self._register, known)
        given = {"application_id": account.application_id, "client_id": client_id, "client_secret": client_secret}
        faults = [FieldError(f"/{name}", "This must not be empty.") for name, value in given.items() if not value]
        if not account.marketplaces:
            faults.append(FieldError("/marketplaces", "At least one marketplace."))
        if faults:
            raise Invalid("The consent cannot begin.", errors=tuple(faults))
        state = secrets.token_urlsafe(STATE_BYTES)
        consent = Consent(account, client_id, client_secret, redirect_uri, by, self._clock.now(), known)
        await self._store.add(_hash(state), consent)
        return self._gate.address(consent, state, is_draft=is_draft)

    async def finish(self, state: str, code: str, seller_id: str, by: str) -> Consented:
        """Make an account of what a seller came back with, or renew the one that he has already.

        Raises Denied where the state is not one of ours, too old, used, or another person's, or where another seller
        consented than was meant; Unauthorized and Unavailable where the code cannot be exchanged.
        """
        consent = await self._store.take(_hash(state), self._clock.now())
        self._refuse(consent, code, seller_id, by)
        assert consent is not None  # noqa: S101  refused otherwise
        token = await self._gate.refresh_token(consent, code)
        credentials = Credentials(consent.client_id, consent.client_secret, token)
        wanted = replace(consent.account, seller_id=seller_id)
        there = await self._there(consent.known, wanted)
        if there is not None:
            renewed = replace(there, application_id=wanted.application_id)
            return Consented(await update_account(self._register, self._wake, renewed, credentials), is_new=False)
        return Consented(await add_account(self._register, self._wake, wanted, credentials), is_new=True)

    def _refuse(self, consent: Consent | None, code: str, seller_id: str, by: str) -> None:
        if consent is None or consent.is_over(self._clock.now()) or consent.by != by:
            raise Denied(
                "This consent was not begun here, was used already, or is older than an hour.",
                hint=AGAIN,
                reason="consent_unknown",
            )
        if not code or not seller_id:
            raise Denied(
                "Amazon led back without a code: the seller did not consent.", hint=AGAIN, reason="consent_refused"
            )
        meant = consent.account.seller_id
        if meant and meant != seller_id:
            raise Denied(
                f"Seller {seller_id} consented, but {meant} was meant.",
                hint="Sign out at Seller Central, sign in as the seller that is meant, and begin again; or leave the"
                " merchant id empty.",
                reason="consent_of_another_seller",
            )

    async def _there(self, known: str | None, wanted: Account) -> Account | None:
        if known:
            return await self._register.account(known)
        for account in await self._register.accounts():
            if (account.seller_id, account.region) == (wanted.seller_id, wanted.region):
                return account
        return await self._register.account(wanted.id or account_id(wanted.seller_id, wanted.region))


def _hash(state: str) -> bytes:
    return hashlib.sha256(state.encode()).digest()
