"""Settings: from packline.toml, the environment (PACKLINE_...) and flags, in rising order."""

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from packline.domain.identity import ProviderSettings, RoleRules
from packline.domain.person import PersonRole
from packline.errors import ConfigError

PREFIX = "PACKLINE_"
DEFAULT_FILE = Path("packline.toml")
FILE_VARIABLE = "PACKLINE_CONFIG"


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


Folder = Annotated[Path, AfterValidator(_absolute)]
Port = Annotated[int, Field(ge=0, le=65535)]


class Settings(BaseSettings):
    """Everything that can be set, with its default; `docs/reference/settings.md` is made from this class."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    data: Folder = Field(Path(".packline"), description="Folder of the embedded PostgreSQL and of the key file.")
    database_url: SecretStr | None = Field(
        None, description="PostgreSQL 15 or newer, as postgresql://user:password@host/name; empty: the embedded one."
    )
    pool_size: int = Field(10, ge=2, le=200, description="Connections to PostgreSQL that one process holds at most.")

    master_key: SecretStr | None = Field(
        None, description="Base64 of the 32 bytes that encrypt credentials; empty: the key file is used."
    )
    key_file: Path | None = Field(
        None, description="File with the keys that encrypt credentials; empty: `.packline.key` beside the data folder."
    )

    host: str = Field("127.0.0.1", description="Address that the REST API and the console listen on.")
    port: Port = Field(8080, description="Port of the REST API and the console; 0 takes a free one.")
    public_url: str | None = Field(
        None, description="Address under which others reach this server, for links; empty: made from host and port."
    )
    api_requests_per_second: float = Field(
        50.0, gt=0, description="Requests a second that one API key may send; four seconds' worth may come at once."
    )
    console_sign_in: bool = Field(
        True, description="Let people sign in before they see the console; off only on a machine of your own."
    )
    session_idle_h: float = Field(
        4.0, gt=0, le=168, description="Hours without an act after which somebody is signed out of the console."
    )
    session_h: float = Field(
        12.0, gt=0, le=720, description="Hours after which somebody signs in again, come what may."
    )
    oidc_issuer: str | None = Field(
        None, description="Issuer of an identity provider (OpenID Connect) that people may sign in with; empty: none."
    )
    oidc_client_id: str | None = Field(None, description="Client id of Packline at the identity provider.")
    oidc_client_secret: SecretStr | None = Field(
        None, description="Client secret there; empty for a public client, which PKCE protects."
    )
    oidc_name: str = Field("", description="What the button calls the identity provider; empty: its host name.")
    oidc_scopes: str = Field("openid profile email", description="Scopes that are asked for, `openid` among them.")
    oidc_name_claim: str = Field(
        "preferred_username", description="Claim of the id token that gives the sign-in name of somebody new."
    )
    oidc_roles_claim: str = Field("groups", description="Claim of the id token that `oidc_roles` is looked up by.")
    oidc_roles: dict[str, Literal["viewer", "support", "packer", "manager", "admin"]] = Field(
        {}, description="Role by value of that claim, kept at each sign-in; empty: admins give roles here."
    )
    oidc_add_people: bool = Field(
        False, description="Add whoever has a role there at the first sign-in; off: an admin's link connects them."
    )

    worker: bool = Field(True, description="Let `packline serve` run a worker beside the API.")
    worker_name: str | None = Field(None, description="Name of this worker in logs; empty: host name and process id.")
    shipments_per_account: int = Field(
        64, ge=1, le=10_000, description="Shipments of one account that a worker moves at the same time."
    )
    shipments_per_worker: int = Field(
        256, ge=1, le=100_000, description="Shipments of all accounts that a worker moves at the same time."
    )
    linger_ms: float = Field(
        3.0, ge=0, le=100, description="Milliseconds that a group commit waits for more results to join it."
    )
    call_timeout_s: float = Field(
        30.0, gt=0, le=300, description="Seconds until a call to Amazon without an answer is given up."
    )
    easy_ship_marketplaces: Path | None = Field(
        None, description="TOML file that changes what Easy Ship can do by API in single marketplaces."
    )

    documents_per_feed: int = Field(
        100, ge=1, le=1000, description="Easy Ship orders whose documents are asked for in one feed."
    )
    documents_wait_s: float = Field(
        20.0, ge=0, le=3600, description="Seconds that an order's documents wait for others to join their feed."
    )

    notification_readers: int = Field(
        4, ge=1, le=64, description="Readers of each queue of notifications that a worker runs at the same time."
    )
    manifest_packages: int = Field(
        100, ge=1, le=1000, description="Packages that a manifest takes at most; it counts when a manifest is opened."
    )

    processing_sources: dict[str, Literal["smarthub", "integrator", "unknown"]] = Field(
        {"INTERNAL_PLATFORM": "smarthub", "EXTERNAL_PLATFORM": "integrator"},
        description="Who worked on a shipment, by Amazon's processingSource; its words can be read both ways.",
    )
    custom_attributes: dict[str, Literal["serials", "bin"]] = Field(
        {"customSkuUnitIdentifiers": "serials", "warehouseBinIdentifier": "bin"},
        description="What was scanned in SmartHub, by the key of a line's customAttributes; others are passed over.",
    )
    documents_afterwards: Literal["all", "invoices", "none"] = Field(
        "all", description="What is fetched of shipments that others labelled; a label is given out again for it."
    )

    poll_new_s: float = Field(5.0, gt=0, description="Seconds between two looks for new shipments of a location.")
    poll_rest_s: float = Field(
        30.0, gt=0, description="Seconds between two looks for changed shipments of a location, by last update."
    )
    poll_returns_s: float = Field(
        60.0, gt=0, description="Seconds between two sweeps of a location's returns in one status; quotas may slow it."
    )
    poll_net_s: float = Field(
        300.0, gt=0, description="Seconds between two looks while notifications tell everything; shorter ones stay."
    )
    outage_s: float = Field(
        900.0,
        gt=0,
        description="Seconds of silence (at least three times `poll_net_s`) after which stock is told only when every"
        " status was read again.",
    )
    look_back_days: float = Field(7.0, gt=0, le=365, description="Days that the first intake of a location looks back.")

    keep_events_days: int = Field(30, ge=1, description="Days that events stay in the feed and the timeline.")
    keep_calls_days: int = Field(30, ge=1, description="Days that the call log is kept.")
    keep_inbox_days: int = Field(14, ge=1, description="Days that handled inbox messages are kept.")
    personal_data_days: int = Field(
        30, ge=1, le=365, description="Days after the delivery that addresses, labels and invoices are kept."
    )
    keep_audit_days: int = Field(365, ge=30, description="Days that the audit keeps who did and saw what.")

    webhook_private_addresses: bool = Field(
        False, description="Allow webhooks to loopback and private networks; off, or a key holder can reach inside."
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severity in the log.")
    log_format: Literal["json", "text"] = Field("json", description="One JSON object a line, or lines for people.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003  as above
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  as above
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  as above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take nothing but what `load` gathered, so that every value has exactly one known source."""
        return (init_settings,)

    @property
    def key_path(self) -> Path:
        """Give the key file: beside the data folder, never in it, so that a copy of the data holds no key."""
        return _absolute(self.key_file) if self.key_file else self.data.with_name(f"{self.data.name}.key")

    @property
    def role_rules(self) -> RoleRules:
        """Give what groups at the identity provider may do here."""
        roles = {group: PersonRole(role) for group, role in self.oidc_roles.items()}
        return RoleRules(roles, self.oidc_add_people)

    @property
    def identity_provider(self) -> ProviderSettings | None:
        """Give the identity provider that people may sign in with; None where none is set.

        Raises ConfigError for settings that do not fit each other.
        """
        if not self.oidc_issuer:
            return None
        if not self.oidc_client_id:
            raise ConfigError(
                "`oidc_issuer` is set without `oidc_client_id`.", hint="Give the id it is known by there."
            )
        if self.oidc_add_people and not self.oidc_roles:
            raise ConfigError(
                "`oidc_add_people` is on, but `oidc_roles` gives nobody a role.",
                hint="Map a group of the provider to a role, or let admins add people.",
            )
        if "openid" not in self.oidc_scopes.split():
            raise ConfigError("`oidc_scopes` lacks `openid`.", hint="Without it there is no id token.")
        return ProviderSettings(
            issuer=self.oidc_issuer,
            client_id=self.oidc_client_id,
            client_secret=self.oidc_client_secret.get_secret_value() if self.oidc_client_secret else "",
            name=self.oidc_name,
            scopes=self.oidc_scopes,
            name_claim=self.oidc_name_claim,
            roles_claim=self.oidc_roles_claim,
        )


