"""Consent by the command line: an address to go to, and an account of the address that Amazon led back to."""

import asyncio
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

Say = Callable[..., Any]
BACK = "http://127.0.0.1:9/back"


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follow no redirect: the address is what is wanted."""

    def redirect_request(self, *_: Any) -> None:
        return None


def consented(address: str, seller_id: str) -> str:
    """Consent at the simulator, as the seller's browser does; give where it is led."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    body = urlencode({**asked, "seller_id": seller_id}).encode()
    try:
        urllib.request.build_opener(_Stay).open(address.partition("?")[0], body, timeout=60)
    except urllib.error.HTTPError as led:
        return str(led.headers["location"])
    raise AssertionError("the page led nowhere")


async def test_a_seller_consents_and_becomes_an_account(say: Say, amazon: Any, seller: Any):
    """The state counts once: the same address again brings nothing in."""
    made = amazon.control.post("applications", body={"name": "Packline"})
    begun = await say(
        "account", "consent", "Acme", "--application-id", made["application_id"], "--client-id", made["client_id"],
        "--client-secret", made["client_secret"], "--marketplace", "A21TJRUUN4KGV", "--redirect-uri", BACK,
        "--endpoint", amazon.url, "--token-url", amazon.token_url, "--json",
    )  # fmt: skip
    assert begun.code == 0, begun.err
    back = await asyncio.to_thread(consented, begun.rows[0]["address"], seller.seller_id)
    assert back.startswith(BACK)
    taken = await say("account", "consented", back, "--json")
    assert taken.code == 0, taken.err
    assert taken.rows[0]["is_new"]
    shown = await say("account", "show", taken.rows[0]["id"], "--json")
    assert shown.rows[0]["seller_id"] == seller.seller_id
    again = await say("account", "consented", back, "--json")
    assert again.code != 0
    assert "was used already" in again.err + again.out


async def test_marketplaces_of_two_regions_cannot_be_consented_to_at_once(say: Say):
    """A seller authorises each region by itself."""
    said = await say(
        "account", "consent", "Acme", "--application-id", "a", "--client-id", "c", "--client-secret", "s",
        "--marketplace", "A21TJRUUN4KGV", "--marketplace", "ATVPDKIKX0DER", "--redirect-uri", BACK,
    )  # fmt: skip
    assert said.code != 0
    assert "not of one region" in said.err
