"""Parameters that many routes take."""

from typing import Annotated

from fastapi import Path, Query

from packline.views.paging import LIMIT_AT_MOST

Reference = Annotated[
    str, Path(description="`shp_...`, Amazon's shipment id, or an order id that names one shipment.", max_length=200)
]
Limit = Annotated[int, Query(ge=1, le=LIMIT_AT_MOST, description="Rows of a page.")]
After = Annotated[str | None, Query(max_length=500, description="`next` of the page before.")]
Word = Annotated[str | None, Query(max_length=200)]
PROBLEMS = {
    401: {"description": "No API key, or one that is not good any more."},
    403: {"description": "The key's role does not allow this."},
    404: {"description": "There is no such thing, or it is not yours to see."},
    409: {"description": "Refused as things stand; `reason` says why, `hint` what to do."},
    422: {"description": "Input that is not acceptable; `errors` points at each field."},
    429: {"description": "The key has used up its share of requests."},
}
