"""Settings: their sources in rising order, and what is said of wrong ones."""

from pathlib import Path

import pytest

from packline import config
from packline.errors import ConfigError


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def source_of(name: str, flags: dict[str, object] | None = None) -> tuple[str, str]:
    """Find the value of a setting and where it comes from."""
    return next((row.value, row.source) for row in config.show(flags) if row.name == name)


def test_flags_outrank_the_environment_which_outranks_the_file(here: Path, monkeypatch: pytest.MonkeyPatch):
    """Each source overrides the ones before it, and says so."""
    assert source_of("port") == ("8080", "default")
    (here / "packline.toml").write_text("port = 1001\n")
    assert source_of("port") == ("1001", "packline.toml")
    monkeypatch.setenv("PACKLINE_PORT", "1002")
    assert source_of("port") == ("1002", "environment PACKLINE_PORT")
    assert source_of("port", {"port": 1003}) == ("1003", "flag --port")


def test_a_wrong_value_is_said_with_its_source(monkeypatch: pytest.MonkeyPatch):
    """Whoever reads the error knows where to correct it."""
    monkeypatch.setenv("PACKLINE_POOL_SIZE", "many")
    with pytest.raises(ConfigError, match=r"pool_size \(environment PACKLINE_POOL_SIZE\)"):
        config.load()


def test_a_table_is_json_in_the_environment(monkeypatch: pytest.MonkeyPatch):
    """It takes the place of the whole default; one that is no JSON is said with an example."""
    monkeypatch.setenv("PACKLINE_PROCESSING_SOURCES", '{"INTERNAL_PLATFORM": "integrator"}')
    assert config.load().processing_sources == {"INTERNAL_PLATFORM": "integrator"}
    assert source_of("processing_sources")[0] == '{"INTERNAL_PLATFORM": "integrator"}'
    monkeypatch.setenv("PACKLINE_PROCESSING_SOURCES", "integrator")
    with pytest.raises(ConfigError, match="PACKLINE_PROCESSING_SOURCES is not a JSON object") as refused:
        config.load()
    assert "packline.toml" in refused.value.hint


def test_a_misspelt_setting_is_refused(here: Path):
    """A line in the file that means nothing would else be believed for years."""
    (here / "packline.toml").write_text("prot = 1\n")
    with pytest.raises(ConfigError, match=r"prot \(packline.toml\): there is no such setting"):
        config.load()


def test_a_file_that_was_named_must_exist():
    """Only the default file may be missing."""
    with pytest.raises(ConfigError, match="does not exist"):
        config.load({"config": "elsewhere.toml"})


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch):
    """A secret is only said to be set."""
    monkeypatch.setenv("PACKLINE_DATABASE_URL", "postgresql://user:hunter2@host/name")
    assert source_of("database_url") == ("(set)", "environment PACKLINE_DATABASE_URL")
    assert "hunter2" not in repr(config.load())


def test_the_key_lies_beside_the_data_and_not_in_it(here: Path):
    """A copy of the data folder holds no key."""
    assert config.load({"data": "shop"}).key_path == here / "shop.key"


def test_every_setting_says_what_it_is():
    """The reference is made from these sentences."""
    assert all(row.description.endswith(".") for row in config.show())


def test_an_identity_provider_is_set_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch):
    """What does not fit is said at the start, not at the first sign-in; the secret is never shown."""
    assert config.load().identity_provider is None
    wrong = (
        {"OIDC_ISSUER": "https://login.example"},
        {"OIDC_CLIENT_ID": "packline", "OIDC_ADD_PEOPLE": "true"},
        {"OIDC_ROLES": '{"packers": "packer"}', "OIDC_SCOPES": "profile"},
    )
    for given in wrong:
        for name, value in given.items():
            monkeypatch.setenv(f"PACKLINE_{name}", value)
        with pytest.raises(ConfigError):
            _ = config.load().identity_provider
    monkeypatch.setenv("PACKLINE_OIDC_SCOPES", "openid")
    monkeypatch.setenv("PACKLINE_OIDC_CLIENT_SECRET", "hidden")
    told, rules = config.load().identity_provider, config.load().role_rules
    assert told is not None
    assert (told.client_secret, "hidden" in repr(told), rules.role_of(("packers",))) == ("hidden", False, "packer")
    assert source_of("oidc_client_secret")[0] == "(set)"
    monkeypatch.setenv("PACKLINE_OIDC_ROLES", '{"packers": "boss"}')
    with pytest.raises(ConfigError, match="oidc_roles"):
        config.load()
