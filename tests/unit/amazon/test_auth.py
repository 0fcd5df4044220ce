"""Sign-in: one refresh for each account, early, and each account's trouble its own."""

from __future__ import annotations

import asyncio

import pytest

from packline.amazon.spapi.auth import AccessTokens, Account, Credentials
from packline.amazon.spapi.transport import NoAnswer, NotSent
from packline.errors import Unauthorized, Unavailable
from unit.amazon.driven_clock import DrivenClock, settle
from unit.amazon.scripted_transport import ScriptedTransport, answer

TOKEN_URL = "http://amazon.test/auth/o2/token"


def account(name: str = "a", refresh_token: str = "refresh") -> Account:
    return Account(name, "http://amazon.test", Credentials("client", "secret", refresh_token))


def signing_in(transport: ScriptedTransport) -> tuple[AccessTokens, DrivenClock]:
    clock = DrivenClock()
    return AccessTokens(transport, clock, token_url=TOKEN_URL), clock


async def test_many_callers_share_one_refresh():
    """Rule: at most one refresh is in flight for an account."""
    transport = ScriptedTransport(answer())
    transport.hold = asyncio.Event()
    tokens, _ = signing_in(transport)
    grant = tokens.grant(account())
    callers = [asyncio.create_task(tokens.token(grant)) for _ in range(50)]
    await settle()
    transport.hold.set()
    assert set(await asyncio.gather(*callers)) == {"token-1"}
    assert transport.sign_in_forms == [
        {
            "grant_type": ["refresh_token"],
            "refresh_token": ["refresh"],
            "client_id": ["client"],
            "client_secret": ["secret"],
        }
    ]


async def test_a_caller_that_leaves_does_not_end_the_refresh_of_the_others():
    """Rule: the refresh belongs to the account, not to who asked first."""
    transport = ScriptedTransport(answer())
    transport.hold = asyncio.Event()
    tokens, _ = signing_in(transport)
    grant = tokens.grant(account())
    first, second = (asyncio.create_task(tokens.token(grant)) for _ in range(2))
    await settle()
    first.cancel()
    await settle()
    transport.hold.set()
    assert await second == "token-1"


async def test_a_token_is_renewed_a_minute_early_and_nobody_waits_for_it():
    """Rule: in the last minute the old token still serves while the new one is fetched."""
    transport = ScriptedTransport(answer())
    tokens, clock = signing_in(transport)
    grant = tokens.grant(account())
    await tokens.token(grant)
    assert tokens.ready(grant) == "token-1"
    clock.elapsed = 3541
    assert tokens.ready(grant) == ""
    assert await tokens.token(grant) == "token-1"
    await settle()
    assert await tokens.token(grant) == "token-2"


async def test_a_failing_early_renewal_leaves_the_old_token_in_use():
    """Rule: a passing failure of sign-in stops nothing while the token lives."""
    transport = ScriptedTransport(
        answer(), sign_ins=[answer(200, b'{"access_token":"t","expires_in":"3600"}'), answer(503)]
    )
    tokens, clock = signing_in(transport)
    grant = tokens.grant(account())
    await tokens.token(grant)
    clock.elapsed = 3570
    for _ in range(3):
        assert await tokens.token(grant) == "t"
        await settle()
    assert len(transport.sign_in_forms) == 2


@pytest.mark.parametrize(
    ("status", "word", "cure"),
    [
        (400, "invalid_grant", "authorise the application again"),
        (401, "invalid_client", "client id and secret"),
        (400, "unauthorized_client", "belongs to this application"),
    ],
)
async def test_a_refused_sign_in_says_how_to_mend_it(status, word, cure):
    """Rule: what the operator must do differs between a withdrawn consent and a rotated secret."""
    refusal = answer(status, f'{{"error":"{word}","error_description":"x"}}'.encode())
    tokens, _ = signing_in(ScriptedTransport(answer(), sign_ins=[refusal]))
    with pytest.raises(Unauthorized) as caught:
        await tokens.token(tokens.grant(account()))
    assert caught.value.amazon_code == word
    assert cure in caught.value.hint
    assert "secret" not in repr(tokens.grant(account()).credentials).replace("client_secret", "")


async def test_a_refusal_is_remembered_until_the_credentials_change():
    """Rule: a broken account does not sign in again at every call; new credentials are tried at once."""
    transport = ScriptedTransport(answer(), sign_ins=[answer(400, b'{"error":"invalid_grant"}')])
    tokens, clock = signing_in(transport)
    for _ in range(3):
        with pytest.raises(Unauthorized):
            await tokens.token(tokens.grant(account()))
    assert len(transport.sign_in_forms) == 1
    assert await tokens.token(tokens.grant(account(refresh_token="new"))) == "token-2"
    clock.elapsed += 31
    assert await tokens.token(tokens.grant(account())) == "token-3"


@pytest.mark.parametrize("trouble", [NotSent("refused"), NoAnswer("time-out"), answer(503), answer(200, b"<html>")])
async def test_trouble_at_sign_in_is_passing_and_only_this_accounts(trouble):
    """Rule: silence, 5xx and nonsense are Unavailable; another account signs in meanwhile."""
    transport = ScriptedTransport(answer(), sign_ins=[trouble])
    tokens, clock = signing_in(transport)
    with pytest.raises(Unavailable):
        await tokens.token(tokens.grant(account("a")))
    assert await tokens.token(tokens.grant(account("b"))) == "token-2"
    clock.elapsed += 2
    assert await tokens.token(tokens.grant(account("a"))) == "token-3"


async def test_calls_without_a_seller_sign_in_with_a_scope():
    """Rule: client_credentials with the scope, its token apart from the seller's."""
    transport = ScriptedTransport(answer())
    tokens, _ = signing_in(transport)
    await tokens.token(tokens.grant(account(), "sellingpartnerapi::notifications"))
    await tokens.token(tokens.grant(account()))
    assert [form["grant_type"] for form in transport.sign_in_forms] == [["client_credentials"], ["refresh_token"]]
    assert transport.sign_in_forms[0]["scope"] == ["sellingpartnerapi::notifications"]


async def test_a_sellers_consent_becomes_a_refresh_token():
    """Rule: authorization_code is exchanged once, with the redirect address where one was used."""
    given = answer(200, b'{"access_token":"t","refresh_token":"r","expires_in":3600}')
    transport = ScriptedTransport(answer(), sign_ins=[given])
    tokens, _ = signing_in(transport)
    exchanged = await tokens.exchange(Credentials("client", "secret"), "code", "https://app.test/back")
    assert exchanged.refresh_token == "r"
    assert "t" not in repr(exchanged).replace("TokenAnswer", "").replace("expires_in", "")
    assert transport.sign_in_forms[0]["redirect_uri"] == ["https://app.test/back"]


async def test_ten_thousand_accounts_sign_in_each_once():
    """Rule: one process can hold the tokens of more than ten thousand accounts."""
    transport = ScriptedTransport(answer())
    tokens, _ = signing_in(transport)
    accounts = [account(f"a{number}") for number in range(10_001)]
    await asyncio.gather(*(tokens.token(tokens.grant(each)) for each in accounts))
    assert len(transport.sign_in_forms) == 10_001
    assert all(tokens.ready(tokens.grant(each)) for each in accounts)
    tokens.forget("a0")
    assert tokens.ready(tokens.grant(accounts[0])) == ""
