"""Where sellers consent, and what their code is worth.

Sources: Selling Partner API, "Website authorization workflow" (address, parameters, five minutes of life) and "Seller
Central URLs".
"""

from urllib.parse import urlencode, urlsplit

from packline.amazon.spapi import auth
from packline.amazon.spapi.clock import Clock
from packline.amazon.spapi.transport import Transport
from packline.domain.consent import Consent
from packline.domain.location import TOKEN_URL
from packline.errors import Unauthorized

SELLER_CENTRAL = {
    "A2EUQ1WTGCTBG2": "https://sellercentral.amazon.ca",
    "ATVPDKIKX0DER": "https://sellercentral.amazon.com",
    "A1AM78C64UM0Y8": "https://sellercentral.amazon.com.mx",
    "A2Q3Y263D00KWC": "https://sellercentral.amazon.com.br",
    "A28R8C7NBKEWEA": "https://sellercentral.amazon.ie",
    "A1RKKUPIHCS9HS": "https://sellercentral-europe.amazon.com",
    "A1F83G8C2ARO7P": "https://sellercentral-europe.amazon.com",
    "A13V1IB3VIYZZH": "https://sellercentral-europe.amazon.com",
    "AMEN7PMS3EDWL": "https://sellercentral.amazon.com.be",
    "A1805IZSGTT6HS": "https://sellercentral.amazon.nl",
    "A1PA6795UKMFR9": "https://sellercentral-europe.amazon.com",
    "APJ6JRA9NG5V4": "https://sellercentral-europe.amazon.com",
    "A2NODRKZP88ZB9": "https://sellercentral.amazon.se",
    "AE08WJ6YKNBMC": "https://sellercentral.amazon.co.za",
    "A1C3SOZRARQ6R3": "https://sellercentral.amazon.pl",
    "ARBP9OOSHTCHU": "https://sellercentral.amazon.eg",
    "A33AVAJ2PDY3EV": "https://sellercentral.amazon.com.tr",
    "A17E79C6D8DWNP": "https://sellercentral.amazon.sa",
    "A2VIGQ35RCS4UG": "https://sellercentral.amazon.ae",
    "A21TJRUUN4KGV": "https://sellercentral.amazon.in",
    "A19VAU5U5O7RUS": "https://sellercentral.amazon.sg",
    "A39IBJ37TRP1C6": "https://sellercentral.amazon.com.au",
    "A1VC38T7YXB528": "https://sellercentral.amazon.co.jp",
}
"""Where the sellers of a marketplace sign in."""
_ELSEWHERE = "https://sellercentral.amazon.com"
_PATH = "/apps/authorize/consent"


class ConsentGate:
    """Send sellers to their consent page, and turn the code that they come back with into a refresh token."""

    def __init__(self, transport: Transport, clock: Clock) -> None:
        """Ask Login with Amazon over `transport`."""
        self._transport, self._clock = transport, clock

    def address(self, consent: Consent, state: str, *, is_draft: bool = False) -> str:
        """Give the address of the page on which the seller consents; at a simulator it is the simulator's own.

        `is_draft`: the application is not published yet.
        """
        account = consent.account
        home = _ELSEWHERE
        if account.token_url in ("", TOKEN_URL):
            home = next((SELLER_CENTRAL[shop] for shop in account.marketplaces if shop in SELLER_CENTRAL), home)
        else:
            parts = urlsplit(account.token_url)
            home = f"{parts.scheme}://{parts.netloc}"
        query = {"application_id": account.application_id, "state": state, "redirect_uri": consent.redirect_uri}
        return f"{home}{_PATH}?{urlencode(query | ({'version': 'beta'} if is_draft else {}))}"

    async def refresh_token(self, consent: Consent, code: str) -> str:
        """Exchange a code. Raises Unauthorized with the cure, or Unavailable."""
        tokens = auth.AccessTokens(self._transport, self._clock, token_url=consent.account.token_url or TOKEN_URL)
        credentials = auth.Credentials(consent.client_id, consent.client_secret)
        try:
            answer = await tokens.exchange(credentials, code, consent.redirect_uri)
        except Unauthorized as refused:
            if refused.amazon_code != "invalid_grant":
                raise
            raise Unauthorized(
                "Amazon does not take the code of this consent: it is older than five minutes, or was used already.",
                operation=refused.operation,
                status=refused.status,
                amazon_code=refused.amazon_code,
                hint="Begin the consent again; the seller's browser comes back with a new code.",
            ) from refused
        if not answer.refresh_token:
            raise Unauthorized(
                "Amazon took the code but gave no refresh token.", hint="Begin the consent again.", operation="signIn"
            )
        return answer.refresh_token
