"""`packline location`: places that ship."""

from typing import TYPE_CHECKING, Any, Literal

from cyclopts import App

from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services

app = App(name="location", help="Places that ship, and what is done there without being asked.")
LIST = ("account", "id", "name", "timezone", "programs", "auto_confirm", "slot_policy", "slot_method", "enabled")


@app.command(name="set")
def set_(
    account: str,
    location: str,
    *,
    name: str | None = None,
    timezone: str | None = None,
    program: tuple[Literal["seller_flex", "easy_ship", "self_ship", "pharmacy", "local_shops"], ...] = (),
    auto_confirm: bool | None = None,
    slot_policy: Literal["recommended", "earliest", "window"] | None = None,
    slot_method: Literal["PICKUP", "DROPOFF"] | None = None,
    slot_from: str | None = None,
    slot_to: str | None = None,
    enabled: bool | None = None,
    place: Place = HERE,
) -> None:
    """Add a location, or change what is given of it.

    Parameters
    ----------
    account
        The account.
    location
        Amazon's id of the location.
    timezone
        Such as Asia/Kolkata.
    program
        Programs that are shipped from here; repeat for several, none means all. Amazon's API does not show which
        shipments are pharmacy or local_shops: they are those of the locations that are named so here.
    auto_confirm
        Confirm new shipments without being asked.
    slot_policy
        Which handover slot is taken where a command names none.
    slot_method
        Be picked up, or drop off.
    slot_from
        With `window`: the earliest local time, HH:MM.
    slot_to
        With `window`: the latest local time, HH:MM.
    """
    from packline.domain.slot import SlotPolicy

    given: dict[str, Any] = {
        "name": name, "timezone": timezone, "programs": program or None, "auto_confirm": auto_confirm,
        "slot_policy": SlotPolicy(slot_policy) if slot_policy else None, "slot_method": slot_method,
        "slot_from": slot_from, "slot_to": slot_to, "enabled": enabled,
    }  # fmt: skip

    async def work(services: "Services") -> Any:
        import msgspec
        from msgspec.structs import replace

        from packline.commands.accounts import set_location
        from packline.domain.location import Location

        known = {entry.id: entry for entry in await services.accounts.locations(account)}
        before = known.get(location) or Location(account, location)
        after = replace(before, **{field: value for field, value in given.items() if value is not None})
        return msgspec.structs.asdict(await set_location(services.accounts, services.wake, after))

    place.printer.one(place.work(work))


@app.command(name="list")
def list_locations(*, account: str | None = None, place: Place = HERE) -> None:
    """List locations, of one account or of all."""

    async def work(services: "Services") -> list[Any]:
        from packline.views import accounts

        return list(await accounts.locations(services.pool, account))

    place.printer.rows(place.work(work), *LIST, empty="No location yet; `packline location set` stores one.")
