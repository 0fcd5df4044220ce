"""The seller's identity provider, asked by OpenID Connect: authorization code with PKCE.

Sources: OpenID Connect Core 1.0 (section 3.1), Discovery 1.0, RP-Initiated Logout 1.0; RFC 7636 (PKCE), RFC 9207
(`iss`).
"""

import asyncio
import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
import msgspec
import structlog

from packline.domain.identity import LONGEST_SUBJECT, Flow, Identity, ProviderSettings
from packline.errors import ConfigError, ProviderAway, Unauthenticated
from packline.oms.id_tokens import KeyRing, checked, refused
from packline.ports import Clock

log = structlog.get_logger(__name__)
TIMEOUT = aiohttp.ClientTimeout(total=10)  # seconds
LARGEST = 1_000_000  # bytes of an answer
ABOUT_LIVES_S = 3600.0
AGAIN_S = 5.0
"""A provider that did not answer is left alone for so long: nobody waits ten seconds behind others who do."""
_WELL_KNOWN = "/.well-known/openid-configuration"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_AGAIN = "Begin the sign-in again."


class About(msgspec.Struct, frozen=True):
    """What the provider says of itself (Discovery 1.0, section 3), as far as it is used."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    end_session_endpoint: str = ""


class IdentityProvider:
    """Leads browsers to the provider, and learns from its answer who came back."""

    def __init__(self, settings: ProviderSettings, clock: Clock) -> None:
        """Take what was registered. Raises ConfigError for an issuer that others on the way could pretend to be."""
        _refuse_open(settings.issuer, "oidc_issuer")
        self._settings, self._clock = settings, clock
        self._about: About | None = None
        self._asked_at = float("-inf")
        self._away_for: ProviderAway | None = None
        self._away_at = float("-inf")
        self._turn = asyncio.Lock()
        self._ring = KeyRing(self._keys, clock)

    @property
    def issuer(self) -> str:
        """Name the provider as its tokens do."""
        return self._settings.issuer

    @property
    def name(self) -> str:
        """Name the provider as people do."""
        return self._settings.name or urlsplit(self._settings.issuer).hostname or self._settings.issuer

    async def address(self, flow: Flow) -> str:
        """Give the address at the provider that the browser must go to.

        Raises ProviderAway, ConfigError.
        """
        challenge = base64.urlsafe_b64encode(hashlib.sha256(flow.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": flow.leads_to,
            "scope": self._settings.scopes,
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return _joined((await self._known()).authorization_endpoint, query)

    async def identity(self, flow: Flow, code: str, issuer: str = "") -> Identity:
        """Learn who came back with a code; `issuer` is what the address said of itself.

        Raises Unauthenticated where the code or the token is not good, ProviderAway, ConfigError.
        """
        if issuer and issuer != self.issuer:
            raise refused(f"it came from {issuer[:200]}")
        answer = await self._exchange(await self._known(), flow, code)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise refused("there is no id token in it; the scope `openid` may be missing")
        claims = await checked(
            token,
            self._ring,
            self._clock,
            issuer=self.issuer,
            client_id=self._settings.client_id,
            nonce=flow.nonce,
        )
        return self._identity(claims)

    async def farewell(self, back: str) -> str:
        """Give the address at which somebody signs out at the provider too; empty where it has none."""
        place = (await self._known()).end_session_endpoint
        query = {"client_id": self._settings.client_id, "post_logout_redirect_uri": back}
        return _joined(place, query) if place else ""

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        subject = claims["sub"]
        if len(subject) > LONGEST_SUBJECT or "\x00" in subject:
            raise refused("the id of its subject cannot be")
        held = claims.get(self._settings.roles_claim)
        groups = (held,) if isinstance(held, str) else tuple(map(str, held)) if isinstance(held, list) else ()
        name, full_name = (_word(claims.get(claim)) for claim in (self._settings.name_claim, "name"))
        return Identity(self.issuer, subject, name, full_name, groups)

    async def _known(self) -> About:
        """Read what the provider says of itself; an hour later again, and where it is away then, the old counts."""
        async with self._turn:  # many sign-ins at once ask once
            moment = self._clock.monotonic()
            if self._about is not None and moment - self._asked_at <= ABOUT_LIVES_S:
                return self._about
            if self._away_for is None or moment - self._away_at > AGAIN_S:
                try:
                    self._about, self._asked_at, self._away_for = await self._discovered(), moment, None
                except ProviderAway as away:
                    self._away_for, self._away_at = away, self._clock.monotonic()
            if self._about is None:
                assert self._away_for is not None  # noqa: S101  why nothing is known of it
                raise ProviderAway(self._away_for.message)
            return self._about

    async def _discovered(self) -> About:
        place = self.issuer.rstrip("/") + _WELL_KNOWN
        try:
            about = msgspec.convert(await self._asked("GET", place), About)
        except msgspec.ValidationError as wrong:
            raise ConfigError(
                f"{place} is no description of an identity provider: {wrong}.", hint="Correct `oidc_issuer`."
            ) from None
        if about.issuer != self.issuer:
            raise ConfigError(
                f"The identity provider at {self.issuer} calls itself {about.issuer[:200]}.",
                hint="Set `oidc_issuer` to that, to the letter, if it is the right one.",
            )
        leaving = (about.end_session_endpoint,) if about.end_session_endpoint else ()
        for endpoint in (about.authorization_endpoint, about.token_endpoint, about.jwks_uri, *leaving):
            _refuse_open(endpoint, "endpoint")
        return about

    async def _keys(self) -> Sequence[Any]:
        keys = (await self._asked("GET", (await self._known()).jwks_uri)).get("keys")
        return keys if isinstance(keys, list) else ()

    async def _exchange(self, about: About, flow: Flow, code: str) -> dict[str, Any]:
        settings = self._settings
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": flow.leads_to,
            "code_verifier": flow.verifier,
        }
        headers: dict[str, str] = {}
        if settings.client_secret and "client_secret_basic" in about.token_endpoint_auth_methods_supported:
            pair = f"{quote(settings.client_id, safe='')}:{quote(settings.client_secret, safe='')}"  # RFC 6749, 2.3.1
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            form["client_id"] = settings.client_id
            form |= {"client_secret": settings.client_secret} if settings.client_secret else {}
        return await self._asked("POST", about.token_endpoint, form, headers)

    async def _asked(
        self, method: str, place: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Ask the provider, and give the object that it answers with."""
        try:
            async with (
                aiohttp.ClientSession(timeout=TIMEOUT) as session,
                session.request(method, place, data=form, headers=headers, allow_redirects=False) as answer,
            ):
                status, body = answer.status, await _read(answer)
        except TimeoutError:
            raise self._away("it did not answer within ten seconds") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise self._away(f"{type(error).__name__}: {error}"[:200]) from None
        told = _object(body)
        if status == 200 and told is not None:
            return told
        if form is not None and told is not None and 400 <= status < 500:
            raise _refusal(str(told.get("error", ""))[:60])
        raise self._away(f"{urlsplit(place).path} answered {status}" + (" without JSON" if told is None else ""))

    def _away(self, why: str) -> ProviderAway:
        log.warning("identity_provider.failed", issuer=self.issuer, why=why)
        return ProviderAway(f"The identity provider {self.name} cannot be asked: {why}.")


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    body = await answer.content.read(LARGEST + 1)
    while len(body) <= LARGEST and not answer.content.at_eof():
        body += await answer.content.read(LARGEST + 1 - len(body))
    if len(body) > LARGEST:
        raise ValueError(f"more than {LARGEST} bytes")
    return body


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return told if isinstance(told, dict) else None


def _refusal(word: str) -> Exception:
    """Tell a code that is over from an application that is wrong (RFC 6749, section 5.2)."""
    if word == "invalid_grant":
        return Unauthenticated(
            "The identity provider does not take this sign-in any more: it is over, or was used already.",
            hint=_AGAIN,
            reason="identity_code",
        )
    return ConfigError(
        f"The identity provider refuses this application: {word or 'no reason given'}.",
        hint="Compare `oidc_client_id`, `oidc_client_secret` and the redirect address with what is registered there.",
    )


def _refuse_open(address: str, what: str) -> None:
    parts = urlsplit(address)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not is_safe or not parts.hostname:
        raise ConfigError(
            f"The {what} {address!r} is no https address.",
            hint="An identity provider is asked over https; http is for this machine only.",
        )


def _joined(address: str, query: Mapping[str, str]) -> str:
    return address + ("&" if urlsplit(address).query else "?") + urlencode(query)


def _word(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return " ".join("".join(letter for letter in text if letter.isprintable()).split())