class Setting(NamedTuple):
    """One setting as `packline config show` prints it: its value (a secret is only said to be set) and its source."""

    name: str
    value: str
    source: str
    description: str


def load(flags: Mapping[str, object] | None = None) -> Settings:
    """Read the settings. Raises ConfigError that names the source of every value that is wrong."""
    gathered = _gather(flags or {})
    try:
        return Settings(**{name: value for name, (value, _) in gathered.items()})
    except ValidationError as wrong:
        raise _refusal(wrong, gathered) from None


def show(flags: Mapping[str, object] | None = None) -> list[Setting]:
    """List every setting with its value and where it comes from."""
    gathered, settings = _gather(flags or {}), load(flags)
    return [
        Setting(name, _shown(getattr(settings, name)), gathered[name][1] if name in gathered else "default", text)
        for name, text in ((n, f.description or "") for n, f in Settings.model_fields.items())
    ]


def _gather(flags: Mapping[str, object]) -> dict[str, tuple[Any, str]]:
    chosen = {name: value for name, value in flags.items() if value is not None}
    path, is_named = _file(chosen.pop("config", None))
    gathered: dict[str, tuple[Any, str]] = {}
    for name, value in _read(path, is_named=is_named).items():
        gathered[name] = (value, str(path))
    for name, value in _environment().items():
        gathered[name] = (value, f"environment {PREFIX}{name.upper()}")
    for name, value in chosen.items():
        gathered[name] = (value, f"flag --{name.replace('_', '-')}")
    return gathered


