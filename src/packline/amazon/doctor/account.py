"""Checks of one account: credentials, sign-in, address, region, marketplaces, clock, and one look at each location."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Protocol
from urllib.parse import quote, urlsplit

from packline.amazon.doctor import seller_central
from packline.amazon.doctor.asking import Answer, ask, details, reason
from packline.amazon.external_fulfillment.operations import GET_SHIPMENTS
from packline.amazon.marketplaces import MARKETPLACES, region_of
from packline.amazon.spapi import auth
from packline.amazon.spapi.clock import Clock
from packline.amazon.spapi.transport import Response, Transport
from packline.domain.findings import Finding
from packline.domain.location import Account, Api, Credentials, Location, Region
from packline.errors import PacklineError, Unauthorized
from packline.ports import AccountStore

SKEW_S = 60.0  # tokens and slots are counted in minutes
Say = Callable[..., Finding]
_HERE = (200, 400, 404, 429)
"""Answers of an address that takes the token; 401 and 403 are those of one that does not."""


class Secrets(AccountStore, Protocol):
    """Accounts with what they sign in with."""

    async def credentials(self, account_id: str) -> Credentials:
        """Read and decrypt an account's credentials; raises NotFound where there are none."""


class AccountDoctor:
    """Look at accounts as Amazon sees them; nothing is changed by it."""

    def __init__(
        self, transport: Transport, clock: Clock, accounts: Secrets, endpoints: Mapping[Region, str] | None = None
    ) -> None:
        """Ask over `transport`; `endpoints` are Amazon's addresses by region, for who mistook his region."""
        self._transport, self._clock, self._accounts = transport, clock, accounts
        self._endpoints = endpoints or {}

    async def check(self, account_id: str) -> list[Finding]:
        """Check one account; stops where going on makes no sense."""
        account = await self._accounts.account(account_id)
        if account is None:
            cure = "List them with `packline account list`."
            return [Finding(account_id, "account", "bad", "there is no such account", cure)]
        say = partial(Finding, f"{account.name} ({account.id})")
        findings = [_state(say, account), *_marketplaces(say, account)]
        token = await self._token(say, account, findings)
        if token and account.api is Api.SELLER_CENTRAL:
            findings += await self._seller_central(say, account, token)
        elif token:
            findings += await self._locations(say, account, token)
        return findings

    async def token(self, account: Account, credentials: Credentials) -> str:
        """Sign in with Amazon. Raises Unauthorized with the cure, or Unavailable."""
        known = auth.Credentials(credentials.client_id, credentials.client_secret, credentials.refresh_token)
        tokens = auth.AccessTokens(self._transport, self._clock, token_url=account.token_url)
        return await tokens.token(tokens.grant(auth.Account(account.id, account.endpoint, known)))

    async def _token(self, say: Say, account: Account, findings: list[Finding]) -> str:
        try:
            credentials = await self._accounts.credentials(account.id)
        except PacklineError as error:
            findings.append(say("credentials", "bad", error.message, error.hint))
            return ""
        named = account.application_id or "unnamed"
        findings.append(say("credentials", "good", f"can be decrypted; application {named}"))
        try:
            token = await self.token(account, credentials)
        except Unauthorized as error:
            cure = f"{error.hint} Then `packline account authorize {account.id}`."
            findings.append(say("sign-in", "bad", error.message, cure))
            return ""
        except PacklineError as error:
            cure = f"Check that {account.token_url} can be reached from here."
            findings.append(say("sign-in", "bad", error.message, cure))
            return ""
        findings.append(say("sign-in", "good", "Login with Amazon gives a token"))
        return token

    async def _seller_central(self, say: Say, account: Account, token: str) -> list[Finding]:
        findings: list[Finding] = []
        if not await self._accounts.locations(account.id):
            cure = f"Name it with `packline location set {account.id} DEFAULT`; without it every order is parked."
            says = "the location DEFAULT is not set, so that no order is taken in"
            findings.append(say("locations", "bad", says, cure))
        for place, probe in enumerate(seller_central.probes(account)):
            answer = await ask(self._transport, account.endpoint, probe.target, token)
            if not place:
                findings += await self._address(say, account, answer, token, probe.target)
            if isinstance(answer, Response):
                findings.append(say(probe.check, *seller_central.verdict(account, probe, answer, reason(answer))))
        return findings

    async def _locations(self, say: Say, account: Account, token: str) -> list[Finding]:
        locations = [place for place in await self._accounts.locations(account.id) if place.enabled]
        findings: list[Finding] = []
        if not locations:
            cure = f"Name them with `packline location set {account.id} LOCATION`; what is sent from others is parked."
            findings.append(say("locations", "bad", "no location is set, so that no shipment is taken in", cure))
        places: list[Location | None] = [*locations] or [None]
        for number, place in enumerate(places):
            target = _look(locationId=place.id if place else None)
            answer = await ask(self._transport, account.endpoint, target, token)
            if not number:
                findings += await self._address(say, account, answer, token, target)
                findings += await self._shops(say, account, answer, token)
            if isinstance(answer, Response):
                findings.append(_verdict(say, account, place, answer))
        return findings

    async def _shops(self, say: Say, account: Account, first: Answer, token: str) -> list[Finding]:
        """Ask for each marketplace by its id: Amazon refuses those that the seller does not sell in."""
        if not isinstance(first, Response) or first.status in (401, 403):
            return []
        findings = []
        for shop in account.marketplaces:
            answer = await ask(self._transport, account.endpoint, _look(marketplaceId=shop), token)
            if isinstance(answer, Response) and answer.status in (400, 404) and "arketplace" in details(answer):
                cure = "Choose the marketplaces that this seller sells in; correct the account with them."
                name = MARKETPLACES[shop][0] if shop in MARKETPLACES else shop
                findings.append(say(f"marketplace {name}", "bad", details(answer), cure))
        return findings

    async def _address(self, say: Say, account: Account, answer: Answer, token: str, target: str) -> list[Finding]:
        if not isinstance(answer, Response):
            cure = "Check the address, the firewall and the proxy."
            return [say("address", "bad", f"{account.endpoint} does not answer: {answer}", cure)]
        found = [say("address", "good", f"{account.endpoint} answers in {answer.ms:.0f} ms")]
        told = answer.headers.get("date")
        if told:
            found.append(skew(say, self._clock.now(), told))
        if answer.status in (401, 403):
            found += await self._elsewhere(say, account, token, target)
        return found

    async def _elsewhere(self, say: Say, account: Account, token: str, target: str) -> list[Finding]:
        """Look whether another region takes the token: an authorisation is good in one of them only."""
        hosts = {urlsplit(address).hostname: region for region, address in self._endpoints.items()}
        if hosts.get(urlsplit(account.endpoint).hostname) is None:
            return []
        for region, address in self._endpoints.items():
            if region is account.region:
                continue
            answer = await ask(self._transport, address, target, token)
            if isinstance(answer, Response) and answer.status in _HERE:
                cure = f"Remove the account and set it up again in {region}, with marketplaces of that region."
                return [
                    say("region", "bad", f"Amazon takes the authorisation in {region}, not in {account.region}", cure)
                ]
        return []


