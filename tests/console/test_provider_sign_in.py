"""Signing in by an identity provider: who comes in, as what, and every answer of a provider that proves nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from api.house import House
from console.conftest import browser, room_of
from console.test_people import WORD, act, enter, forget
from identity_provider_fake import CLIENT, SECRET, FakeProvider, provider
from packline.commands.people import Change, NewPerson
from packline.console.room import Room
from packline.domain import identity as identity_module
from packline.domain.identity import ProviderSettings, RoleRules
from packline.domain.person import PersonRole
from packline.errors import ConfigError
from packline.oms import id_tokens
from packline.oms.identity_provider import AGAIN_S, IdentityProvider
from packline.storage import passwords
from packline.storage.secrets import Vault

VAULT = Vault({1: b"k" * 32})
ROLES = RoleRules({"packers": PersonRole.PACKER, "leads": PersonRole.MANAGER, "owners": PersonRole.ADMIN}, adds=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with the least that Argon2 takes."""
    monkeypatch.setattr(passwords, "PasswordHasher", lambda: PasswordHasher(1, 8, 1))


class Watch:
    """The time, and as much later as a test says."""

    later = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.later

    def monotonic(self) -> float:
        return self.now().timestamp()

    async def sleep(self, seconds: float) -> None:
        raise AssertionError


@pytest.fixture
async def there() -> AsyncIterator[FakeProvider]:
    async with provider(lambda: datetime.now(UTC)) as made:
        yield made


class Inn:
    """A house whose console knows a provider."""

    def __init__(self, house: House, there: FakeProvider, rules: RoleRules = ROLES, **given: Any) -> None:
        self.house, self.there, self.watch = house, there, Watch()
        settings = ProviderSettings(**{"issuer": there.issuer, "client_id": CLIENT, "client_secret": SECRET} | given)
        self.given = {"provider": IdentityProvider(settings, self.watch), "role_rules": rules, "vault": VAULT}
        self.room: Room = room_of(house, **self.given)

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[httpx.AsyncClient]:
        async with browser(self.house, **self.given) as client:
            yield client

    async def come(self, client: httpx.AsyncClient, back: str = "/calls", path: str = "") -> httpx.Response:
        """Go to the provider, sign in there and come back."""
        there = await client.get(path or f"/sign-in/provider?back={back}")
        assert there.status_code == 303, there.text
        return await client.get(f"/sign-in/callback?{self.there.consent(there.headers['location'])}")

    async def told(self) -> list[tuple[str, str, str]]:
        rows = await self.room.pool.fetch("select act, outcome, subject from audit where kind = 'sign_in' order by id")
        return [(row["act"], row["outcome"], row["subject"].rpartition(": ")[2]) for row in rows]


@pytest.fixture
async def inn(house: House, there: FakeProvider) -> Inn:
    there.claims = {"groups": ["everybody", "packers"]}
    return Inn(house, there)


async def test_somebody_new_comes_in_with_the_role_of_their_group(inn: Inn):
    """The page that was asked for opens; the person has the provider's name and no password; the audit says how."""
    async with inn.browser() as client:
        assert "Sign in with 127.0.0.1" in (await client.get("/sign-in?back=/calls")).text
        answer = await inn.come(client)
        assert (answer.status_code, answer.headers["location"]) == (303, "/calls")
        session = next(cookie for cookie in answer.headers.get_list("set-cookie") if "packline_console" in cookie)
        assert "httponly" in session.lower()
        assert (await client.get("/calls")).status_code == 200
        row = await inn.room.pool.fetchrow("select * from person")
        assert (row["name"], row["full_name"], row["role"], row["password"], row["created_by"]) == (
            "asha", "Asha of the bench", "packer", None, "identity provider",
        )  # fmt: skip
        assert (await client.get("/me")).status_code == 200
        again = await inn.come(client)
        assert again.status_code == 303
    assert await inn.room.pool.fetchval("select count(*) from person") == 1
    assert await inn.told() == [("sign_in", "done", "127.0.0.1")] * 2


