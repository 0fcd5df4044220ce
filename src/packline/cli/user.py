"""`packline user`: people at the console, their roles, their links to choose a password, their sessions."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from cyclopts import App, Parameter

from packline.cli.looking import BY
from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services
    from packline.commands.people import Change, PeopleDesk

app = App(name="user", help="People at the console: add, list, link, change, disable, sign out.")
LIST = ("name", "role", "full_name", "accounts", "locations", "sessions", "last_seen_at", "locked_until", "disabled_at")
Result = TypeVar("Result")
Role = Literal["viewer", "support", "packer", "manager", "admin"]


@app.command
def add(
    name: str,
    *,
    role: Role = "packer",
    full_name: str = "",
    account: tuple[str, ...] = (),
    location: tuple[str, ...] = (),
    admin: Annotated[bool, Parameter(negative="")] = False,
    password_stdin: Annotated[bool, Parameter(negative="")] = False,
    place: Place = HERE,
) -> None:
    """Add somebody; prints a link that lets the person choose a password, once, within a day.

    Parameters
    ----------
    name
        To sign in with; never given to somebody else later.
    role
        viewer and support look and see no personal data; packer packs and prints; manager mends; admin does all.
    full_name
        As people call the person.
    account
        Only for these accounts; repeat for several.
    location
        Only for these locations; repeat for several.
    admin
        The same as --role admin.
    password_stdin
        Read a password from standard input instead of making a link.
    """
    import sys

    password = sys.stdin.readline().rstrip("\n") if password_stdin else None

    async def work(services: "Services") -> dict[str, Any]:
        from packline.bootstrap import people_desk
        from packline.commands.people import NewPerson

        desk = people_desk(services)
        wanted = NewPerson(name, "admin" if admin else role, full_name, account or None, location or None)
        person = await desk.add(wanted, BY, password=password)
        made = {"id": person.id, "name": person.name, "role": person.role.value}
        return made if password is not None else {**made, **await _link(services, desk, person.id)}

    made = place.work(work)
    place.printer.one(made)
    if "link" in made:
        place.printer.say("Give the link to the person; it works once.", "dim")


@app.command
def link(name: str, *, place: Place = HERE) -> None:
    """Make a link with which somebody chooses a new password; it replaces the one before."""

    async def work(services: "Services") -> dict[str, Any]:
        from packline.bootstrap import people_desk

        return {"name": name, **await _link(services, people_desk(services), name)}

    place.printer.one(place.work(work))


@app.command(name="list")
def list_people(*, role: Role | None = None, search: str | None = None, place: Place = HERE) -> None:
    """List people by name.

    Parameters
    ----------
    role
        Only this role.
    search
        Only those whose name holds this.
    """

    async def work(services: "Services") -> list[Any]:
        from packline.domain.person import PersonRole
        from packline.views.people import people

        rows: list[Any] = []
        after: str | None = None
        wanted = PersonRole(role) if role else None
        while True:
            found = await people(
                services.pool, services.clock.now(), _idle(services), role=wanted, search=search, limit=200, after=after
            )
            rows += found.items
            after = found.next
            if after is None:
                return rows

    place.printer.rows(place.work(work), *LIST, empty="Nobody yet; `packline user add` adds the first one.")


@app.command
def show(name: str, *, place: Place = HERE) -> None:
    """Show somebody, and where the person is signed in."""

    async def work(services: "Services") -> tuple[Any, list[Any]]:
        from packline.views import people

        now, idle = services.clock.now(), _idle(services)
        person = await people.person(services.pool, now, idle, name)
        return person, await people.sessions(services.pool, now, idle, person["id"])

    person, sessions = place.work(work)
    if place.json:
        place.printer.line({**person, "open_sessions": sessions})
        return
    place.printer.one(person)
    place.printer.rows(sessions, "id", "agent", "address", "created_at", "seen_at", "ends_at", empty="In no browser.")


@app.command
def change(
    name: str,
    *,
    role: Role | None = None,
    full_name: str | None = None,
    account: tuple[str, ...] | None = None,
    location: tuple[str, ...] | None = None,
    no_limits: Annotated[bool, Parameter(negative="")] = False,
    place: Place = HERE,
) -> None:
    """Change somebody's role, full name or limits; it counts within five seconds.

    Parameters
    ----------
    role
        What the person may do from now on.
    full_name
        As people call the person.
    account
        Only for these accounts from now on; repeat for several.
    location
        Only for these locations from now on; repeat for several.
    no_limits
        For all accounts and locations from now on.
    """
    from packline.commands.people import Change

    limits: tuple[str, ...] | None = () if no_limits else None
    wanted = Change(full_name, role, account or limits, location or limits)
    place.printer.one(_changed(place, name, wanted))


@app.command
def disable(name: str, *, place: Place = HERE) -> None:
    """Let somebody in no more: all sessions end within five seconds. The name stays in the audit."""
    from packline.commands.people import Change

    _changed(place, name, Change(disabled=True))
    place.printer.say(f"{name} is disabled and signed out everywhere.")


@app.command
def enable(name: str, *, place: Place = HERE) -> None:
    """Let somebody in again."""
    from packline.commands.people import Change

    _changed(place, name, Change(disabled=False))
    place.printer.say(f"{name} may sign in again.")


@app.command
def unlock(name: str, *, place: Place = HERE) -> None:
    """Forget somebody's wrong passwords."""
    _done(place, lambda desk: desk.unlock(name, BY))
    place.printer.say(f"The wrong passwords of {name} are forgotten.")


@app.command
def disconnect(name: str, *, place: Place = HERE) -> None:
    """Disconnect somebody from the identity provider, and sign the person out everywhere."""
    _done(place, lambda desk: desk.disconnect(name, BY))
    place.printer.say(f"{name} is connected with no identity provider any more.")


@app.command
def sign_out(name: str, *, session: str | None = None, place: Place = HERE) -> None:
    """Sign somebody out everywhere, or in one browser.

    Parameters
    ----------
    session
        Only this session, of those that `packline user show` lists.
    """
    ended = _done(place, lambda desk: desk.sign_out(name, BY, session=session))
    place.printer.say(f"{name}: {ended} {'session' if ended == 1 else 'sessions'} ended.")


def _done(place: Place, act: "Callable[[PeopleDesk], Awaitable[Result]]") -> Result:
    async def work(services: "Services") -> Result:
        from packline.bootstrap import people_desk

        return await act(people_desk(services))

    return place.work(work)


def _changed(place: Place, name: str, wanted: "Change") -> Any:
    async def work(services: "Services") -> Any:
        from packline.bootstrap import people_desk
        from packline.views import people

        person = await people_desk(services).change(name, wanted, BY)
        return await people.person(services.pool, services.clock.now(), _idle(services), person.id)

    return place.work(work)


async def _link(services: "Services", desk: "PeopleDesk", name: str) -> dict[str, Any]:
    made = await desk.invite(name, BY)
    settings = services.settings
    url = (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")
    return {"link": f"{url}{made.path}", "until": made.until}


def _idle(services: "Services") -> Any:
    from datetime import timedelta

    return timedelta(hours=services.settings.session_idle_h)
