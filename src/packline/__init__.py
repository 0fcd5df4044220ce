"""Connect a seller's own systems with Amazon's seller-fulfilment programs."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from packline.client import Client

__all__ = ["Client"]


def __getattr__(name: str) -> Any:
    """Bring the client when it is asked for, so that the command line starts without it."""
    if name != "Client":
        raise AttributeError(f"module 'packline' has no attribute {name!r}")
    from packline.client import Client

    return Client
