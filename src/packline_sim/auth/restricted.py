"""createRestrictedDataToken of the Tokens API 2021-03-01."""

from typing import Annotated, Literal

import msgspec

from packline_sim.auth.credentials import ACCESS_TOKEN_SECONDS
from packline_sim.call import Call, Reply, json_reply, read_plain
from packline_sim.external_fulfillment.wire import Wire
from packline_sim.refusals import Problem, Refusal

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
REPORT_DOCUMENTS = "/reports/2021-06-30/documents/"
RESTRICTED = ("/orders/v0/orders", REPORT_DOCUMENTS, "/externalFulfillment/2024-09-11/shipments")
ELEMENTS = frozenset({"buyerInfo", "shippingAddress", "buyerTaxInformation"})


def create_restricted_data_token(call: Call) -> Reply:
    """Answer createRestrictedDataToken; a resource that makes no sense is 400 InvalidRequest."""
    try:
        request = read_plain(call, REQUEST)
    except Refusal as refusal:
        raise _invalid("Resource not provided.") if refusal.status == 400 else refusal from None
    for resource in request.restricted_resources:
        _check(resource)
    token = call.world.credentials.issue(
        call.client_id,
        seller_id=call.seller.seller_id,
        paths=tuple((resource.method, resource.path) for resource in request.restricted_resources),
        elements=tuple(tuple(resource.data_elements or ()) for resource in request.restricted_resources),
    )
    return json_reply({"restrictedDataToken": token.value, "expiresIn": ACCESS_TOKEN_SECONDS})


def _check(resource: RestrictedResource) -> None:
    if not resource.path.startswith(RESTRICTED):
        raise _invalid(f"The path {resource.path} is not that of a restricted operation.")
    # A token for a report document is for one document; elsewhere placeholders such as {orderId} are taken.
    if resource.path.startswith(REPORT_DOCUMENTS) and (resource.method != "GET" or "{" in resource.path):
        raise _invalid("A report document needs GET and its specific path.")
    if not ELEMENTS.issuperset(resource.data_elements or ()):
        raise _invalid(f"dataElements must be of: {', '.join(sorted(ELEMENTS))}.")


def _invalid(details: str) -> Refusal:
    return Refusal(400, Problem("InvalidRequest", "Request is missing or has invalid parameters", details))
