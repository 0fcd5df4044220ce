"""Answers in JSON, encoded by msgspec: rows are sent as they come from the views."""

from typing import Any

import msgspec
from starlette.responses import Response

_encoder = msgspec.json.Encoder()


class Json(Response):
    """A JSON answer of plain rows."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Encode the rows."""
        return _encoder.encode(content)
