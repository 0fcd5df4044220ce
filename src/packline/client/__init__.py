"""`packline.Client`: an async client for the REST API."""

from packline.client.client import Client, Row

__all__ = ["Client", "Row"]
