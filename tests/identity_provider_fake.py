"""An identity provider of our own on loopback: OpenID Connect with real keys, and whatever can be wrong with one."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

CLIENT, SECRET = "packline-test", "not a real secret"
_RSA = [rsa.generate_private_key(65537, 2048) for _ in range(2)]
_EC = ec.generate_private_key(ec.SECP256R1())


@dataclass
class FakeProvider:
    """Signs `claims` over what a right token holds; `sign` and the switches say how."""

    now: Any
    address: str = ""
    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    kid: str | None = "first"
    published: tuple[str, ...] = ("first",)
    is_down: bool = False
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    methods: tuple[str, ...] = ("client_secret_basic",)
    is_public: bool = False
    """Its client has no secret, and proves by PKCE alone that the code is its own."""

    @property
    def keys(self) -> dict[str, Any]:
        """Name its keys."""
        return {"first": _RSA[0], "second": _RSA[1], "curve": _EC}

    def consent(self, address: str) -> str:
        """Be somebody who signs in at the provider; gives the query that the browser comes back with."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert query["client_id"] == CLIENT
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(12)
        self.codes[code] = query
        return urlencode({"code": code, "state": query["state"], "iss": self.issuer})

    def token(self, nonce: str) -> str:
        """Make an id token."""
        now = int(self.now().timestamp())
        claims = {
            "iss": self.issuer,
            "sub": "subject-1",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "preferred_username": "asha",
            "name": "Asha of the bench",
        }
        claims = {name: value for name, value in (claims | self.claims).items() if value is not None}
        headers = {"kid": self.kid} if self.kid else {}
        if self.algorithm == "none":
            return jwt.encode(claims, None, "none", headers=headers)
        if self.algorithm.startswith("HS"):
            return _by_secret(claims, {"alg": self.algorithm, **headers})
        return jwt.encode(claims, self.keys[self.kid or "first"], self.algorithm, headers=headers)

    async def about(self, request: web.Request) -> web.Response:
        """Answer discovery."""
        self.asked.append("about")
        self._refuse()
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.address}/authorize?tenant=1",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "end_session_endpoint": f"{self.address}/leave",
            "token_endpoint_auth_methods_supported": self.methods,
        }
        return web.json_response(told)

    async def jwks(self, request: web.Request) -> web.Response:
        """Publish keys."""
        self.asked.append("keys")
        self._refuse()
        return web.json_response({"keys": [self._jwk(name) for name in self.published]})

    async def exchange(self, request: web.Request) -> web.Response:
        """Give an id token for a code, once, to whoever can prove that the code was given to them."""
        self.asked.append("token")
        self._refuse()
        form = await request.post()
        if not self._is_client(request.headers.get("authorization"), form):
            return web.json_response({"error": "invalid_client"}, status=401)
        query = self.codes.pop(str(form["code"]), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(str(form["code_verifier"]).encode()).digest())
        if (
            query is None
            or query["code_challenge"] != challenge.rstrip(b"=").decode()
            or query["redirect_uri"] != form["redirect_uri"]
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response({"id_token": self.token(query["nonce"]), "access_token": "x", "token_type": "Bearer"})

    def _is_client(self, authorization: str | None, form: Any) -> bool:
        given = (form.get("client_id"), form.get("client_secret"))
        if self.is_public:
            return (authorization, *given) == (None, CLIENT, None)
        pair = base64.b64encode(f"{CLIENT}:{SECRET}".replace(" ", "%20").encode()).decode()
        return authorization == f"Basic {pair}" or given == (CLIENT, SECRET)

    async def authorize(self, request: web.Request) -> web.Response:
        """Sign everybody in who asks."""
        raise web.HTTPFound(f"{request.query['redirect_uri']}?{self.consent(str(request.url))}")

    def _jwk(self, name: str) -> dict[str, Any]:
        key = self.keys[name]
        if name == "curve":
            return {**ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": name, "use": "sig"}
        return {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": name, "use": "sig"}

    def _refuse(self) -> None:
        if self.is_down:
            raise web.HTTPServiceUnavailable


def _by_secret(claims: dict[str, Any], header: dict[str, str]) -> str:
    """Sign with what others know: the client's secret, or the public key taken for one (RFC 8725, section 2.1)."""
    pem = _RSA[0].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    secret, kind = (SECRET.encode(), "sha256") if header["alg"] == "HS256" else (pem, "sha512")
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
    proof = base64.urlsafe_b64encode(hmac.digest(secret, b".".join(parts), kind)).rstrip(b"=")
    return b".".join([*parts, proof]).decode()


@asynccontextmanager
async def provider(now: Any) -> AsyncIterator[FakeProvider]:
    """Run a provider on a free port of loopback; `now` is its clock."""
    made = FakeProvider(now)
    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", made.about)
    app.router.add_get("/keys", made.jwks)
    app.router.add_post("/token", made.exchange)
    app.router.add_get("/authorize", made.authorize)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    made.address = made.issuer = f"http://127.0.0.1:{port}"
    try:
        yield made
    finally:
        await runner.cleanup()
