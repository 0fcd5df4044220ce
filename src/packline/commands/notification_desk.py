"""The desk for notifications: what the faces ask, with the account looked up and everything at hand."""

from packline.commands import notifications
from packline.commands.accounts import known_account
from packline.commands.inbox import take_notification
from packline.commands.notification_check import WAIT_S, Link, NotificationCheck
from packline.commands.notifications import QueueRegister, Settled
from packline.domain.notification import Notification
from packline.ports import AccountStore, Clock
from packline.ports.notifications import Queue, QueueKey, Queues, Subscriptions


class NotificationDesk:
    """Set up, check and end notifications."""

    def __init__(
        self, register: QueueRegister, amazon: Subscriptions, queues: Queues, accounts: AccountStore, clock: Clock
    ) -> None:
        """Write into `register` what `amazon` was told."""
        self._register, self._amazon, self._queues = register, amazon, queues
        self._accounts, self._clock = accounts, clock

    async def put_queue(self, queue: Queue, key: QueueKey | None) -> Queue:
        """Add a queue, or write it again.

        Raises Invalid.
        """
        return await notifications.put_queue(self._register, self._clock, queue, key)

    async def remove_queue(self, queue: str) -> None:
        """Forget a queue.

        Raises NotFound.
        """
        await notifications.remove_queue(self._register, queue)

    async def set_up(self, account: str, queue: str = "", *, replace: bool = False) -> list[Settled]:
        """Have Amazon send all that an account must hear into a queue.

        Raises NotFound, Invalid, Conflict and the AmazonError family.
        """
        known = await known_account(self._accounts, account)
        return await notifications.set_up(self._register, self._amazon, self._clock, known, queue, replace=replace)

    async def shut_off(self, account: str) -> list[str]:
        """End the subscriptions of an account; gives their types.

        Raises NotFound and the AmazonError family.
        """
        known = await known_account(self._accounts, account)
        return await notifications.shut_off(self._register, self._amazon, known)

    async def take(self, account: str, told: Notification, body: bytes) -> bool:
        """Take one notification that came by another way than a queue; False where it was there already.

        Raises NotFound, or Invalid where it is not for this account.
        """
        known = await known_account(self._accounts, account)
        return await take_notification(self._register, self._clock, known, told, body)

    async def check(self, account: str, wait_s: float = WAIT_S) -> list[Link]:
        """Check every link from Amazon to the store, with a test of each type sent through.

        Raises NotFound.
        """
        known = await known_account(self._accounts, account)
        return await NotificationCheck(self._register, self._amazon, self._queues, self._clock).run(known, wait_s)
