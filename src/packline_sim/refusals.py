"""How the simulated Amazon says no: statuses, codes and texts of External Fulfillment errors (SP-API documentation)."""

from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from packline_sim.switches import Switches

SC_CODES = {
    "InternalFailure": "SC_00000",
    "ServiceUnavailable": "SC_00001",
    "InvalidInput": "SC_00002",
    "NotFound": "SC_00003",
    "DuplicateRequest": "SC_00004",
    "Forbidden": "SC_00005",
    "Unauthorized": "SC_00005",
    "RateLimited": "SC_00007",
    "ServerBusy": "SC_10000",
}
# What follows Seller Central's conventions; the other APIs are External Fulfillment's and the tokens'.
PLAIN_PREFIXES = ("/orders/", "/easyShip/", "/feeds/", "/reports/", "/listings/", "/notifications/")
SPACED = {"InvalidInput": "Invalid Input", "NotFound": "Not Found", "DuplicateRequest": "Duplicate Request"}
_encode = msgspec.json.Encoder().encode


class Problem(NamedTuple):
    """State one error of an answer."""

    code: str
    message: str
    details: str | None = None


class Refusal(Exception):
    """A call that is refused, with everything that the answer says."""

    def __init__(self, status: int, *problems: Problem) -> None:
        super().__init__(f"{status}: {problems[0].message}")
        self.status = status
        self.problems = problems

    @property
    def code(self) -> str:
        """Give the first error's code."""
        return self.problems[0].code

    def body(self, switches: "Switches", path: str) -> bytes:
        """Write the answer's body; the switches about error codes concern the External Fulfillment APIs only."""
        if path.startswith(PLAIN_PREFIXES):
            return _encode({"errors": [plain_error(problem) for problem in self.problems]})
        return _encode({"errors": [as_error(problem, switches) for problem in self.problems]})


def as_error(problem: Problem, switches: "Switches") -> dict[str, str]:
    """Write one error in the style that the switches choose."""
    code, details = problem.code, problem.details
    style = switches["error_codes"]
    number = SC_CODES.get(code)
    if style == "short_with_sc_details" and number is not None:
        details = f"{number} {details}" if details else number
    if style == "sc" and number is not None:
        code = number
    elif switches["error_spelling"] == "spaced":
        code = SPACED.get(code, code)
    error = {"code": code, "message": problem.message}
    if details is not None:
        error["details"] = details
    return error


def plain_error(problem: Problem) -> dict[str, str]:
    """Write one error as the APIs of Seller Central do."""
    error = {"code": problem.code, "message": problem.message}
    if problem.details is not None:
        error["details"] = problem.details
    return error


def invalid_input(value: object, parameter: str, details: str | None = None) -> Problem:
    """State that a parameter's value cannot be used."""
    return Problem("InvalidInput", f"Invalid input '{value}' for parameter '{parameter}'", details)


def bad_request(*problems: Problem) -> Refusal:
    """Refuse with 400."""
    return Refusal(400, *problems)


def not_found(kind: str, wanted: str) -> Refusal:
    """Refuse with 404: there is no such entity."""
    return Refusal(404, Problem("NotFound", f"Requested Entity with '{kind}' '{wanted}' is not found."))


def artifact_not_found(kind: str) -> Refusal:
    """Refuse with 404: the document does not exist yet."""
    return Refusal(404, Problem("NotFound", f"Requested artifact of type '{kind}' not found"))


def duplicate(kind: str, wanted: str, details: str | None = None) -> Refusal:
    """Refuse with 409: this was done already."""
    return Refusal(409, Problem("DuplicateRequest", f"Duplicate clientToken exists for '{kind}' '{wanted}'", details))


def in_progress(shipment_id: str, operation: str) -> Refusal:
    """Refuse with 409: another call on the shipment is under way."""
    message = f"Requested operation is already in progress for 'shipmentId' '{shipment_id}'"
    return Refusal(409, Problem("DuplicateRequest", message, f"{operation} is under way."))


def unauthorized(status: int, details: str) -> Refusal:
    """Refuse an access token."""
    return Refusal(status, Problem("Unauthorized", "Access to requested resource is denied.", details))


def forbidden(details: str) -> Refusal:
    """Refuse with 403: this seller or application may not."""
    return Refusal(403, Problem("Forbidden", "Request is forbidden", details))


def throttled(path: str) -> Refusal:
    """Refuse with 429, in the words of the API that the path belongs to."""
    return RATE_LIMITED if path.startswith("/externalFulfillment/") else QUOTA_EXCEEDED


RATE_LIMITED = Refusal(429, Problem("RateLimited", "Temporary failure occurred, retry operation after some time."))
QUOTA_EXCEEDED = Refusal(429, Problem("QuotaExceeded", "You exceeded your quota for the requested resource.", ""))
INTERNAL_FAILURE = Refusal(500, Problem("InternalFailure", "Internal failure occurred, contact Amazon Support."))
INTERNAL_SERVER_ERROR = Refusal(500, Problem("InternalServerError", "An internal error occurred. Try again later."))
UNAVAILABLE = Refusal(503, Problem("ServiceUnavailable", "Temporary failure occurred, retry operation"))
SERVER_BUSY = Refusal(
    409, Problem("ServerBusy", "Requested operation will be ignored as workflow is already running for the shipment.")
)
