"""People at the console: sign-in by name, lock-out, links, roles, sessions that end, and what the audit keeps of it."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from api.house import House
from console.conftest import browser, room_of
from packline.commands.people import NewPerson
from packline.console import guard, lists
from packline.console.room import Room
from packline.storage import passwords

WORD = "seven green parcels"
NEXT = "eight blue parcels"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with the least that Argon2 takes: these tests are not about its cost."""
    monkeypatch.setattr(passwords, "PasswordHasher", lambda: PasswordHasher(1, 8, 1))


@pytest.fixture
def room(house: House) -> Room:
    return room_of(house)


async def someone(room: Room, name: str = "asha", role: str = "packer", **given: Any) -> None:
    """Add a person with a password."""
    await room.people.add(NewPerson(name, role, **given), "test", password=WORD)


async def enter(client: httpx.AsyncClient, name: str = "asha", password: str = WORD, **more: str) -> httpx.Response:
    return await client.post("/sign-in", data={"name": name, "password": password, **more})


@asynccontextmanager
async def signed_in(house: House, name: str = "asha") -> AsyncIterator[httpx.AsyncClient]:
    """Open a browser that a person has signed in with."""
    async with browser(house) as client:
        answer = await enter(client, name)
        assert answer.status_code == 303, answer.text
        yield client


def token_in(html: str) -> str:
    found = re.search(r'"X-Packline-Token": "([^"]+)"', html)
    assert found
    return found[1]


async def act(client: httpx.AsyncClient, path: str, **fields: Any) -> httpx.Response:
    """Send a form as a page of this session does."""
    token = token_in((await client.get("/me")).text)
    return await client.post(path, data={"token": token, **fields})


async def outcomes(room: Room, act: str) -> list[str]:
    rows = await room.pool.fetch("select outcome from audit where act = $1 order by at, id", act)
    return [row["outcome"] for row in rows]


async def test_a_name_and_its_password_open_the_console(house: House, room: Room):
    """The cookie is for this site and no script; the password is stored as Argon2id; the audit has the sign-in."""
    await someone(room)
    async with browser(house) as client:
        answer = await enter(client, "Asha", back="/calls")
        assert (answer.status_code, answer.headers["location"]) == (303, "/calls")
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert (await client.get("/calls")).status_code == 200
    kept = await room.pool.fetchval("select password from person")
    assert kept.startswith("$argon2id$")
    assert await room.pool.fetchval("select count(*) from session where hash::text like '%packline%'") == 0
    assert await outcomes(room, "sign_in") == ["done"]


async def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(house: House, room: Room):
    """Nobody learns from the sign-in which names exist."""
    await someone(room)
    async with browser(house) as client:
        wrong = await enter(client, password="wrong parcels here")
        unknown = await enter(client, "nobody-is-so-called")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace('"asha"', "") == unknown.text.replace('"nobody-is-so-called"', "")


@pytest.mark.parametrize("name", ["asha", "nobody-is-so-called"])
async def test_wrong_passwords_lock_a_name_and_each_one_longer(house: House, room: Room, name: str):
    """After the fifth nobody gets in for 30 s, not even with the right one, then for 60; unknown names are no other."""
    await someone(room)
    async with browser(house) as client:
        for _ in range(5):
            assert (await enter(client, name, "wrong parcels here")).status_code == 401
        refused = await enter(client, name, WORD)
        assert refused.status_code == 429
        assert "Try again in" in refused.text
        for seconds in (30, 60, 120):
            locked = await room.pool.fetchval("select locked_until - at from sign_in_attempt")
            assert locked == timedelta(seconds=seconds)
            await room.pool.execute("update sign_in_attempt set locked_until = at")
            assert (await enter(client, name, "wrong parcels here")).status_code == 401
    assert "locked" in await outcomes(room, "sign_in")


async def test_the_right_password_forgets_the_wrong_ones(house: House, room: Room):
    """Four slips of the fingers cost nothing."""
    await someone(room)
    async with browser(house) as client:
        for _ in range(4):
            await enter(client, password="wrong parcels here")
        assert (await enter(client)).status_code == 303
    assert await room.pool.fetchval("select count(*) from sign_in_attempt") == 0


