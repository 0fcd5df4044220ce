"""`packline api-key`: keys for the REST API and the console."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from cyclopts import App

from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services

app = App(name="api-key", help="Keys for the REST API and the console.")
LIST = ("id", "name", "role", "hint", "accounts", "locations", "last_used_at", "expires_at", "revoked_at")


@app.command
def create(
    name: str,
    *,
    role: Literal["reader", "packer", "operator", "admin"] = "packer",
    account: tuple[str, ...] = (),
    location: tuple[str, ...] = (),
    days: float | None = None,
    place: Place = HERE,
) -> None:
    """Make a key; it is shown once.

    Parameters
    ----------
    name
        What it is for.
    role
        What it may do; each role may all that the ones before it may.
    account
        Only for these accounts; repeat for several.
    location
        Only for these locations; repeat for several.
    days
        Days until it ends by itself.
    """

    async def work(services: "Services") -> Any:
        from packline.commands.api_keys import create_api_key

        return await create_api_key(
            services.api_keys,
            services.clock,
            name,
            role,
            accounts=account or None,
            locations=location or None,
            expires_at=services.clock.now() + timedelta(days=days) if days else None,
        )

    made = place.work(work)
    place.printer.one({"id": made.key.id, "name": name, "role": role, "key": made.secret})
    place.printer.say("Keep it now: nobody can read it again.", "dim")


@app.command(name="list")
def list_keys(*, place: Place = HERE) -> None:
    """List keys, the newest first."""

    async def work(services: "Services") -> list[dict[str, Any]]:
        import msgspec

        return [{**msgspec.structs.asdict(key), "role": key.role.word} for key in await services.api_keys.listing()]

    place.printer.rows(place.work(work), *LIST, empty="No key yet; `packline api-key create` makes one.")


@app.command
def revoke(key: str, *, place: Place = HERE) -> None:
    """Make a key useless from now on."""

    async def work(services: "Services") -> None:
        from packline.commands.api_keys import revoke_api_key

        await revoke_api_key(services.api_keys, services.clock, key)

    place.work(work)
    place.printer.say(f"{key} is revoked.")
