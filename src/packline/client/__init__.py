"""`packline.Client`: an async client for the REST API; `Ages`, `Publishing` and `Routes` work over one."""

from packline.client.client import Client, Row
from packline.client.credentials import Ages
from packline.client.publishing import Publishing
from packline.client.routes import Routes

__all__ = ["Ages", "Client", "Publishing", "Routes", "Row"]
