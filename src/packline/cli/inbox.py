"""`packline inbox`: have single orders read at once, by id or by a notification of Amazon's."""

from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from packline.cli.place import HERE, Place
from packline.cli.reading import read_file

if TYPE_CHECKING:
    from packline.bootstrap import Services

app = App(name="inbox", help="Have single orders read from Amazon at once.")


@app.command
def look(account: str, *ids: str, place: Place = HERE) -> None:
    """Have orders or shipments read now, by Amazon's ids; new ones come in."""

    async def work(services: "Services") -> int:
        from packline.commands.accounts import known_account
        from packline.commands.inbox import look_at

        await known_account(services.accounts, account)
        return await look_at(services.intake, services.clock, account, ids)

    place.printer.say(f"{place.work(work)} will be read.")


@app.command
def notify(account: str, file: Path, *, place: Place = HERE) -> None:
    """Take a notification as it came from the queue (JSON); what it names is read from Amazon."""
    from packline.amazon.notifications.parse import notification

    content = read_file(file)
    told = notification(content)

    async def work(services: "Services") -> bool:
        return await services.notices.take(account, told, content)

    is_new = place.work(work)
    place.printer.say(f"{told.subject} will be read." if is_new else "This notification was taken before.")