def _environment() -> dict[str, Any]:
    try:
        return EnvSettingsSource(Settings)()
    except SettingsError as broken:  # a table that is no JSON
        name = str(broken).partition('field "')[2].partition('"')[0]
        variable, example = f"{PREFIX}{name.upper()}", json.dumps(Settings.model_fields[name].default)
        raise ConfigError(
            f"{variable} is not a JSON object.", hint=f"Write it as {variable}='{example}', or in packline.toml."
        ) from None


def _file(flag: object) -> tuple[Path, bool]:
    named = flag or os.environ.get(FILE_VARIABLE)
    return (Path(str(named)), True) if named else (DEFAULT_FILE, False)


def _read(path: Path, *, is_named: bool) -> dict[str, Any]:
    if not path.exists():
        if is_named:
            raise ConfigError(f"The settings file {path} does not exist.", hint="Correct --config or PACKLINE_CONFIG.")
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise ConfigError(f"The settings file {path} is not valid TOML: {broken}.", hint="Correct that line.") from None


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "(set)"
    if isinstance(value, dict):
        return json.dumps(value)
    return "" if value is None else str(value)


def _refusal(wrong: ValidationError, gathered: Mapping[str, tuple[Any, str]]) -> ConfigError:
    errors = [(str(e["loc"][0]), _reason(e)) for e in wrong.errors(include_input=False, include_url=False)]
    lines = [f"{name} ({gathered[name][1] if name in gathered else 'default'}): {why}" for name, why in errors]
    hint = "Correct the value there; `packline config show --all` lists every setting with its meaning."
    return ConfigError("The settings are wrong. " + "; ".join(lines), hint=hint)


def _reason(error: Mapping[str, Any]) -> str:
    return "there is no such setting" if error["type"] == "extra_forbidden" else str(error["msg"])
