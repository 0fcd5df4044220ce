"""Forms: read, checked to come from a page of ours, and answered with a way back and a notice."""

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from packline.console.guard import Notice, is_ours, session_of
from packline.console.words import mark, t
from packline.domain.api_key import Role
from packline.domain.person import OF_ROLE, PersonRole
from packline.errors import Forbidden

LONGEST = 4_000_000  # bytes of a form: ten thousand ids and more
ROLE_WORDS = {
    PersonRole.VIEWER: mark("viewer"),
    PersonRole.SUPPORT: mark("support"),
    PersonRole.PACKER: mark("packer"),
    PersonRole.MANAGER: mark("manager"),
    PersonRole.ADMIN: mark("admin"),
}


class Form(Mapping[str, str]):
    """The fields of a form; `all` gives every value of a name."""

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        """Keep what was sent."""
        self._fields = fields

    def __getitem__(self, name: str) -> str:
        """Give the first value of a field."""
        return self._fields[name][0]

    def __iter__(self) -> Iterator[str]:
        """List the names."""
        return iter(self._fields)

    def __len__(self) -> int:
        """Count the names."""
        return len(self._fields)

    def all(self, name: str) -> list[str]:
        """Give every value of a field."""
        return list(self._fields.get(name, ()))


async def take(request: Request, role: Role = Role.PACKER) -> Form:
    """Read a form that came from a page of this session, of somebody who may do this.

    Raises Forbidden otherwise.
    """
    form = Form(
        parse_qs((await request.body())[:LONGEST].decode(errors="replace").replace("%00", ""), keep_blank_values=True)
    )
    if not is_ours(request, form.get("token", "")):
        raise Forbidden(
            t("This form is out of date; nothing was done."), hint=t("Open the page again and try once more.")
        )
    need(request, role)
    return form


def need(request: Request, role: Role) -> None:
    """Raise Forbidden where whoever is signed in may not do this."""
    session = session_of(request)
    if session.key.role >= role:
        return
    if session.person is None:
        raise Forbidden(
            t("You may look, but not do this: your role is {role}.", role=session.key.role.word),
            hint=t("Sign in with a key of the role {role}.", role=role.word),
        )
    raise Forbidden(
        t("You may look, but not do this: your role is {role}.", role=t(ROLE_WORDS[session.person.role])),
        hint=t("Ask somebody of the role {role}.", role=t(ROLE_WORDS[OF_ROLE[role]])),
    )


def need_people(request: Request) -> None:
    """Raise Forbidden where whoever is signed in may not change people."""
    if not session_of(request).rules:
        raise Forbidden(
            t("Only an admin without limits may see and change people."), hint=t("Ask one of them to do it.")
        )


def may(request: Request, role: Role) -> bool:
    """Tell whether whoever is signed in may do this."""
    return session_of(request).key.role >= role


def by_whom(request: Request) -> str:
    """Name whoever is signed in, for the audit."""
    return session_of(request).who


def safe(back: str, otherwise: str = "/") -> str:
    """Give an address inside this console, never another site's."""
    fits = back.startswith("/") and not back.startswith(("//", "/\\")) and back.isprintable()  # browsers drop tabs
    return back if fits else otherwise


def go_back(request: Request, back: str, notice: Notice | None = None, otherwise: str = "/") -> Response:
    """Lead back to the page, which says the notice once."""
    target = safe(back, otherwise)
    if notice is not None and notice.tone == "late":
        request.state.refused = "refused"
    if notice is not None and notice.message:
        name = session_of(request).keep(notice)
        joint = "&" if "?" in target else "?"
        target += joint + urlencode({"note": name})
    return RedirectResponse(target, 303)