def _look(**query: str | None) -> str:
    given = "".join(f"&{name}={quote(value, safe='')}" for name, value in query.items() if value)
    return f"{GET_SHIPMENTS.target({}, {})}?status=ACCEPTED&maxResults=1{given}"


def _state(say: Say, account: Account) -> Finding:
    if account.paused_reason:
        cure = f"Mend the cause, then `packline account resume {account.id}`."
        return say("state", "bad", f"paused: {account.paused_reason}", cure)
    if not account.enabled:
        cure = f"`packline account enable {account.id}` takes it into service."
        return say("state", "doubt", "disabled", cure)
    return say("state", "good", "enabled")


def _marketplaces(say: Say, account: Account) -> list[Finding]:
    findings = []
    for marketplace in account.marketplaces:
        region = region_of(marketplace)
        if region is None:
            cure = "Compare it with Amazon's list of marketplace ids."
            findings.append(say("marketplace", "doubt", f"{marketplace} is not in Amazon's list", cure))
        elif region is not account.region:
            says = (
                f"{marketplace} ({MARKETPLACES[marketplace][0]}) belongs to {region}, the account to {account.region}"
            )
            findings.append(say("marketplace", "bad", says, "Make one account for each region."))
    if findings:
        return findings
    countries = ", ".join(MARKETPLACES[marketplace][0] for marketplace in account.marketplaces)
    return [say("region", "good", f"{account.region}: {countries}")]


def skew(say: Say, now: datetime, told: str) -> Finding:
    """Compare our time with the Date header of an answer."""
    try:
        seconds = (now - parsedate_to_datetime(told).astimezone(UTC)).total_seconds()
    except (TypeError, ValueError):
        return say("clock", "doubt", f"Amazon's time {told!r} cannot be read")
    if abs(seconds) > SKEW_S:
        way = "ahead of" if seconds > 0 else "behind"
        return say("clock", "bad", f"this machine is {abs(seconds):.0f} s {way} Amazon", "Set the clock (NTP).")
    return say("clock", "good", "agrees with Amazon's")


def _verdict(say: Say, account: Account, place: Location | None, answer: Response) -> Finding:
    name = f"location {place.id}" if place else "shipments"
    if answer.status == 200:
        return say(name, "good", "shipments can be read")
    if answer.status == 429:
        return say(name, "good", "the quota is in use at this moment, so the sign-in and the role are fine")
    cures = {
        400: f"Compare the id with Seller Central; then `packline location set {account.id} ...`.",
        404: f"Compare the id with Seller Central; then `packline location set {account.id} ...`.",
        401: "Let the seller authorise the application again.",
        403: "The application lacks the role for External Fulfillment, or the seller is not in the program.",
    }
    says = f"Amazon answers {answer.status} {reason(answer)}"
    return say(name, "bad", says, cures.get(answer.status, "Try again later."))
