"""The faces of a process: the REST API with the console behind it, and the server that answers for both."""

import contextlib
import socket
from dataclasses import replace
from datetime import timedelta

import uvicorn
from fastapi import FastAPI

from packline.api.app import create_app
from packline.api.services import ApiSettings
from packline.api.services import Services as ApiServices
from packline.bootstrap import (
    Services,
    account_doctor,
    bulk_desk,
    file_desk,
    identity_provider,
    start_desk,
    version,
)
from packline.commands.bulk_acts import BulkDesk
from packline.config import Settings
from packline.console.app import create_console
from packline.console.desks import Desks
from packline.console.file_desk import FileDesk
from packline.console.room import Room
from packline.console.start_desk import StartDesk
from packline.errors import ConfigError
from packline.oms.webhooks import WebhookSender
from packline.storage.feeds import Feeds
from packline.storage.idempotency import Idempotency
from packline.storage.routing import Routing

BACKLOG = 1024


def faces_of(services: Services, sender: WebhookSender) -> FastAPI:
    """Make the REST API with the console behind it, as one ASGI app."""
    settings = services.settings
    api = ApiServices(
        pool=services.pool,
        vault=services.vault,
        clock=services.clock,
        gateway=services.gateway,
        desk=services.desk,
        accounts=services.accounts,
        wake=services.wake,
        api_keys=services.api_keys,
        idempotency=Idempotency(services.pool),
        webhooks=services.webhooks,
        sender=sender,
        papers=services.papers,
        pickups=services.pickups,
        stock=services.stock,
        notices=services.notices,
        returns=services.returns,
        publishing=services.publishing,
        reconcile=services.reconcile,
        migrations=services.migrations,
        dock=services.dock,
        routes=services.routes,
        consents=services.consents,
        doctor=account_doctor(services),
        settings=ApiSettings(
            requests_per_second=settings.api_requests_per_second,
            burst=int(settings.api_requests_per_second * 4),
            webhook_allow_private=settings.webhook_private_addresses,
            manifest_packages=settings.manifest_packages,
            version=version(),
            feed_rules=services.feed_rules,
            session_idle=timedelta(hours=settings.session_idle_h),
            console_url=settings.public_url or "",
            kept_in="a server of yours" if settings.database_url else f"embedded, in {settings.data}",
            key_file=None if settings.master_key else settings.key_path,
        ),
    )
    app = create_app(api)
    app.mount("/", create_console(_room(services, api)))
    return app


def listen(settings: Settings) -> socket.socket:
    """Listen where the settings say. Raises ConfigError where that is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as failure:
        listening.close()
        raise ConfigError(
            f"Nothing can listen on {settings.host}:{settings.port}: {failure.strerror}.",
            hint="Choose another port with --port (0 takes a free one), or end the program that holds it.",
        ) from None
    listening.listen(BACKLOG)
    return listening


def address_of(listening: socket.socket) -> str:
    """Give the address of a socket that listens."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def server_of(app: FastAPI) -> uvicorn.Server:
    """Make the server of an app; whoever runs it ends it."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    # uvicorn would take the signals for itself and raise them again at its end, in the middle of our own ending
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]  # no setting
    return server


def room_over(api: ApiServices, start: StartDesk, files: FileDesk, bulk: BulkDesk) -> Room:
    """Give the console the desks of the REST API: what is said at one face is heard at the other."""
    return Room(
        pool=api.pool,
        clock=api.clock,
        gateway=api.gateway,
        desk=api.desk,
        keys=api.api_keys,
        moved=api.pulse.wait,
        prints=api.prints,
        manifests=api.manifests,
        start=start,
        files=files,
        bulk=bulk,
        desks=Desks(
            accounts=api.accounts,
            wake=api.wake,
            feed_rules=api.settings.feed_rules,
            stock=api.stock,
            publishing=api.publishing,
            reconcile=api.reconcile,
            returns=api.dock,
            routes=api.routes,
            rules=api.stock_rules,
            feeds=Feeds(api.pool),
            routing=Routing(api.pool),
        ),
    )


def _room(services: Services, api: ApiServices) -> Room:
    return replace(
        room_over(api, start_desk(services), file_desk(services), bulk_desk(services)),
        sign_in=services.settings.console_sign_in,
        vault=services.vault,
        is_secure=(services.settings.public_url or "").startswith("https://"),
        idle=timedelta(hours=services.settings.session_idle_h),
        lasts=timedelta(hours=services.settings.session_h),
        version=version(),
        provider=identity_provider(services),
        role_rules=services.settings.role_rules,
    )
