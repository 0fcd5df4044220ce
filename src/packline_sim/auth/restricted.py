"""createRestrictedDataToken of the Tokens API 2021-03-01."""

from typing import Annotated, Literal

import msgspec

from packline_sim.auth.credentials import ACCESS_TOKEN_SECONDS
from packline_sim.call import Call, Reply, json_reply, read_body
from packline_sim.external_fulfillment.wire import Wire

PATH = "/tokens/2021-03-01/restrictedDataToken"


class RestrictedResource(Wire, frozen=True):
    """Name one method and path; the path may hold a placeholder such as {shipmentId}."""

    method: Literal["GET", "PUT", "POST", "DELETE"]
    path: str
    data_elements: list[str] | None = None


class RestrictedTokenRequest(Wire, frozen=True):
    """The body of createRestrictedDataToken."""

    restricted_resources: Annotated[list[RestrictedResource], msgspec.Meta(min_length=1, max_length=50)]
    target_application: str | None = None


REQUEST = msgspec.json.Decoder(RestrictedTokenRequest)


def create_restricted_data_token(call: Call) -> Reply:
    """Answer createRestrictedDataToken."""
    request = read_body(call, REQUEST)
    token = call.world.credentials.issue(
        call.client_id,
        seller_id=call.seller.seller_id,
        paths=tuple((resource.method, resource.path) for resource in request.restricted_resources),
        elements=tuple(tuple(resource.data_elements or ()) for resource in request.restricted_resources),
    )
    return json_reply({"restrictedDataToken": token.value, "expiresIn": ACCESS_TOKEN_SECONDS})
