"""Logs of the long-running commands: JSON lines, or lines for people, on standard error."""

import logging
import sys
from typing import Any

import structlog

from packline.config import Settings


def log_to_stderr(settings: Settings) -> None:
    """Send structured logs of this process to standard error, at the level and in the form of the settings."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shape: Any = structlog.processors.JSONRenderer()
    if settings.log_format == "text":
        shape = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            shape,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        level=max(level, logging.WARNING), stream=sys.stderr, format="%(levelname)s %(name)s %(message)s"
    )