async def test_an_answer_with_a_state_of_anybodys_letters_is_refused_in_words(inn: Inn):
    """What no cookie can be named after was not begun here: a word about it, no broken page."""
    async with inn.browser() as client:
        answer = await client.get("/sign-in/callback", params={"state": "\u0394\u03a9\u00e9\u0e01", "code": "x"})
    assert answer.status_code == 401
    assert "was not begun in this browser" in answer.text


async def test_the_role_follows_the_provider_at_each_sign_in(inn: Inn):
    """The highest of several groups counts; a change is in the audit, made by the provider."""
    async with inn.browser() as client:
        await inn.come(client)
        inn.there.claims = {"groups": ["leads", "packers"]}
        await inn.come(client)
    assert await inn.room.pool.fetchval("select role from person") == "manager"
    entry = await inn.room.pool.fetchrow("select who, subject from audit where act = 'users.change'")
    assert tuple(entry) == ("identity provider", "asha: role packer to manager")


async def test_whoever_lost_all_groups_is_out_everywhere(inn: Inn):
    """No group of the mapping: no way in, and what was open ends."""
    async with inn.browser() as before, inn.browser() as after:
        await inn.come(before)
        inn.there.claims = {"groups": "everybody"}
        answer = await inn.come(after)
        assert answer.status_code == 403
        assert "none of your groups there" in answer.text
        await forget(before)
        assert (await before.get("/me")).status_code == 303
    assert (await inn.told())[-1] == ("sign_in", "refused", "identity_no_role")


async def test_nobody_is_added_where_no_setting_says_so(house: House, there: FakeProvider):
    """An admin's link connects a person; the name at the provider alone makes nobody somebody."""
    inn = Inn(house, there, RoleRules())
    await inn.room.people.add(NewPerson("asha", "admin"), "test", password=WORD)
    async with inn.browser() as client:
        answer = await inn.come(client)
        assert answer.status_code == 403
        assert "not connected with anybody here" in answer.text
        assert (await client.get("/me")).status_code == 303
    assert await inn.room.pool.fetchval("select count(*) from person_identity") == 0


async def test_a_link_connects_a_person_once(house: House, there: FakeProvider):
    """In the place of choosing a password; afterwards the link is used, and the login opens the console by itself."""
    inn = Inn(house, there, RoleRules())
    await inn.room.people.add(NewPerson("ravi", "packer"), "test")
    link = await inn.room.people.invite("ravi", "test")
    async with inn.browser() as client, inn.browser() as late:
        assert "Sign in with 127.0.0.1 instead" in (await client.get(link.path)).text
        answer = await inn.come(client, path=f"{link.path}/provider")
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert "ravi" in (await client.get("/me")).text
        there.claims = {"sub": "subject-2"}
        assert (await inn.come(late, path=f"{link.path}/provider")).status_code == 404
        there.claims = {}
        assert (await inn.come(late)).status_code == 303
    rows = await inn.room.pool.fetch("select subject, name from person_identity")
    assert [tuple(row) for row in rows] == [("subject-1", "asha")]


async def test_one_connects_and_disconnects_oneself(house: House, there: FakeProvider):
    """By a form of one's own page; who has no password stays connected; a login is one person's only."""
    inn = Inn(house, there, RoleRules())
    for name in ("asha", "ravi"):
        await inn.room.people.add(NewPerson(name, "packer"), "test", password=WORD)
    async with inn.browser() as client, inn.browser() as other:
        await enter(client)
        page = (await act(client, "/me/provider")).text
        address = page.partition('id="to-provider" href="')[2].partition('"')[0].replace("&amp;", "&")
        await client.get(f"/sign-in/callback?{there.consent(address)}")
        assert "You may also sign in with" in (await client.get("/me")).text
        await enter(other, "ravi")
        page = (await act(other, "/me/provider")).text
        address = page.partition('id="to-provider" href="')[2].partition('"')[0].replace("&amp;", "&")
        taken = await other.get(f"/sign-in/callback?{there.consent(address)}")
        assert taken.status_code == 409
        assert "belongs to somebody else here" in taken.text
        await act(client, "/me/provider/disconnect")
        await forget(client)
        assert (await client.get("/me")).status_code == 303
    assert await inn.room.pool.fetchval("select count(*) from person_identity") == 0
    acts = await inn.room.pool.fetch("select act from audit where act like 'users.%connect' order by id")
    assert [row["act"] for row in acts] == ["users.connect", "users.disconnect"]


