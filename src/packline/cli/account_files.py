"""Accounts and locations in a file: read, stored, written; secrets may come from the environment."""

import os
import re
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from packline.cli.place import Place
from packline.domain.location import Account, Api, Credentials, Location, Region, StockOn
from packline.domain.slot import SlotPolicy
from packline.errors import Invalid

if TYPE_CHECKING:
    from packline.bootstrap import Services

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class LocationEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One location as the file has it."""

    id: str
    name: str = ""
    timezone: str = "UTC"
    programs: tuple[str, ...] = ()
    auto_confirm: bool = False
    slot_policy: SlotPolicy = SlotPolicy.RECOMMENDED
    slot_method: str | None = None
    slot_from: str | None = None
    slot_to: str | None = None
    enabled: bool = True


class AccountEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One account as the file has it; without credentials an account that is known keeps its own."""

    name: str
    seller_id: str
    region: Region
    marketplaces: tuple[str, ...]
    id: str = ""
    endpoint: str = ""
    token_url: str = ""
    application_id: str = ""
    client_id: str = ""
    client_secret: str = ""
    refresh_token: str = ""
    enabled: bool = True
    stock_on: StockOn = StockOn.INVENTORY
    usage_plan: str = "amazon"
    api: Api = Api.EXTERNAL_FULFILLMENT
    orders_api: str = "2026-01-01"
    locations: tuple[LocationEntry, ...] = ()

    def __repr__(self) -> str:
        return f"AccountEntry({self.name!r}, …)"


class AccountFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of accounts."""

    accounts: tuple[AccountEntry, ...]


def read_accounts(file: Path) -> tuple[AccountEntry, ...]:
    """Read a file of accounts, TOML or JSON.

    Raises Invalid that names the place in the file.
    """
    try:
        text = file.read_text(encoding="utf-8")
        content: Any = msgspec.json.decode(text) if file.suffix == ".json" else tomllib.loads(text)
        return msgspec.convert(_filled(content), AccountFile).accounts
    except OSError as failure:
        raise Invalid(f"{file} cannot be read: {failure.strerror}.", hint="Correct the file's name.") from None
    except (tomllib.TOMLDecodeError, msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as misfit:
        raise Invalid(
            f"{file} is not a file of accounts: {misfit}.", hint="`packline account export` shows one."
        ) from None


async def store_accounts(
    services: "Services", entries: Sequence[AccountEntry], *, dry_run: bool
) -> list[dict[str, Any]]:
    """Add what is new, change what is known; say what was done with each."""
    return [await _store(services, entry, dry_run=dry_run) for entry in entries]


def export_accounts(place: Place) -> None:
    """Write all accounts to standard output."""

    async def work(services: "Services") -> list[AccountEntry]:
        found = await services.accounts.accounts()
        return [_entry(account, await services.accounts.locations(account.id)) for account in found]

    entries = place.work(work)
    if place.json:
        for entry in entries:
            place.printer.line(entry)
        return
    sys.stdout.write("".join(_toml(entry) for entry in entries))


async def _store(services: "Services", entry: AccountEntry, *, dry_run: bool) -> dict[str, Any]:
    from packline.commands.accounts import account_id, add_account, set_location, update_account

    wanted = entry.id or account_id(entry.seller_id, entry.region)
    known = await services.accounts.account(wanted)
    done = "changed" if known else "added"
    row = {"account": wanted, "name": entry.name, "locations": len(entry.locations), "done": done}
    credentials = _credentials(entry)
    if known is None and credentials is None:
        raise Invalid(
            f"{entry.name} is new and has no credentials.", hint="Give client_id, client_secret and refresh_token."
        )
    if dry_run:
        return {**row, "done": f"would be {done}"}
    account = _account(entry, wanted, known)
    if known:
        await update_account(services.accounts, services.wake, account, credentials)
    elif credentials:
        await add_account(services.accounts, services.wake, account, credentials)
    for location in entry.locations:
        await set_location(services.accounts, services.wake, _location(wanted, location))
    return row


def _account(entry: AccountEntry, account_id: str, known: Account | None) -> Account:
    return Account(
        id=account_id,
        name=entry.name,
        seller_id=entry.seller_id,
        region=entry.region,
        marketplaces=entry.marketplaces,
        endpoint=entry.endpoint or (known.endpoint if known else ""),
        token_url=entry.token_url or (known.token_url if known else ""),
        application_id=entry.application_id,
        enabled=entry.enabled,
        stock_on=entry.stock_on,
        usage_plan=entry.usage_plan,
        paused_reason=known.paused_reason if known else None,
        api=entry.api,
        orders_api=entry.orders_api,
    )


def _location(account: str, entry: LocationEntry) -> Location:
    return Location(account=account, **msgspec.structs.asdict(entry))


def _entry(account: Account, locations: Sequence[Location]) -> AccountEntry:
    fields = {name: getattr(account, name) for name in AccountEntry.__struct_fields__ if hasattr(account, name)}
    places = [
        LocationEntry(**{name: getattr(place, name) for name in LocationEntry.__struct_fields__}) for place in locations
    ]
    return AccountEntry(**fields, locations=tuple(places))


def _credentials(entry: AccountEntry) -> Credentials | None:
    if not (entry.client_id and entry.client_secret and entry.refresh_token):
        return None
    return Credentials(entry.client_id, entry.client_secret, entry.refresh_token)


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _filled(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_filled(entry) for entry in value]
    return _VARIABLE.sub(_variable, value) if isinstance(value, str) else value


def _variable(found: re.Match[str]) -> str:
    name = found.group(1)
    if name not in os.environ:
        raise Invalid(f"The file names ${{{name}}}, which is not set.", hint=f"Set {name} in the environment.")
    return os.environ[name]


def _toml(entry: AccountEntry) -> str:
    fields: dict[str, Any] = msgspec.to_builtins(entry)
    locations = fields.pop("locations", ())
    text = "[[accounts]]\n" + _pairs(fields)
    return text + "".join("[[accounts.locations]]\n" + _pairs(location) for location in locations)


def _pairs(fields: dict[str, Any]) -> str:
    # TOML's strings, arrays and booleans are written as JSON's
    lines = [f"{name} = {msgspec.json.encode(value).decode()}\n" for name, value in fields.items() if value is not None]
    return "".join(lines) + "\n"
