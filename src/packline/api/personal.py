"""Looks at personal data through the API: only by keys that need it, and each of them written down before."""

from fastapi import Request

from packline.api.access import key_of, services_of
from packline.domain.audit import Seen
from packline.domain.person import LOOKS_OF_KEYS, Look
from packline.errors import Forbidden


def may_look(request: Request, kind: Look) -> bool:
    """Tell whether the key of a request may see this kind of personal data."""
    return kind in LOOKS_OF_KEYS[key_of(request).role]


async def look(request: Request, *seen: Seen) -> None:
    """Write down what the key of a request is about to see.

    Raises Forbidden where it may not see it.
    """
    refused = next((one.look for one in seen if not may_look(request, one.look)), None)
    if refused is not None:
        role = key_of(request).role.word
        raise Forbidden(f"A key of role {role} sees no personal data, and this is {refused.value} data of a buyer.")
    services, address = services_of(request), request.client.host if request.client else ""
    await services.audit.looked(services.clock.now(), key_of(request).id, seen, address)