async def test_a_connection_of_another_session_is_refused(house: House, there: FakeProvider):
    """Who began it must still be signed in; else somebody's login would open somebody else's account."""
    inn = Inn(house, there, RoleRules())
    for name in ("asha", "ravi"):
        await inn.room.people.add(NewPerson(name, "packer"), "test", password=WORD)
    async with inn.browser() as client:
        await enter(client)
        page = (await act(client, "/me/provider")).text
        address = page.partition('id="to-provider" href="')[2].partition('"')[0].replace("&amp;", "&")
        await enter(client, "ravi")
        answer = await client.get(f"/sign-in/callback?{there.consent(address)}")
        assert answer.status_code == 401
    assert await inn.room.pool.fetchval("select count(*) from person_identity") == 0
    async with inn.browser() as client:
        await enter(client)
        refused = await client.post("/me/provider", data={"token": "guessed"})
        assert refused.status_code == 403


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"iss": "http://127.0.0.1:9"}, "not from"),
    ({"aud": "another"}, "meant for another application"),
    ({"aud": [CLIENT, "another"]}, "several applications"),
    ({"azp": "another"}, "given to another application"),
    ({"nonce": "another"}, "answers another sign-in"),
    ({"nonce": None}, "answers another sign-in"),
    ({"exp": 1_700_000_000}, "was good until"),
    ({"exp": None}, "from when until when"),
    ({"exp": "soon"}, "from when until when"),
    ({"iat": 99_999_999_999}, "from the future"),
    ({"nbf": 99_999_999_999}, "from the future"),
    ({"sub": None}, "names nobody"),
)


async def test_a_token_that_is_not_good_opens_nothing(inn: Inn):
    """OpenID Connect Core 1.0, section 3.1.3.7: each check, with the reason in words and in the audit."""
    async with inn.browser() as client:
        for claims, says in WRONG:
            inn.there.claims = {"groups": ["packers"], **claims}
            answer = await inn.come(client)
            assert answer.status_code == 401, claims
            assert says in answer.text, claims
            assert "packline_console" not in answer.headers.get("set-cookie", "")
    assert await inn.told() == [("sign_in", "refused", "identity_token")] * len(WRONG)
    assert await inn.room.pool.fetchval("select count(*) from person") == 0


async def test_a_token_without_a_public_key_is_refused(inn: Inn):
    """Neither unsigned nor signed with what others know: the client secret, or the public key taken for a secret."""
    async with inn.browser() as client:
        for inn.there.algorithm in ("none", "HS256", "HS512"):
            answer = await inn.come(client)
            assert answer.status_code == 401
            assert "proves nothing" in answer.text


async def test_other_keys_than_rsa_are_taken(inn: Inn):
    """ES256, with the right curve."""
    inn.there.algorithm, inn.there.kid, inn.there.published = "ES256", "curve", ("first", "curve")
    async with inn.browser() as client:
        assert (await inn.come(client)).status_code == 303


