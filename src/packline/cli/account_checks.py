"""Checks of one account: credentials, sign-in, address, region, clock, and one look at each location."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from packline.amazon.external_fulfillment.operations import GET_SHIPMENTS
from packline.amazon.marketplaces import MARKETPLACES, region_of
from packline.amazon.spapi import auth
from packline.amazon.spapi.transport import NoAnswer, NotSent, Request, Response
from packline.cli import seller_central_checks
from packline.cli.findings import Finding
from packline.domain.location import Account, Api, Location
from packline.errors import PacklineError, Unauthorized

if TYPE_CHECKING:
    from packline.bootstrap import Services

SKEW_S = 60.0  # tokens and slots are counted in minutes
Say = Callable[..., Finding]


class _Errors(msgspec.Struct):
    errors: list[dict[str, str | None]] = []


async def check(services: "Services", account_id: str) -> list[Finding]:
    """Check one account; stops where going on makes no sense."""
    account = await services.accounts.account(account_id)
    if account is None:
        cure = "List them with `packline account list`."
        return [Finding(account_id, "account", "bad", "there is no such account", cure)]
    say = partial(Finding, f"{account.name} ({account.id})")
    findings = [_state(say, account), *_marketplaces(say, account)]
    token = await _token(say, services, account, findings)
    if token and account.api is Api.SELLER_CENTRAL:
        findings += await _seller_central(say, services, account, token)
    elif token:
        findings += await _locations(say, services, account, token)
    return findings


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


async def _token(say: Say, services: "Services", account: Account, findings: list[Finding]) -> str:
    try:
        credentials = await services.accounts.credentials(account.id)
    except PacklineError as error:
        findings.append(say("credentials", "bad", error.message, error.hint))
        return ""
    findings.append(say("credentials", "good", f"can be decrypted; application {account.application_id or 'unnamed'}"))
    known = auth.Credentials(credentials.client_id, credentials.client_secret, credentials.refresh_token)
    tokens = auth.AccessTokens(services.transport, services.clock, token_url=account.token_url)
    try:
        token = await tokens.token(tokens.grant(auth.Account(account.id, account.endpoint, known)))
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


async def _seller_central(say: Say, services: "Services", account: Account, token: str) -> list[Finding]:
    findings: list[Finding] = []
    if not await services.accounts.locations(account.id):
        cure = f"Name it with `packline location set {account.id} DEFAULT`; without it every order is parked."
        findings.append(say("locations", "bad", "the location DEFAULT is not set, so that no order is taken in", cure))
    for place, probe in enumerate(seller_central_checks.probes(account)):
        answer = await seller_central_checks.ask(services, account, probe, token)
        if not place:
            findings += _address(say, services, account, answer)
        if isinstance(answer, Response):
            findings.append(say(probe.check, *seller_central_checks.verdict(account, probe, answer, _reason(answer))))
    return findings


async def _locations(say: Say, services: "Services", account: Account, token: str) -> list[Finding]:
    locations = [place for place in await services.accounts.locations(account.id) if place.enabled]
    findings: list[Finding] = []
    if not locations:
        cure = f"Name them with `packline location set {account.id} LOCATION`; what is sent from others is parked."
        findings.append(say("locations", "bad", "no location is set, so that no shipment is taken in", cure))
    first = True
    places: list[Location | None] = [*locations] or [None]
    for place in places:
        answer = await _look(services, account, place, token)
        if first:
            findings += _address(say, services, account, answer)
            first = False
        if isinstance(answer, Response):
            findings.append(_verdict(say, account, place, answer))
    return findings


async def _look(
    services: "Services", account: Account, place: Location | None, token: str
) -> Response | NotSent | NoAnswer:
    query = "?status=ACCEPTED&maxResults=1" + (f"&locationId={quote(place.id, safe='')}" if place else "")
    url = account.endpoint.rstrip("/") + GET_SHIPMENTS.target({}, {}) + query
    request = Request("GET", url, {"x-amz-access-token": token, "user-agent": "Packline (doctor)"}, timeout=15)
    try:
        return await services.transport.send(request)
    except (NotSent, NoAnswer) as silence:
        return silence


def _address(say: Say, services: "Services", account: Account, answer: Response | NotSent | NoAnswer) -> list[Finding]:
    if not isinstance(answer, Response):
        cure = "Check the address, the firewall and the proxy."
        return [say("address", "bad", f"{account.endpoint} does not answer: {answer}", cure)]
    found = [say("address", "good", f"{account.endpoint} answers in {answer.ms:.0f} ms")]
    told = answer.headers.get("date")
    if told:
        found.append(skew(say, services.clock.now(), told))
    return found


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
    why = _reason(answer)
    cures = {
        400: f"Compare the id with Seller Central; then `packline location set {account.id} ...`.",
        404: f"Compare the id with Seller Central; then `packline location set {account.id} ...`.",
        401: "Let the seller authorise the application again.",
        403: "The application lacks the role for External Fulfillment, or the seller is not in the program.",
    }
    return say(name, "bad", f"Amazon answers {answer.status} {why}", cures.get(answer.status, "Try again later."))


def _reason(answer: Response) -> str:
    try:
        first = msgspec.json.decode(answer.body, type=_Errors).errors[0]
    except (msgspec.DecodeError, IndexError):
        return ""
    return f"{first.get('code') or ''}: {first.get('message') or ''}"
