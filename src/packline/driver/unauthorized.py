"""Amazon no longer accepts an account's authorisation: all of its work stops until a person has mended it."""

import structlog

from packline.driver.ownership import Guard
from packline.errors import Unauthorized
from packline.ports import AccountStore

log = structlog.get_logger(__name__)


async def stop_unauthorized(accounts: AccountStore, guard: Guard, error: Unauthorized) -> None:
    """Pause the account of `guard` and say why; calls that are under way may still tell how they ended."""
    account = guard.ownership.account
    guard.pause("Amazon does not accept this account's authorisation; it is paused.")
    await accounts.unauthorized(account, error.message)
    log.warning("account.unauthorized", account=account, reason=error.message)
