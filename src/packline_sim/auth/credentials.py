"""Applications, sellers' authorisations and tokens, and the rules by which they come and go."""

import msgspec

from packline_sim.clock import SimClock
from packline_sim.streams import Streams

ACCESS_TOKEN_SECONDS = 3600
AUTHORIZATION_CODE_SECONDS = 300
PRUNE_ABOVE = 20_000


class Secret(msgspec.Struct):
    """Hold one client secret; `expires_ms` None never expires."""

    value: str
    expires_ms: int | None = None


class Application(msgspec.Struct, kw_only=True):
    """Remember one application that developers registered."""

    application_id: str
    client_id: str
    name: str
    secrets: list[Secret]


class Grant(msgspec.Struct, kw_only=True):
    """Remember that a seller authorised an application."""

    refresh_token: str
    client_id: str
    seller_id: str
    revoked: bool = False


class AuthorizationCode(msgspec.Struct, kw_only=True):
    """Remember a code of the consent page: five minutes, one use.

    `redirect_uri` is where the page led back to; None where a code was made without a page.
    """

    value: str
    client_id: str
    seller_id: str
    expires_ms: int
    redirect_uri: str | None = None
    used: bool = False


class AccessToken(msgspec.Struct, kw_only=True):
    """Remember one access token; `seller_id` None is grantless and has a `scope`.

    A restricted one has `paths` (method, path) and, for each of them, the data `elements` that it opens.
    """

    value: str
    client_id: str
    expires_ms: int
    seller_id: str | None = None
    scope: str | None = None
    refresh_token: str | None = None
    paths: tuple[tuple[str, str], ...] = ()
    elements: tuple[tuple[str, ...], ...] = ()


class CredentialStore:
    """Issue, rotate and revoke credentials; every value comes from the seed."""

    def __init__(self, clock: SimClock, streams: Streams) -> None:
        self._clock = clock
        self._streams = streams
        self.applications: dict[str, Application] = {}
        self.grants: dict[str, Grant] = {}
        self.codes: dict[str, AuthorizationCode] = {}
        self.tokens: dict[str, AccessToken] = {}

    def state(self) -> tuple[object, ...]:
        """Give all records, for a snapshot."""
        return (self.applications, self.grants, self.codes, self.tokens)

    def restore(self, state: tuple[object, ...], streams: Streams) -> None:
        """Take over the records of a snapshot."""
        self.applications, self.grants, self.codes, self.tokens = state  # type: ignore[assignment]  # as given
        self._streams = streams

    def create_application(
        self, name: str, *, client_id: str | None = None, client_secret: str | None = None
    ) -> Application:
        """Register an application with one secret."""
        application = Application(
            application_id=f"amzn1.sp.solution.{self._streams.uuid('application')}",
            client_id=client_id or f"amzn1.application-oa2-client.{self._streams.hex('application', 32)}",
            name=name,
            secrets=[Secret(client_secret or self._new_secret())],
        )
        self.applications[application.client_id] = application
        return application

    def authorize(self, client_id: str, seller_id: str, *, refresh_token: str | None = None) -> Grant:
        """Have a seller authorise an application; gives the refresh token."""
        token = refresh_token or f"Atzr|{self._streams.hex('refresh', 64)}"
        grant = self.grants[token] = Grant(refresh_token=token, client_id=client_id, seller_id=seller_id)
        return grant

    def create_code(self, client_id: str, seller_id: str, redirect_uri: str | None = None) -> AuthorizationCode:
        """Make an authorization code, as the consent page does (spapi_oauth_code)."""
        code = AuthorizationCode(
            value=f"AN{self._streams.letters('code', 18)}",
            client_id=client_id,
            seller_id=seller_id,
            expires_ms=self._clock.now_ms() + AUTHORIZATION_CODE_SECONDS * 1000,
            redirect_uri=redirect_uri,
        )
        self.codes[code.value] = code
        return code

    def rotate_secret(self, client_id: str, *, keep_old_seconds: float = 7 * 86_400) -> str:
        """Give an application a new secret; the old ones end after `keep_old_seconds`, 0 at once.

        Amazon keeps the old secret for seven days (SP-API documentation, Rotate your application's client secrets).
        Raises KeyError for an unknown application.
        """
        application = self.applications[client_id]
        end = self._clock.now_ms() + round(keep_old_seconds * 1000)
        for secret in application.secrets:
            secret.expires_ms = end if secret.expires_ms is None else min(end, secret.expires_ms)
        fresh = Secret(self._new_secret())
        application.secrets.append(fresh)
        return fresh.value

    def revoke(self, refresh_token: str) -> None:
        """End an authorisation with all its access tokens. Raises KeyError for an unknown token."""
        self.grants[refresh_token].revoked = True
        self.tokens = {key: token for key, token in self.tokens.items() if token.refresh_token != refresh_token}

    def revoke_seller(self, seller_id: str) -> int:
        """End all authorisations of a seller; gives how many."""
        live = [grant for grant in self.grants.values() if grant.seller_id == seller_id and not grant.revoked]
        for grant in live:
            self.revoke(grant.refresh_token)
        return len(live)

    def expire_tokens(self, seller_id: str | None = None) -> int:
        """Let access tokens (of one seller, or all) be expired now; gives how many."""
        now = self._clock.now_ms()
        live = [
            token
            for token in self.tokens.values()
            if token.expires_ms > now and (seller_id is None or token.seller_id == seller_id)
        ]
        for token in live:
            token.expires_ms = now
        return len(live)

    def issue(
        self,
        client_id: str,
        *,
        seller_id: str | None = None,
        scope: str | None = None,
        refresh_token: str | None = None,
        paths: tuple[tuple[str, str], ...] = (),
        elements: tuple[tuple[str, ...], ...] = (),
    ) -> AccessToken:
        """Issue an access token for an hour; with `paths` a restricted one."""
        now = self._clock.now_ms()
        if len(self.tokens) > PRUNE_ABOVE:
            self.tokens = {key: token for key, token in self.tokens.items() if token.expires_ms > now - 3_600_000}
        prefix = "Atz.sprdt|" if paths else "Atza|" if seller_id else "Atc|"
        token = AccessToken(
            value=prefix + self._streams.hex("access", 64),
            client_id=client_id,
            seller_id=seller_id,
            scope=scope,
            refresh_token=refresh_token,
            expires_ms=now + ACCESS_TOKEN_SECONDS * 1000,
            paths=paths,
            elements=elements,
        )
        self.tokens[token.value] = token
        return token

    def knows_secret(self, application: Application, secret: str) -> bool:
        """Tell whether `secret` is one that the application may use now."""
        now = self._clock.now_ms()
        return any(
            known.value == secret and (known.expires_ms is None or known.expires_ms > now)
            for known in application.secrets
        )

    def _new_secret(self) -> str:
        return f"amzn1.oa2-cs.v1.{self._streams.hex('secret', 64)}"
