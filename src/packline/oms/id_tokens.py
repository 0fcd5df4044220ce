"""Id tokens of OpenID Connect: whose signature, for whom, until when; keys that rotate.

Source: OpenID Connect Core 1.0, sections 3.1.3.7 (what to check) and 10.1.1 (rotation); RFC 7515, 7517, 8725.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from packline.errors import Unauthenticated
from packline.ports import Clock

CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "EdDSA": "Ed25519"}
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", *CURVES})
"""Public keys only: neither `none` nor a shared secret, which a public key could be mistaken for (RFC 8725, 2.1)."""
SKEW_S = 120
"""How far the provider's clock may be from ours."""
KEYS_LIVE_S = 3600.0
"""A key that the provider took away is good no longer than this."""
KEYS_AGAIN_S = 30.0
"""An unknown key id makes us ask again, but never more often than this: anybody can write one."""
FEWEST_BITS = 2048
_UNCHECKED = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False, "verify_iss": False}
Fetch = Callable[[], Awaitable[Sequence[Any]]]


class KeyRing:
    """The provider's public keys: asked for when they are needed, and again when none of them has signed."""

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        """Take the keys (`keys` of RFC 7517, section 5) from `fetch`."""
        self._fetch, self._clock = fetch, clock
        self._keys: Sequence[Any] = ()
        self._asked_at = float("-inf")
        self._turn = asyncio.Lock()

    async def claims(self, token: str, kid: object, algorithm: str) -> dict[str, Any] | None:
        """Give the claims of a token that one of the keys has signed; None where none has.

        Raises ProviderAway where the keys cannot be had.
        """
        if self._age() > KEYS_LIVE_S:
            await self._renew()
        found = self._opened(token, kid, algorithm)
        if found is None and self._age() > KEYS_AGAIN_S:
            await self._renew()
            found = self._opened(token, kid, algorithm)
        return found

    def _age(self) -> float:
        return self._clock.monotonic() - self._asked_at

    async def _renew(self) -> None:
        async with self._turn:  # many sign-ins at once ask once
            if self._age() > KEYS_AGAIN_S:
                self._keys = await self._fetch()
                self._asked_at = self._clock.monotonic()

    def _opened(self, token: str, kid: object, algorithm: str) -> dict[str, Any] | None:
        tried = (_opened(token, key, algorithm) for key in _fitting(self._keys, kid, algorithm))
        return next((claims for claims in tried if claims is not None), None)


async def checked(
    token: str, ring: KeyRing, clock: Clock, *, issuer: str, client_id: str, nonce: str
) -> dict[str, Any]:
    """Give the claims of an id token that is good.

    Raises Unauthenticated (reason `identity_token`) that names what is wrong, ProviderAway where keys cannot be had.
    """
    claims = await _signed(token, ring)
    wrong = _wrong(claims, clock.now().timestamp(), issuer, client_id, nonce)
    if wrong:
        raise refused(wrong)
    return claims


def refused(why: str) -> Unauthenticated:
    """Say that what the provider sent proves nothing."""
    return Unauthenticated(
        f"The answer of the identity provider does not prove who you are: {why}.",
        hint="Begin the sign-in again; where it goes on, compare `oidc_issuer` and `oidc_client_id` with the provider"
        " and its clock with this one.",
        reason="identity_token",
    )


async def _signed(token: str, ring: KeyRing) -> dict[str, Any]:
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError as broken:
        raise refused("its id token cannot be read") from broken
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise refused(f"its id token is signed by {str(algorithm)[:20]!r}, which proves nothing")
    claims = await ring.claims(token, header.get("kid"), algorithm)
    if claims is None:
        raise refused("its id token is signed with none of the provider's keys")
    return claims


def _opened(token: str, key: Any, algorithm: str) -> dict[str, Any] | None:
    try:
        public = jwt.PyJWK(key, algorithm).key
        if isinstance(public, RSAPublicKey) and public.key_size < FEWEST_BITS:
            return None
        return dict(jwt.decode(token, public, algorithms=[algorithm], options=_UNCHECKED))  # type: ignore[arg-type]
    except (jwt.PyJWTError, ValueError, TypeError):
        return None


def _fitting(keys: Sequence[Any], kid: object, algorithm: str) -> list[Any]:
    """Choose by key id where the token names one, and by what a key is for."""
    return [
        key
        for key in keys
        if isinstance(key, Mapping)
        and (kid is None or key.get("kid") == kid)
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and key.get("kty") == _kind(algorithm)
        and key.get("crv") == CURVES.get(algorithm)
    ]


def _kind(algorithm: str) -> str:
    return {"ES": "EC", "Ed": "OKP"}.get(algorithm[:2], "RSA")


def _wrong(claims: Mapping[str, Any], now: float, issuer: str, client_id: str, nonce: str) -> str:
    """Say what is wrong with claims; empty where nothing is."""
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience if isinstance(audience, list) else []
    moments = [claims.get(name, default) for name, default in (("exp", None), ("iat", None), ("nbf", now))]
    if not all(isinstance(moment, int | float) and not isinstance(moment, bool) for moment in moments):
        return "its id token does not say from when until when it is good"
    ends, made, begins = moments
    checks = (
        (claims.get("iss") != issuer, f"its id token is from {str(claims.get('iss'))[:200]}, not from {issuer}"),
        (client_id not in audiences, "its id token is meant for another application"),
        (len(audiences) > 1 and "azp" not in claims, "its id token is meant for several applications"),
        (claims.get("azp", client_id) != client_id, "its id token was given to another application"),
        (ends + SKEW_S < now, f"its id token was good until {now - ends:,.0f} s ago"),
        (max(made, begins) - SKEW_S > now, "its id token is from the future"),
        (not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()), "it answers another sign-in"),
        (not isinstance(claims.get("sub"), str) or not claims["sub"], "its id token names nobody"),
    )
    return next((why for is_wrong, why in checks if is_wrong), "")