async def test_a_rotated_key_is_asked_for_once(inn: Inn):
    """An unknown key id makes us look again, at most every half minute; a key that was taken away opens nothing."""
    async with inn.browser() as client:
        await inn.come(client)
        inn.there.kid = "second"
        assert (await inn.come(client)).status_code == 401  # signed with a key that is not published, asked just now
        inn.watch.later = timedelta(seconds=id_tokens.KEYS_AGAIN_S + 1)
        inn.there.published = ("second",)
        asked = inn.there.asked.count("keys")
        assert (await inn.come(client)).status_code == 303
        assert (await inn.come(client)).status_code == 303
        assert inn.there.asked.count("keys") == asked + 1
        inn.there.kid = "first"
        inn.watch.later += timedelta(seconds=id_tokens.KEYS_AGAIN_S + 1)
        assert (await inn.come(client)).status_code == 401


async def test_an_answer_counts_once_and_only_in_its_own_browser(inn: Inn):
    """Replayed, in another browser, with a state that was made up, or late: nobody comes in."""
    async with inn.browser() as client, inn.browser() as thief:
        there = await client.get("/sign-in/provider")
        kept = dict(client.cookies)
        back = f"/sign-in/callback?{inn.there.consent(there.headers['location'])}"
        assert (await thief.get(back)).status_code == 401
        assert (await client.get(back)).status_code == 303
        assert (await client.get(back)).status_code == 401  # the cookie is gone
        thief.cookies.update(kept)
        assert (await thief.get(back)).status_code == 401  # and even with it the state was used
        assert "packline_console" not in thief.cookies
        assert (await client.get("/sign-in/callback?code=x&state=made-up")).status_code == 401
        assert (await client.get("/sign-in/callback")).status_code == 401


async def test_a_sign_in_that_took_too_long_begins_again(inn: Inn, monkeypatch: pytest.MonkeyPatch):
    """Ten minutes; an address in a history is worth nothing later."""
    monkeypatch.setattr(identity_module, "FLOW_LIVES", timedelta(microseconds=1))
    async with inn.browser() as client:
        answer = await inn.come(client)
    assert answer.status_code == 401
    assert "older than ten minutes" in answer.text


async def test_an_answer_of_another_provider_is_refused(inn: Inn):
    """RFC 9207: the address says who answers."""
    async with inn.browser() as client:
        there = await client.get("/sign-in/provider")
        query = inn.there.consent(there.headers["location"]).replace("iss=", "iss=http%3A%2F%2Fevil.example%2F%3F")
        assert (await client.get(f"/sign-in/callback?{query}")).status_code == 401
    assert "token" not in inn.there.asked


async def test_a_refusal_of_the_provider_is_told_in_its_word(inn: Inn):
    """And nothing else of what the address says."""
    async with inn.browser() as client:
        there = await client.get("/sign-in/provider")
        state = dict(httpx.QueryParams(there.headers["location"].partition("?")[2]))["state"]
        answer = await client.get(f"/sign-in/callback?error=access_denied&error_description=Call+me&state={state}")
    assert answer.status_code == 401
    assert "access_denied" in answer.text
    assert "Call me" not in answer.text


async def test_a_provider_that_is_away_keeps_no_password_out(inn: Inn):
    """Down at the beginning, down in between: the page says so, and signing in by password goes on."""
    await inn.room.people.add(NewPerson("ravi", "packer"), "test", password=WORD)
    inn.there.is_down = True
    async with inn.browser() as client:
        answer = await client.get("/sign-in/provider")
        assert answer.status_code == 503
        assert "cannot be asked" in answer.text
        inn.there.is_down = False
        asked = len(inn.there.asked)
        assert (await client.get("/sign-in/provider")).status_code == 503  # it is left alone for some seconds
        assert len(inn.there.asked) == asked
        inn.watch.later = timedelta(seconds=AGAIN_S + 1)
        there = await client.get("/sign-in/provider")
        inn.there.is_down = True
        answer = await client.get(f"/sign-in/callback?{inn.there.consent(there.headers['location'])}")
        assert answer.status_code == 503
        assert (await enter(client, "ravi")).status_code == 303
        inn.there.is_down = False
        assert (await inn.come(client)).status_code == 303


