"""One control operation: where it lives, what it reads and answers, taken from its function's signature."""

import inspect
import re
import typing
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from packline_sim.control.problems import Refused, problem_of, problem_response
from packline_sim.control.reading import BadInput, FieldError, read
from packline_sim.control.stage import Stage
from packline_sim.world import NotThere

PREFIX = "/_sim"
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Endpoint:
    """Describe one operation of the control API.

    `does` takes the stage first; parameters named in the path arrive as text, `body` and `query` as structs.
    """

    method: str
    path: str
    does: Callable[..., Any]
    status: int = 200

    @property
    def name(self) -> str:
        return self.does.__name__

    @property
    def summary(self) -> str:
        return (inspect.getdoc(self.does) or "").split("\n", maxsplit=1)[0]

    @property
    def description(self) -> str:
        return (inspect.getdoc(self.does) or "").partition("\n")[2].strip()

    @property
    def path_parameters(self) -> list[str]:
        return re.findall(r"{(\w+)(?::\w+)?}", self.path)

    @property
    def types(self) -> dict[str, Any]:
        return typing.get_type_hints(self.does, include_extras=True)


def get(path: str, does: Callable[..., Any]) -> Endpoint:
    """Describe a read."""
    return Endpoint("GET", path, does)


def post(path: str, does: Callable[..., Any], status: int = 200) -> Endpoint:
    """Describe an action, or with status 201 a creation."""
    return Endpoint("POST", path, does, status)


def patch(path: str, does: Callable[..., Any]) -> Endpoint:
    """Describe a change of some fields."""
    return Endpoint("PATCH", path, does)


def delete(path: str, does: Callable[..., Any]) -> Endpoint:
    """Describe a removal."""
    return Endpoint("DELETE", path, does)


def route(endpoint: Endpoint, stage: Stage) -> Route:
    """Mount an operation on Starlette; bad input and refusals become problem details."""
    return Route(PREFIX + endpoint.path, _answering(endpoint, stage), methods=[endpoint.method])


def _answering(endpoint: Endpoint, stage: Stage) -> Callable[[Request], Awaitable[Response]]:
    types = endpoint.types
    body_type, query_type = types.get("body"), types.get("query")

    async def answer(request: Request) -> Response:
        try:
            given: dict[str, Any] = dict(request.path_params)
            if query_type is None:
                _refuse_query(request)
            else:
                given["query"] = read(query_type, dict(request.query_params), from_text=True)
            if body_type is not None:
                given["body"] = read(body_type, _json(await request.body()))
            result = endpoint.does(stage, **given)
            if inspect.isawaitable(result):
                result = await result
        except (BadInput, Refused, NotThere, ValueError) as refusal:
            return problem_response(problem_of(refusal))
        return Response(_encode(result), status_code=endpoint.status, media_type="application/json")

    return answer


def _refuse_query(request: Request) -> None:
    if request.query_params:
        raise BadInput(*(FieldError(f"/{name}", "this operation takes no query") for name in request.query_params))


def _json(body: bytes) -> Any:
    if not body:
        return {}
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as refusal:
        raise Refused(400, "Not JSON", f"The body is not valid JSON: {refusal}.", "Send a JSON object.") from None