async def test_the_set_up_link_makes_the_first_admin_once(house: House, room: Room):
    """It asks for a name and a password, signs in, and is of no use afterwards."""
    link = await room.people.first_link()
    assert link is not None
    async with browser(house) as client:
        assert "You are the first here" in (await client.get(link.path)).text
        short = await client.post(link.path, data={"name": "asha", "password": "short", "again": "short"})
        assert (short.status_code, "at least 12 characters" in short.text) == (422, True)
        differs = await client.post(link.path, data={"name": "asha", "password": WORD, "again": NEXT})
        assert (differs.status_code, "The two passwords differ." in differs.text) == (422, True)
        made = await client.post(link.path, data={"name": "asha", "password": WORD, "again": WORD})
        assert (made.status_code, made.headers["location"]) == (303, "/")
        assert 'href="/people"' in (await client.get("/")).text
        assert (await client.get(link.path)).status_code == 404
    assert await room.people.first_link() is None


async def test_an_admin_adds_somebody_who_chooses_a_password(house: House, room: Room):
    """The link is shown once, works once, and a second one replaces it."""
    await someone(room, "ravi", "admin")
    async with signed_in(house, "ravi") as admin, browser(house) as client:
        added = await act(admin, "/people", name="asha", role="packer", full_name="Asha of the bench")
        told = (await admin.get(added.headers["location"])).text
        link = re.search(r"/welcome/[\w-]+", told)[0]
        assert link not in (await admin.get(added.headers["location"].partition("?")[0])).text
        assert "Asha of the bench" in (await client.get(link)).text
        assert (await client.post(link, data={"password": WORD, "again": WORD})).status_code == 303
        assert (await client.get("/bench")).status_code == 200
        assert (await client.post(link, data={"password": NEXT, "again": NEXT})).status_code == 404
    assert await outcomes(room, "users.link") == ["done"]


async def test_a_viewer_looks_but_cannot_act_nor_see_people(house: House, room: Room):
    """Buttons are not there, a form is refused in words, pages of admins are refused and not in the rail."""
    await someone(room, role="viewer")
    shipment = await house.shipment()
    async with signed_in(house) as client:
        html = (await client.get(f"/shipments/{shipment.id}")).text
        assert "Show the address" not in html
        assert f'action="/shipments/{shipment.id}/pack"' not in html
        assert 'href="/people"' not in html
        assert 'href="/audit"' not in html
        answer = await act(client, f"/shipments/{shipment.id}/pack")
        assert "your role is viewer" in (await client.get(answer.headers["location"])).text
        assert (await house.store.load([shipment.id]))[shipment.id].goal is None
        for path in ("/people", "/people/new", "/audit"):
            assert (await client.get(path)).status_code == 403, path
        assert (await act(client, "/people", name="x", role="admin")).status_code == 403


async def test_limits_to_an_account_hold_for_people(house: House, room: Room):
    """Somebody of another account sees no shipment and finds no page."""
    await someone(room, role="manager", accounts=("other",))
    shipment = await house.shipment("S-77")
    async with signed_in(house) as client:
        assert "S-77" not in (await client.get("/shipments")).text
        assert (await client.get(f"/shipments/{shipment.id}")).status_code == 404


async def test_an_admin_with_limits_changes_nobody(house: House, room: Room):
    """Else somebody who is bound to one account could make an admin of all."""
    await someone(room, role="admin", accounts=("acme-in",))
    async with signed_in(house) as client:
        assert (await client.get("/people")).status_code == 403
        assert (await act(client, "/people", name="new", role="admin")).status_code == 403
    assert await room.pool.fetchval("select count(*) from person") == 1


async def test_whoever_is_disabled_is_out_at_once(house: House, room: Room):
    """In this process with the next look, and no password helps."""
    await someone(room)
    await someone(room, "ravi", "admin")
    async with browser(house) as client:
        await enter(client)
        async with signed_in(house, "ravi") as admin:
            person = await room.pool.fetchval("select id from person where name = 'asha'")
            await act(admin, f"/people/{person}/disable")
        await forget(client)
        assert (await client.get("/")).headers["location"].startswith("/sign-in")
        assert (await enter(client)).status_code == 401


async def forget(client: httpx.AsyncClient) -> None:
    """Let the guard ask the database again, as it does after five seconds."""
    transport: Any = client._transport
    guard = transport.app.middleware_stack
    while not hasattr(guard, "_known"):
        guard = guard.app if hasattr(guard, "app") else guard._app
    for session in guard._known.values():
        session.asked_at = float("-inf")


async def test_the_last_admin_cannot_leave(house: House, room: Room):
    """Nobody can take away the last role that could give it back."""
    await someone(room, role="admin")
    async with signed_in(house) as client:
        person = await room.pool.fetchval("select id from person")
        answer = await act(client, f"/people/{person}/change", role="viewer")
        assert "the last admin" in (await client.get(answer.headers["location"])).text
    assert await room.pool.fetchval("select role from person") == "admin"