async def test_what_is_wrong_in_the_settings_says_which(house: House, there: FakeProvider):
    """Another issuer than the provider calls itself, a secret that it does not take, an address that is not https."""
    async with Inn(house, there, client_secret="wrong").browser() as client:
        begun = await client.get("/sign-in/provider")
        answer = await client.get(f"/sign-in/callback?{there.consent(begun.headers['location'])}")
        assert answer.status_code == 500
        assert "oidc_client_secret" in answer.text
    async with Inn(house, there, issuer=f"{there.issuer}/").browser() as client:
        assert "calls itself" in (await client.get("/sign-in/provider")).text
    with pytest.raises(ConfigError):
        IdentityProvider(ProviderSettings("http://login.example", CLIENT), Watch())


async def test_a_public_client_and_one_that_posts_its_secret_come_in(house: House, there: FakeProvider):
    """By what the provider says that it takes."""
    there.claims, there.methods = {"groups": ["packers"]}, ("client_secret_post",)
    async with (inn := Inn(house, there)).browser() as client:
        assert (await inn.come(client)).status_code == 303
    there.is_public = True
    async with (inn := Inn(house, there, client_secret="")).browser() as client:
        assert (await inn.come(client)).status_code == 303


async def test_who_is_disabled_here_stays_out(inn: Inn):
    """Whatever the provider says."""
    async with inn.browser() as client:
        await inn.come(client)
        await inn.room.people.add(NewPerson("boss", "admin"), "test", password=WORD)
        await inn.room.people.change("asha", Change(disabled=True), "test")
        answer = await inn.come(client)
    assert answer.status_code == 403
    assert "disabled" in answer.text
    assert (await inn.told())[-1] == ("sign_in", "refused", "person_disabled")


async def test_a_name_that_somebody_has_is_not_taken_over(inn: Inn):
    """The provider's name is only a name: who has it here already is somebody else until connected."""
    await inn.room.people.add(NewPerson("asha", "admin"), "test", password=WORD)
    async with inn.browser() as client:
        answer = await inn.come(client)
        assert answer.status_code == 409
        inn.there.claims |= {"preferred_username": "Not a name!", "sub": "other"}
        assert (await inn.come(client)).status_code == 422
    assert await inn.room.pool.fetchval("select count(*) from person_identity") == 0


async def test_the_last_admin_is_not_made_less_by_the_provider(inn: Inn):
    """Nobody could give the role back; the sign-in is refused, for the provider says that it is gone."""
    inn.there.claims = {"groups": ["owners"]}
    async with inn.browser() as client:
        await inn.come(client)
        inn.there.claims = {"groups": ["packers"]}
        answer = await inn.come(client)
    assert answer.status_code == 409
    assert await inn.room.pool.fetchval("select role from person") == "admin"


async def test_nobody_is_led_to_another_site(inn: Inn):
    """Neither before nor after the provider."""
    async with inn.browser() as client:
        for back in (
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "/%09/evil.example",
            "/" + "x" * 2000,
        ):
            assert (await inn.come(client, back)).headers["location"] == "/", back


async def test_signing_out_leads_to_the_provider_too(inn: Inn):
    """Here at once, there by a click."""
    async with inn.browser() as client:
        await inn.come(client)
        answer = await act(client, "/sign-out")
        assert "/sign-in/left" in (await client.get(answer.headers["location"])).text
        there = (await client.get("/sign-in/left")).headers["location"]
    assert (
        there
        == f"{inn.there.address}/leave?client_id={CLIENT}&post_logout_redirect_uri=http%3A%2F%2F127.0.0.1%2Fsign-in"
    )


async def test_without_a_provider_nothing_of_it_is_there(house: House):
    """No button, and its addresses say so."""
    async with browser(house) as client:
        assert "provider" not in (await client.get("/sign-in")).text
        for path in ("/sign-in/provider", "/sign-in/callback?code=x&state=y", "/sign-in/left"):
            assert (await client.get(path)).status_code == 404, path
