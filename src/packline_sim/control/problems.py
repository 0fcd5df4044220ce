"""What the control API says when it cannot do what was asked: RFC 9457 problem details."""

import msgspec
from starlette.responses import Response

from packline_sim.control.reading import BadInput, FieldError
from packline_sim.world import BadMove, BadSpec, NotThere

_encode = msgspec.json.Encoder().encode


class ProblemDetails(msgspec.Struct, frozen=True, omit_defaults=True):
    """Say what happened and why (`detail`), what to do (`hint`) and, for bad input, every field at fault."""

    title: str
    status: int
    detail: str
    hint: str = ""
    type: str = "about:blank"
    errors: tuple[FieldError, ...] = ()


class Refused(Exception):
    """The request is understood and cannot be done; carries the problem that the caller reads."""

    def __init__(self, status: int, title: str, detail: str, hint: str = "") -> None:
        super().__init__(detail)
        self.problem = ProblemDetails(title=title, status=status, detail=detail, hint=hint)


def not_found(noun: str, name: str, hint: str = "") -> Refused:
    """Build the refusal for a thing that this Amazon does not know."""
    return Refused(404, f"No such {noun}", f"There is no {noun} {name!r} in this simulator.", hint)


def problem_of(failure: Exception) -> ProblemDetails:
    """Say in problem details what a refusal of the world or of the reading means to the caller."""
    if isinstance(failure, Refused):
        return failure.problem
    if isinstance(failure, BadSpec):
        return _bad_input(BadInput(FieldError(f"/{failure.field}", str(failure))))
    if isinstance(failure, BadInput):
        return _bad_input(failure)
    if isinstance(failure, NotThere):
        return ProblemDetails(title=f"No such {failure.kind}", status=404, detail=str(failure))
    if isinstance(failure, BadMove):
        return ProblemDetails(title="Not possible now", status=409, detail=str(failure))
    return ProblemDetails(title="Bad input", status=422, detail=str(failure))


def _bad_input(refusal: BadInput) -> ProblemDetails:
    count = len(refusal.errors)
    return ProblemDetails(
        title="Bad input",
        status=422,
        detail=f"{count} {'field needs' if count == 1 else 'fields need'} mending.",
        hint="Each entry of `errors` names a field by JSON pointer; /_sim/openapi.json describes them all.",
        errors=refusal.errors,
    )


def problem_response(problem: ProblemDetails) -> Response:
    """Answer a problem as application/problem+json."""
    return Response(_encode(problem), status_code=problem.status, media_type="application/problem+json")
