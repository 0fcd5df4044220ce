"""`/v1/users`: people at the console, their links to choose a password, their sessions."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field
from typing_extensions import TypedDict

from packline.api.access import key_of, needs, refuse_bound_key, services_of
from packline.api.answers import Json
from packline.api.idempotent import KEYED, IdempotentRoute
from packline.api.parameters import After, Limit
from packline.api.requests import Body, Text
from packline.commands.people import Change, Link, NewPerson
from packline.domain.api_key import Role
from packline.domain.person import PersonRole
from packline.views import people
from packline.views.people import PersonRow, SessionRow

router = APIRouter(
    prefix="/users", tags=["users"], route_class=IdempotentRoute, dependencies=[needs(Role.ADMIN), KEYED]
)
Reference = Annotated[str, Path(description="`usr_...`, or the name that the person signs in with.", max_length=200)]


class PersonPage(TypedDict):
    """A page of people."""

    items: list[PersonRow]
    next: str | None


class SessionList(TypedDict):
    """The open sessions of a person."""

    items: list[SessionRow]


class LinkRow(TypedDict):
    """A link with which a person chooses a password, once; shown only now."""

    link: str
    until: datetime


class NewPersonRow(PersonRow):
    """A new person, with the link to choose a password."""

    link: str


class EndedRow(TypedDict):
    """How many sessions were ended."""

    ended: int


class PersonIn(Body):
    """Somebody to add. Without limits the person sees all accounts and locations."""

    name: Text = Field(examples=["asha"], description="To sign in with; never given to somebody else later.")
    role: PersonRole = Field(examples=["packer"])
    full_name: str = Field(default="", max_length=120)
    accounts: list[Text] | None = Field(default=None, max_length=1000)
    locations: list[Text] | None = Field(default=None, max_length=1000)


class PersonPatch(Body):
    """What is to change; what is left out stays. An empty list takes limits away. `disabled` ends all sessions."""

    role: PersonRole | None = None
    full_name: str | None = Field(default=None, max_length=120)
    accounts: list[Text] | None = Field(default=None, max_length=1000)
    locations: list[Text] | None = Field(default=None, max_length=1000)
    disabled: bool | None = None


@router.get("", response_model=PersonPage)
async def list_users(
    request: Request,
    role: PersonRole | None = None,
    disabled: bool | None = None,
    search: Annotated[str | None, Query(max_length=200, description="A part of the name or the full name.")] = None,
    limit: Limit = 50,
    after: After = None,
) -> Any:
    """List people by name."""
    refuse_bound_key(request)
    services = services_of(request)
    idle = services.settings.session_idle
    found = await people.people(
        services.pool,
        services.clock.now(),
        idle,
        role=role,
        disabled=disabled,
        search=search,
        limit=limit,
        after=after,
    )
    return Json(found)


@router.post("", status_code=201, response_model=NewPersonRow)
async def add_user(request: Request, body: PersonIn) -> Any:
    """Add a person and make the link to choose a password with; it is shown this once, and works once, for a day."""
    refuse_bound_key(request)
    services, by = services_of(request), key_of(request).id
    accounts = None if body.accounts is None else tuple(body.accounts) or None
    locations = None if body.locations is None else tuple(body.locations) or None
    person = await services.people.add(NewPerson(body.name, body.role, body.full_name, accounts, locations), by)
    link = _link(request, await services.people.invite(person.id, by))
    row = await _row(request, person.id)
    return Json({**row, "link": link["link"]}, 201, headers={"Cache-Control": "no-store"})


@router.get("/{user}", response_model=PersonRow)
async def show_user(request: Request, user: Reference) -> Any:
    """Show one person."""
    refuse_bound_key(request)
    return Json(await _row(request, user))


@router.patch("/{user}", response_model=PersonRow)
async def change_user(request: Request, user: Reference, body: PersonPatch) -> Any:
    """Change a person's role, limits or name, or disable them; it counts everywhere within five seconds."""
    refuse_bound_key(request)
    change = Change(
        body.full_name,
        body.role,
        None if body.accounts is None else tuple(body.accounts),
        None if body.locations is None else tuple(body.locations),
        body.disabled,
    )
    person = await services_of(request).people.change(user, change, key_of(request).id)
    return Json(await _row(request, person.id))


@router.post("/{user}/link", status_code=201, response_model=LinkRow)
async def make_user_link(request: Request, user: Reference) -> Any:
    """Make a link with which the person chooses a new password; it replaces the one before."""
    refuse_bound_key(request)
    made = await services_of(request).people.invite(user, key_of(request).id)
    return Json(_link(request, made), 201, headers={"Cache-Control": "no-store"})


@router.post("/{user}/unlock", status_code=204)
async def unlock_user(request: Request, user: Reference) -> Response:
    """Forget the person's wrong passwords."""
    refuse_bound_key(request)
    await services_of(request).people.unlock(user, key_of(request).id)
    return Response(status_code=204)


@router.delete("/{user}/identity", status_code=204)
async def disconnect_user(request: Request, user: Reference) -> Response:
    """Disconnect the person from the identity provider, and sign them out everywhere."""
    refuse_bound_key(request)
    await services_of(request).people.disconnect(user, key_of(request).id)
    return Response(status_code=204)


@router.get("/{user}/sessions", response_model=SessionList)
async def list_user_sessions(request: Request, user: Reference) -> Any:
    """List where the person is signed in."""
    refuse_bound_key(request)
    services = services_of(request)
    person = await services.people.known(user)
    now, idle = services.clock.now(), services.settings.session_idle
    return Json({"items": await people.sessions(services.pool, now, idle, person.id)})


@router.delete("/{user}/sessions", response_model=EndedRow)
async def end_user_sessions(request: Request, user: Reference) -> Any:
    """Sign the person out everywhere."""
    refuse_bound_key(request)
    return Json({"ended": await services_of(request).people.sign_out(user, key_of(request).id)})


@router.delete("/{user}/sessions/{session}", response_model=EndedRow)
async def end_user_session(request: Request, user: Reference, session: str) -> Any:
    """Sign the person out in one browser."""
    refuse_bound_key(request)
    ended = await services_of(request).people.sign_out(user, key_of(request).id, session=session)
    return Json({"ended": ended})


async def _row(request: Request, user: str) -> PersonRow:
    services = services_of(request)
    return await people.person(services.pool, services.clock.now(), services.settings.session_idle, user)


def _link(request: Request, made: Link) -> LinkRow:
    url = services_of(request).settings.console_url or str(request.base_url)
    return LinkRow(link=url.rstrip("/") + made.path, until=made.until)
