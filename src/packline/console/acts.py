"""What the forms of operators' pages share: refusals as notices, places of the reader's own, numbers."""

import secrets
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from packline.console import forms
from packline.console.forms import Form
from packline.console.frame import scope_of
from packline.console.guard import Notice
from packline.console.words import t, tell
from packline.domain.api_key import Role
from packline.errors import Forbidden, Invalid, NotFound, PacklineError

Act = Callable[[Form], Awaitable[Notice | None]]
NUMBER_AT_MOST = 1_000_000_000


async def given(request: Request, role: Role, here: str, act: Act) -> Response:
    """Take a form, do what it asks for, and lead back with what came of it; a refusal says why and what to do.

    Raises Forbidden where the form is not ours or the role is too low.
    """
    form = await forms.take(request, role)
    try:
        notice = await act(form)
    except PacklineError as error:
        notice = refusal(error)
    return forms.go_back(request, form.get("back", here), notice, here)


def refusal(error: PacklineError) -> Notice:
    """Put a refusal into words, with every field that is wrong."""
    faults = [f"{fault.pointer.strip('/')}: {tell(fault.message)}" for fault in getattr(error, "errors", ())]
    return Notice(" ".join([tell(error.message), *faults]), tell(error.hint), "late")


def must_see(request: Request, account: str, location: str | None = None) -> None:
    """Raise NotFound where a place is not the reader's; without a location, all of the account's must be."""
    scope = scope_of(request)
    if not scope.sees(account, location or None) or (not location and scope.locations is not None):
        raise NotFound(t("There is no such place."), hint=t("Name a location that is yours to see."))


def is_bound(request: Request) -> bool:
    """Tell whether the reader sees only some accounts or locations."""
    scope = scope_of(request)
    return scope.accounts is not None or scope.locations is not None


def must_be_free(request: Request) -> None:
    """Raise Forbidden for a reader who sees only some accounts or locations: this is for all of them."""
    if is_bound(request):
        raise Forbidden(
            t("This is for all accounts, and you see only some."), hint=t("Sign in with a key that sees all.")
        )


def once() -> str:
    """Make a key for a form: sent twice, it counts once."""
    return secrets.token_hex(12)


def whole(form: Form, name: str, label: str) -> int:
    """Read a whole number of a form. Raises Invalid."""
    text = form.get(name, "").replace(",", "").replace("\u2212", "-").strip()
    try:
        number = int(text)
    except ValueError:
        raise _no_number(label, text) from None
    if abs(number) > NUMBER_AT_MOST:
        raise _no_number(label, text)
    return number


def maybe_whole(form: Form, name: str, label: str) -> int | None:
    """Read a whole number that may be left out. Raises Invalid."""
    return whole(form, name, label) if form.get(name, "").strip() else None


def _no_number(label: str, text: str) -> Invalid:
    return Invalid(t("{field}: {given} is no number.", field=label, given=text or "–"), hint=t("Nothing was done."))
