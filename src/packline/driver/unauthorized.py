"""Amazon no longer accepts an account's authorisation: all of its work stops until a person has mended it.

Where only one API is closed, as a role is missing or was taken away, only what needs that API waits.
"""

import structlog

from packline.domain.areas import area_of
from packline.driver.ownership import Guard
from packline.errors import Unauthorized
from packline.ports import AccountStore

log = structlog.get_logger(__name__)


async def stop_unauthorized(accounts: AccountStore, guard: Guard, error: Unauthorized) -> None:
    """Pause the account of `guard` and say why; calls that are under way may still tell how they ended.

    A refused sign-in pauses the account. A refusal of one API, with a token that Amazon gave a moment ago, pauses
    nothing while another API of the account is answered: a person is told, and what needs it is tried again later.
    """
    account, area = guard.ownership.account, area_of(error.operation)
    if area is not None and await accounts.is_answered_elsewhere(account, area.operations):
        reason = (
            f"Amazon does not let this account into {area.name} ({error.message}). What needs it waits and goes on by"
            f" itself; all else goes on now. Give the application the role {area.roles}, and let the seller"
            " authorise it again."
        )
        await accounts.closed(account, area.name, reason)
        log.warning("account.api_closed", account=account, api=area.name, reason=error.message)
        return
    guard.pause("Amazon does not accept this account's authorisation; it is paused.")
    await accounts.unauthorized(account, error.message)
    log.warning("account.unauthorized", account=account, reason=error.message)