async def test_changing_the_password_signs_other_browsers_out(house: House, room: Room):
    """The old password is asked for, this browser stays, the others go."""
    await someone(room)
    async with signed_in(house) as here, signed_in(house) as there:
        wrong = await act(here, "/me/password", old="not this one", password=NEXT, again=NEXT)
        assert "password is wrong" in (await here.get(wrong.headers["location"])).text
        await act(here, "/me/password", old=WORD, password=NEXT, again=NEXT)
        await forget(here)
        await forget(there)
        assert (await here.get("/me")).status_code == 200
        assert (await there.get("/me")).status_code == 303
        assert (await enter(there)).status_code == 401
        assert (await enter(there, password=NEXT)).status_code == 303


async def test_a_session_ends_when_nobody_acts_and_in_any_case(house: House, room: Room):
    """What a page asks for by itself keeps no session; a click does; the end comes whatever happens."""
    await someone(room)
    async with signed_in(house) as client:
        await room.pool.execute("update session set seen_at = seen_at - interval '3 hours 59 minutes'")
        before = await room.pool.fetchval("select seen_at from session")
        await client.get("/", headers={"hx-request": "true"})
        assert await room.pool.fetchval("select seen_at from session") == before
        await client.get("/")
        assert await room.pool.fetchval("select seen_at from session") > before
        await room.pool.execute("update session set seen_at = seen_at - interval '4 hours 1 minute'")
        await forget(client)
        assert (await client.get("/")).status_code == 303
        await enter(client)
        await room.pool.execute("update session set ends_at = created_at")
        await forget(client)
        assert (await client.get("/")).status_code == 303


async def test_signing_out_ends_the_session_for_good(house: House, room: Room):
    """A cookie that somebody kept opens nothing any more."""
    await someone(room)
    async with signed_in(house) as client:
        kept = client.cookies["packline_console"]
        assert (await act(client, "/sign-out")).headers["location"] == "/sign-in"
        await forget(client)
        answer = await client.get("/", headers={"cookie": f"packline_console={kept}"})
        assert answer.status_code == 303


async def test_a_cookie_that_somebody_planted_opens_nothing(house: House, room: Room):
    """Each sign-in has a cookie of its own, and ends the session that the browser had before."""
    await someone(room)
    await someone(room, "ravi")
    async with signed_in(house) as thief, browser(house) as client:
        planted = thief.cookies["packline_console"]
        client.cookies.set("packline_console", planted)
        await enter(client, "ravi")
        own = [cookie.value for cookie in client.cookies.jar if cookie.value != planted]
        assert len(own) == 1
        await forget(thief)
        assert (await thief.get("/me")).status_code == 303
        client.cookies.set("packline_console", "made-up-by-somebody")
        assert (await client.get("/me", headers={"cookie": "packline_console=made-up"})).status_code == 303
    open_ones = await room.pool.fetchval("select count(*) from session where revoked_at is null")
    assert open_ones == 1


async def test_one_signs_oneself_out_in_another_browser(house: House, room: Room):
    """The account's page lists browsers; somebody else's session cannot be named there."""
    await someone(room)
    await someone(room, "ravi")
    async with signed_in(house) as here, signed_in(house) as there, signed_in(house, "ravi") as other:
        await act(here, "/me/sessions")
        foreign = await room.pool.fetchval(
            "select s.id from session s join person p on p.id = s.person_id where p.name = 'ravi'"
        )
        await act(here, "/me/sessions", session=foreign)
        for client in (here, there, other):
            await forget(client)
        assert [(await client.get("/me")).status_code for client in (here, there, other)] == [200, 303, 200]


async def test_a_sign_in_from_another_site_is_refused(house: House, room: Room):
    """A page elsewhere cannot sign a visitor in under a name of its own choice."""
    await someone(room)
    async with browser(house) as client:
        answer = await client.post(
            "/sign-in", data={"name": "asha", "password": WORD}, headers={"sec-fetch-site": "cross-site"}
        )
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


