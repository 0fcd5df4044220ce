"""The error family: what went wrong, why, and what a person can do about it."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple


class PacklineError(Exception):
    """Packline could not do what was asked."""

    code: ClassVar[str] = "packline_error"
    http_status: ClassVar[int] = 500
    default_hint: ClassVar[str] = "Run `packline doctor`; if it finds nothing, report the message and the request id."

    def __init__(self, message: str = "", *, hint: str = "", reason: str = "") -> None:
        """Keep `message` (default: the class docstring), the cure, and `reason`, a stable word finer than `code`."""
        super().__init__(message or (type(self).__doc__ or "").strip())
        self.hint = hint or self.default_hint
        self.reason = reason or self.code

    @property
    def message(self) -> str:
        """Say what happened and why, in one sentence."""
        return str(self.args[0])


class FieldError(NamedTuple):
    """Point at one field of the input (RFC 6901 pointer) and say what is wrong with it."""

    pointer: str
    message: str


class Invalid(PacklineError):
    """The input is not acceptable."""

    code, http_status = "invalid", 422
    default_hint = "Correct the fields that `errors` points at and send it again."

    def __init__(
        self, message: str = "", *, errors: tuple[FieldError, ...] = (), hint: str = "", reason: str = ""
    ) -> None:
        """Keep every field that is wrong, all at once."""
        super().__init__(message, hint=hint, reason=reason)
        self.errors = errors


class NotFound(PacklineError):
    """There is no such resource, or it is not yours to see."""

    code, http_status = "not_found", 404
    default_hint = "Check the id and the account; a shipment appears after the next intake."


class Conflict(PacklineError):
    """The request contradicts what is already stored."""

    code, http_status = "conflict", 409
    default_hint = "Read the resource again and decide from its present state."


class Denied(PacklineError):
    """Packline refused the command before anything was sent to Amazon."""

    code, http_status = "denied", 409
    default_hint = "Ask `packline shipment explain` what the shipment allows now."


class Fenced(PacklineError):
    """Another worker owns this account now; this one must not write or call any more."""

    code, http_status = "fenced", 409
    default_hint = "Nothing to do: the new owner carries on."


class Unauthenticated(PacklineError):
    """The request carries no API key, or one that is not good any more."""

    code, http_status = "unauthenticated", 401
    default_hint = "Send `Authorization: Bearer <key>`; make a key with `packline api-key create`."


class Forbidden(PacklineError):
    """The API key may not do this."""

    code, http_status = "forbidden", 403
    default_hint = "Use a key with a higher role, or with this account and location in its scope."


class TooManyRequests(PacklineError):
    """The API key has used up its share of requests."""

    code, http_status = "too_many_requests", 429
    default_hint = "Wait as `Retry-After` says; bulk commands take up to 1,000 shipments in one request."


class StoreAway(PacklineError):
    """The database does not answer at this moment: it stops, starts, or cannot be reached."""

    code, http_status = "store_away", 503
    default_hint = "Send the same request again in some seconds; with its Idempotency-Key nothing is done twice."


class ProviderAway(PacklineError):
    """The seller's identity provider does not answer, so it cannot be told who somebody is."""

    code, http_status = "provider_away", 503
    default_hint = "Try again in a moment, or sign in with a password or an API key meanwhile."


class AmazonError(PacklineError):
    """Amazon did not do what was asked."""

    code, http_status = "amazon_error", 502

    def __init__(
        self,
        message: str = "",
        *,
        operation: str = "",
        status: int = 0,
        amazon_code: str = "",
        request_id: str = "",
        details: str = "",
        reread: bool = False,
        hint: str = "",
    ) -> None:
        """Keep Amazon's own words; `status` 0 means no answer; `reread` asks to read Amazon's state before deciding."""
        super().__init__(message, hint=hint)
        self.operation, self.status, self.amazon_code = operation, status, amazon_code
        self.request_id, self.details, self.reread = request_id, details, reread
        self.calls: tuple[Any, ...] = ()


class Rejected(AmazonError):
    """Amazon refused the call; nothing was changed."""

    code, http_status = "rejected", 409
    default_hint = "Read Amazon's reason; sending the same request again will be refused again."


class Throttled(AmazonError):
    """Amazon's quota for this operation is used up; the call was not executed."""

    code, http_status = "throttled", 503
    default_hint = "Nothing to do: the call keeps its place and is sent when the quota allows."


class Unauthorized(AmazonError):
    """Amazon does not accept this account's authorisation."""

    code, http_status = "unauthorized", 502
    default_hint = "Authorise the application again, or correct its client id and secret; then run `packline doctor`."


class Unavailable(AmazonError):
    """Amazon could not be reached or could not answer; nothing was changed."""

    code, http_status = "unavailable", 503
    default_hint = "Nothing to do: the call is repeated with growing pauses."


class Unresolved(AmazonError):
    """Amazon's answer did not arrive; the call may or may not have had its effect."""

    code, http_status = "unresolved", 503
    default_hint = "Nothing to do: Packline reads the state at Amazon and goes on from there."


class Unexpected(AmazonError):
    """Amazon's answer does not fit its own documentation."""

    code, http_status = "unexpected", 502
    default_hint = "The bytes are kept: attach `packline call bundle` to a report."


class DeliveryError(PacklineError):
    """An event could not be delivered to the seller's system."""

    code, http_status = "delivery_error", 502
    default_hint = "Check that the endpoint is reachable and answers 2xx within ten seconds."


class Anomaly(PacklineError):
    """What Amazon reports cannot be explained by the rules of the program."""

    code, http_status = "anomaly", 409
    default_hint = "A person should compare the shipment with Seller Central and then release it."


class ConfigError(PacklineError):
    """A setting is missing or wrong."""

    code, http_status = "config_error", 500
    default_hint = "Run `packline config show` to see where each value comes from."
