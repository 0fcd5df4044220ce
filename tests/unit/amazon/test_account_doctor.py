"""The doctor of accounts: an authorisation of another region is noticed, and nothing else is mistaken for it."""

from typing import Any

from packline.amazon.doctor.account import AccountDoctor
from packline.amazon.spapi.transport import Request, Response
from packline.commands.accounts import ENDPOINTS
from packline.domain.findings import Finding, worst
from packline.domain.location import TOKEN_URL, Account, Credentials, Location, Region
from unit.amazon.driven_clock import DrivenClock
from unit.amazon.scripted_transport import ScriptedTransport, answer, refusal

ACCOUNT = Account("acme", "Acme", "A1", Region.EU, ("A21TJRUUN4KGV",), ENDPOINTS[Region.EU], TOKEN_URL, "app")


class OneAccount:
    """A store with one account and no location."""

    async def account(self, account_id: str) -> Account | None:
        return ACCOUNT if account_id == ACCOUNT.id else None

    async def locations(self, account_id: str) -> list[Location]:
        return []

    async def credentials(self, account_id: str) -> Credentials:
        return Credentials("id", "secret", "refresh")


def only_in(region: Region | None) -> Any:
    """Answer like Amazon to an authorisation that is good in one region (or in none, for want of a role)."""

    def reply(request: Request) -> Response:
        here = region is not None and request.url.startswith(ENDPOINTS[region])
        return answer(200, b'{"shipments": []}') if here else refusal(403, "Unauthorized", "denied")

    return reply


async def found(region: Region | None) -> list[Finding]:
    store: Any = OneAccount()
    transport: Any = ScriptedTransport(only_in(region))
    return await AccountDoctor(transport, DrivenClock(), store, ENDPOINTS).check("acme")


async def test_a_mistaken_region_is_named_with_the_right_one():
    """Login with Amazon takes the token everywhere; the API of the region alone does."""
    told = {finding.check: finding for finding in await found(Region.NA) if finding.state == "bad"}
    assert "in NA, not in EU" in told["region"].says
    assert "set it up again in NA" in told["region"].cure


async def test_a_missing_role_is_no_mistaken_region():
    """Where no region takes it, the region is not blamed."""
    told = [finding for finding in await found(None) if finding.state == "bad"]
    assert "region" not in {finding.check for finding in told}
    assert any("lacks the role" in finding.cure for finding in told)


def test_the_worst_of_findings_speaks_for_all():
    """One that is bad beats a doubt, and a doubt what is good."""
    good, doubt, bad = (Finding("x", "x", state, "x") for state in ("good", "doubt", "bad"))
    assert [worst([good]), worst([good, doubt]), worst([doubt, bad, good]), worst([])] == ["good", "doubt", "bad", ""]
