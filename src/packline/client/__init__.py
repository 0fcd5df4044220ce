"""`packline.Client`: an async client for the REST API; `Ages`, `Drops`, `Onboarding`... work over one."""

from packline.client.client import Client, Row
from packline.client.credentials import Ages
from packline.client.drops import Drops
from packline.client.onboarding import Onboarding
from packline.client.people import People
from packline.client.publishing import Publishing
from packline.client.routes import Routes

__all__ = ["Ages", "Client", "Drops", "Onboarding", "People", "Publishing", "Routes", "Row"]
