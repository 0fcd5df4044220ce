"""`packline webhook`: where events are delivered, signed."""

from typing import TYPE_CHECKING, Any

from cyclopts import App

from packline.cli.failures import FAILED, end
from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services

app = App(name="webhook", help="Where events are delivered, signed.")
LIST = ("id", "url", "events", "accounts", "enabled", "paused_reason", "failures", "description")


@app.command
def add(
    url: str,
    *,
    event: tuple[str, ...] = (),
    account: tuple[str, ...] = (),
    description: str = "",
    place: Place = HERE,
) -> None:
    """Deliver every event from now on to an address; prints the secret that signs them.

    Parameters
    ----------
    url
        An https address.
    event
        Only these, such as shipment.labeled or `command.*`; repeat for several.
    account
        Only of these accounts; repeat for several.
    """

    async def work(services: "Services") -> Any:
        from packline.commands.webhooks import add_webhook

        allowed = services.settings.webhook_private_addresses
        return await add_webhook(
            services.webhooks, services.clock, url, events=event, accounts=account, description=description,
            allow_private=allowed,
        )  # fmt: skip

    made = place.work(work)
    place.printer.one({"id": made.id, "url": made.url, "secret": made.secret})
    place.printer.say("Keep the secret: it proves that an event came from here.", "dim")


@app.command(name="list")
def list_webhooks(*, place: Place = HERE) -> None:
    """List webhooks and how they fare."""

    async def work(services: "Services") -> list[dict[str, Any]]:
        import msgspec

        found = [msgspec.structs.asdict(one) | {"enabled": one.is_on} for one in await services.webhooks.endpoints()]
        return [{name: value for name, value in row.items() if name != "secret"} for row in found]

    place.printer.rows(place.work(work), *LIST, empty="No webhook yet; `packline webhook add` makes one.")


@app.command
def attempts(webhook: str, *, limit: int = 50, place: Place = HERE) -> None:
    """Show the last deliveries of a webhook."""

    async def work(services: "Services") -> list[Any]:
        from packline.commands.webhooks import known_endpoint

        await known_endpoint(services.webhooks, webhook)
        return list(await services.webhooks.attempts(webhook, None, limit))

    place.printer.rows(place.work(work), empty="Nothing was delivered yet.")


@app.command(name="test")
def try_out(webhook: str, *, place: Place = HERE) -> None:
    """Send one event `webhook.test` now, and tell what the endpoint answered."""

    async def work(services: "Services") -> Any:
        from packline.commands.webhooks import known_endpoint
        from packline.oms.webhooks import WebhookSender

        allowed = services.settings.webhook_private_addresses
        sender = WebhookSender(services.webhooks, services.clock, allow_private=allowed)
        return await sender.test(await known_endpoint(services.webhooks, webhook))

    delivery = place.work(work)
    place.printer.one({"status": delivery.status or "no answer", "ms": delivery.ms, "error": delivery.error})
    if not delivery.ok:
        end(FAILED)


@app.command
def replay(webhook: str, *, after: str, place: Place = HERE) -> None:
    """Send every event after a cursor again (`0.0` for all that is kept)."""

    async def work(services: "Services") -> None:
        from packline.commands.webhooks import replay_webhook

        await replay_webhook(services.webhooks, services.clock, webhook, after)

    place.work(work)
    place.printer.say(f"{webhook} goes on after {after}.")


@app.command
def enable(webhook: str, *, place: Place = HERE) -> None:
    """Go on where it stood, and forget why it was paused."""
    _set(place, webhook, enabled=True)


@app.command
def disable(webhook: str, *, place: Place = HERE) -> None:
    """Deliver nothing until it is enabled again; nothing is lost as long as events are kept."""
    _set(place, webhook, enabled=False)


@app.command
def remove(webhook: str, *, place: Place = HERE) -> None:
    """Remove a webhook."""

    async def work(services: "Services") -> None:
        from packline.commands.webhooks import remove_webhook

        await remove_webhook(services.webhooks, webhook)

    place.work(work)
    place.printer.say(f"{webhook} is removed.")


def _set(place: Place, webhook: str, *, enabled: bool) -> None:
    async def work(services: "Services") -> None:
        from packline.commands.webhooks import set_enabled

        await set_enabled(services.webhooks, webhook, enabled=enabled)

    place.work(work)
    place.printer.say(f"{webhook} is {'enabled' if enabled else 'disabled'}.")
