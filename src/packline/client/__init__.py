"""`packline.Client`: an async client for the REST API; `Ages`, `People`, `Publishing` and `Routes` work over one."""

from packline.client.client import Client, Row
from packline.client.credentials import Ages
from packline.client.people import People
from packline.client.publishing import Publishing
from packline.client.routes import Routes

__all__ = ["Ages", "Client", "People", "Publishing", "Routes", "Row"]
