"""`packline notification`: have Amazon tell what happens, instead of asking all the time."""

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from packline.cli.failures import FAILED, end
from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services

app = App(name="notification", help="Have Amazon tell what happens: queue, setup, check, status.")
QUEUES = ("id", "region", "enabled", "read_at", "error", "url")
STATUS = ("account", "polling", "why", "queue", "told", "told_at", "waiting", "missed", "missed_at")
LINKS = ("check", "state", "says", "cure")
Secret = Annotated[str | None, Parameter(show_default=False)]


@app.command
def queue(
    name: str,
    *,
    arn: str,
    url: str = "",
    region: str = "",
    endpoint: str = "",
    access_key: Annotated[Secret, Parameter(env_var="PACKLINE_QUEUE_ACCESS_KEY")] = None,
    secret_key: Annotated[Secret, Parameter(env_var="PACKLINE_QUEUE_SECRET_KEY")] = None,
    enabled: bool = True,
    place: Place = HERE,
) -> None:
    """Name an SQS queue that Amazon's notifications come into, or write it again.

    Parameters
    ----------
    name
        A name of your own.
    arn
        The queue's ARN; region and address are read from it.
    url
        Its address, where that differs.
    endpoint
        Another address than Amazon's, such as a simulator's.
    access_key
        What it is read with; as this machine is signed in otherwise (environment, profile, role).
    secret_key
        Its secret.
    """
    from packline.ports.notifications import Queue, QueueKey

    given = Queue(name, url, arn, region, endpoint, enabled)
    key = QueueKey(access_key or "", secret_key or "") if access_key or secret_key else None

    async def work(services: "Services") -> Queue:
        return await services.notices.put_queue(given, key)

    made = place.work(work)
    place.printer.one({"id": made.id, "url": made.url, "region": made.region, "endpoint": made.endpoint})
    place.printer.say("Now run `packline notification setup ACCOUNT` for each account.", "dim")


@app.command
def queues(*, place: Place = HERE) -> None:
    """List queues, and what came out of them."""

    async def work(services: "Services") -> list[Any]:
        from packline.views import notifications

        return list(await notifications.queues(services.pool))

    rows = place.work(work)
    if place.json:
        place.printer.rows(rows)
        return
    place.printer.rows(rows, *QUEUES, empty="No queue yet; `packline notification queue` names one.")
    for row in rows:
        if row["counts"]:
            place.printer.say(f"\n{row['id']}", "bold")
            place.printer.rows(row["counts"], "type", "outcome", "count", "last_at")


@app.command
def forget(name: str, *, place: Place = HERE) -> None:
    """Read a queue no more. Amazon goes on filling it until `packline notification stop` ends it for each account."""
    place.work(lambda services: services.notices.remove_queue(name))
    place.printer.say(f"{name} is forgotten.")


@app.command
def setup(
    account: str,
    *,
    queue: str = "",
    replace: Annotated[bool, Parameter(negative="")] = False,
    place: Place = HERE,
) -> None:
    """Have Amazon tell everything that an account must hear; what is set up already stays as it is.

    Parameters
    ----------
    queue
        The queue's name, where there are several.
    replace
        Take over a subscription that leads elsewhere; whoever reads there hears nothing any more.
    """

    async def work(services: "Services") -> list[dict[str, Any]]:
        import msgspec

        settled = await services.notices.set_up(account, queue, replace=replace)
        return [msgspec.structs.asdict(one) for one in settled]

    place.printer.rows(place.work(work), "type", "made", "subscription_id", "destination_id")
    place.printer.say(f"Now run `packline notification check {account}`.", "dim")


@app.command
def check(account: str, *, wait: float = 15.0, place: Place = HERE) -> None:
    """Check every link from Amazon to here, with a test notification sent through; a worker must be running.

    Parameters
    ----------
    wait
        Seconds within which each test must have come through.
    """

    async def work(services: "Services") -> list[dict[str, Any]]:
        import msgspec

        return [msgspec.structs.asdict(link) for link in await services.notices.check(account, wait)]

    links = place.work(work)
    place.printer.rows(links, *LINKS)
    bad = sum(link["state"] == "bad" for link in links)
    place.printer.say(f"{bad} of {len(links)} checks failed." if bad else "Notifications flow.", "bold")
    if bad:
        end(FAILED)


@app.command
def status(account: str | None = None, *, place: Place = HERE) -> None:
    """Tell whether polling is a safety net or does all the work, and why."""

    async def work(services: "Services") -> list[Any]:
        from packline.commands.accounts import known_account
        from packline.views import notifications

        if account is not None:
            await known_account(services.accounts, account)
        return list(await notifications.statuses(services.pool, services.clock.now(), account))

    place.printer.rows(place.work(work), *STATUS, empty="No account yet; `packline account add` stores one.")


@app.command
def stop(account: str, *, place: Place = HERE) -> None:
    """End an account's subscriptions at Amazon; polling does all the work again."""
    ended = place.work(lambda services: services.notices.shut_off(account))
    place.printer.say(f"Ended: {', '.join(ended)}." if ended else "Nothing was set up.")
