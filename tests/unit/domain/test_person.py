"""Rules for people: passwords, names, roles, and how an act is called in the audit."""

import pytest

from packline.domain.api_key import Role
from packline.domain.audit import AuditKind, act_of, told_as
from packline.domain.person import LOOKS, LOOKS_OF_KEYS, NAME, OF_ROLE, ROLES, WAITS_S, Look, PersonRole, weakness
from packline.domain.session import browser_of


@pytest.mark.parametrize(
    ("password", "is_good"),
    [
        ("seven green parcels", True),
        ("सात हरे पार्सल यहाँ", True),
        ("short", False),
        ("aaaaaaaaaaaaaaaa", False),
        ("abcdefghijklmnop", False),
        ("qwertyuiopasdf", False),
        ("0123456789012", False),
        ("asha is my name", False),
        ("x1y2z" * 60, False),
    ],
)
def test_a_password_is_good_by_its_length_not_by_kinds_of_characters(password: str, is_good: bool):
    """Twelve characters that neither repeat, nor run along the keyboard, nor hold the name."""
    assert (weakness(password, "asha") == "") is is_good


@pytest.mark.parametrize(
    ("name", "fits"),
    [("asha", True), ("a.sha+1@example.com", True), ("a", False), ("Asha", False), ("-asha", False), ("usr_1", False)],
)
def test_a_name_is_small_letters_and_a_few_signs(name: str, fits: bool):
    """No name can be mistaken for an id."""
    assert bool(NAME.fullmatch(name)) is fits


def test_waits_grow():
    """A few slips cost nothing, then each one more."""
    assert WAITS_S[:4] == (0, 0, 0, 0)
    assert sorted(WAITS_S) == list(WAITS_S)
    assert WAITS_S[-1] == 3600


def test_every_role_of_people_is_one_of_keys_and_back():
    """And nobody below a packer sees personal data."""
    assert set(ROLES) == set(PersonRole) == set(LOOKS)
    assert set(OF_ROLE) == set(Role) == set(LOOKS_OF_KEYS)
    assert LOOKS[PersonRole.VIEWER] == LOOKS[PersonRole.SUPPORT] == LOOKS_OF_KEYS[Role.READER] == frozenset()
    assert Look.ADDRESS not in LOOKS[PersonRole.PACKER]


@pytest.mark.parametrize(
    ("method", "path", "act"),
    [
        ("POST", "/v1/manifests/{manifest}/close", "manifests.close"),
        ("POST", "/manifests/{manifest}/close", "manifests.close"),
        ("POST", "/v1/webhooks", "webhooks.add"),
        ("PATCH", "/v1/accounts/{account}", "accounts.change"),
        ("PUT", "/v1/accounts/{account}/locations/{location}", "accounts.locations.set"),
        ("DELETE", "/v1/api_keys/{key_id}", "api_keys.remove"),
        ("POST", "/failed/parked/{record}", "failed.parked.change"),
    ],
)
def test_an_act_is_called_by_its_address(method: str, path: str, act: str):
    """The same on the console as over REST, wherever the addresses are."""
    assert act_of(method, path) == act


def test_a_look_that_is_asked_for_like_an_act_is_a_look():
    """The one-time password of a return."""
    assert told_as(act_of("POST", "/v1/returns/{return_id}/password")) == (AuditKind.LOOK, "password")
    assert told_as("webhooks.add") == (AuditKind.ACT, "webhooks.add")


def test_a_browser_is_named_as_people_know_it():
    """And an unknown one by the beginning of what it says."""
    chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
    assert browser_of(chrome) == "Chrome, Linux"
    assert browser_of(f"{chrome} Edg/140.0") == "Edge, Linux"
    assert browser_of("curl/8.5.0") == "curl/8.5.0"