async def test_commands_say_which_person_gave_them(house: House, room: Room):
    """The name is on the ticket, in the audit beside sign-in and looks, and found by the person's filter."""
    await someone(room, role="manager")
    shipment = await house.shipment("S-9")
    await house.labeled(shipment.id)
    async with signed_in(house) as client:
        await act(client, f"/shipments/{shipment.id}/pack")
        assert await room.pool.fetchval("select requested_by from command") == "user: asha"
        document = await room.pool.fetchval("select sha256 from shipment_document")
        assert (await client.get(f"/shipments/{shipment.id}/documents/{document}")).status_code == 200
        address = await act(client, f"/shipments/{shipment.id}/look/address")
        assert "A Buyer" in address.text
        html = (await client.get("/audit?who=user%3A+asha")).text
        for said in ("signed in", "asked: Pack", "saw the label", "saw the address", "S-9"):
            assert said in html, said
        csv = (await client.get("/audit?who=user%3A+asha&as=csv")).text
        assert csv.startswith("at,who,act,shipment,subject,outcome,address")
        assert "saw the label" in csv
        assert "saw the label" not in (await client.get("/audit?kind=act")).text
        assert "saw the label" in (await client.get("/audit?shipment=S-9")).text


@pytest.mark.parametrize(
    ("role", "label", "address"),
    [("viewer", 403, 403), ("support", 403, 403), ("packer", 200, 403), ("manager", 200, 200), ("admin", 200, 200)],
)
async def test_personal_data_is_shown_to_those_who_need_it(
    house: House, room: Room, role: str, label: int, address: int
):
    """A packer needs the label, a manager the address too; viewer and support never see either. Each look is kept."""
    await someone(room, role=role)
    shipment = await house.shipment()
    await house.labeled(shipment.id)
    document = await room.pool.fetchval("select sha256 from shipment_document")
    async with signed_in(house) as client:
        assert (await client.get(f"/shipments/{shipment.id}/documents/{document}")).status_code == label
        assert (await act(client, f"/shipments/{shipment.id}/look/address")).status_code == address
    seen = await room.pool.fetch("select act, who, shipment_id, account_id from audit where kind = 'look' order by id")
    wanted = ["label"] * (label == 200) + ["address"] * (address == 200)
    assert [row["act"] for row in seen] == wanted
    assert {(row["who"], row["shipment_id"], row["account_id"]) for row in seen} <= {
        ("user: asha", shipment.id, "acme-in")
    }


async def test_support_reads_the_audit_without_personal_data(house: House, room: Room):
    """Whoever helps sees who did what, and no address."""
    await someone(room, role="support")
    async with signed_in(house) as client:
        assert (await client.get("/audit")).status_code == 200
        assert 'href="/audit"' in (await client.get("/")).text


async def test_an_act_that_is_no_command_is_in_the_audit_with_its_outcome(house: House, room: Room):
    """Written before it is done, completed afterwards; a refusal is told too."""
    await someone(room, role="manager")
    async with signed_in(house) as client:
        await act(client, "/failed/parked/999")
        await act(client, "/prints", ids="nothing")
    rows = await room.pool.fetch(
        "select act, who, outcome, address from audit where kind = 'act' and act not like 'users%'"
    )
    told = {row["act"]: row["outcome"] for row in rows}
    assert set(told) == {"failed.parked.change", "prints.add"}
    assert None not in told.values()
    assert {row["who"] for row in rows} == {"user: asha"}


async def test_a_stream_ends_with_its_session(house: House, room: Room, monkeypatch: pytest.MonkeyPatch):
    """A page that is open hears no more than a look after somebody was signed out, and no error is made of it."""
    monkeypatch.setattr(guard, "ASK_AGAIN_S", 0.0)
    monkeypatch.setattr(lists, "QUIET_S", 0.01)

    async def beat(seconds: float) -> None:
        await asyncio.sleep(0.01)

    monkeypatch.setattr(type(house.services.clock), "sleep", lambda self, seconds: beat(seconds))
    await someone(room)
    async with signed_in(house) as client:
        cookie = f"packline_console={client.cookies['packline_console']}"
        app: Any = client._transport.app  # type: ignore[attr-defined]
        sent: list[dict[str, Any]] = []
        heard = asyncio.Event()

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)
            heard.set()

        async def receive() -> dict[str, Any]:
            await asyncio.Event().wait()
            raise AssertionError

        scope = {
            "type": "http", "method": "GET", "path": "/live", "raw_path": b"/live", "query_string": b"",
            "root_path": "", "scheme": "http", "headers": [(b"cookie", cookie.encode())], "http_version": "1.1",
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
            "asgi": {"version": "3.0", "spec_version": "2.3"},
        }  # fmt: skip
        stream = asyncio.create_task(app(scope, receive, send))
        await asyncio.wait_for(heard.wait(), 60)
        assert sent[0]["status"] == 200
        await room.people.sign_out("asha", "test")
        await asyncio.wait_for(stream, 60)
        assert sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
