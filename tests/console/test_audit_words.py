"""What the audit says: every act that can be recorded has words for people."""

import importlib
import pkgutil

from fastapi import APIRouter
from fastapi.routing import APIRoute

import packline.api
from packline.cli.recording import ACTS, act_said
from packline.console.audit_words import words_of
from packline.console.pages import MODULES
from packline.domain.audit import AuditKind, act_of, told_as

READS = {"GET", "HEAD", "OPTIONS"}


def test_every_act_that_can_be_recorded_has_words():
    """Whoever reads the audit need not know the addresses of the API, the console or the shell."""
    acts = {*_of_the_shell(), *_of_the_console(), *_of_the_api()}
    assert len(acts) > 100
    assert sorted(act for act in acts if words_of(act) == act) == []


def _of_the_shell() -> set[str]:
    said = (act_said([noun, verb]) for noun, (_, verbs) in ACTS.items() for verb in verbs)
    return {act for act, _ in filter(None, said)}


def _of_the_console() -> set[str]:
    paths = (path for module in MODULES for path in getattr(module, "PATHS", ()) if path.is_recorded)
    return _acts((path.method, path.path) for path in paths)


def _of_the_api() -> set[str]:
    modules = [
        importlib.import_module(f"packline.api.{found.name}") for found in pkgutil.iter_modules(packline.api.__path__)
    ]
    routers = {
        id(value): value for module in modules for value in vars(module).values() if isinstance(value, APIRouter)
    }
    routes = [route for router in routers.values() for route in router.routes if isinstance(route, APIRoute)]
    # People's acts have a record of their own; those of shipments are named by their command.
    paths = [(method, f"/v1{route.path.removeprefix('/v1')}") for route in routes for method in route.methods - READS]
    return _acts(one for one in paths if not one[1].startswith(("/v1/users", "/v1/shipments")))


def _acts(asked) -> set[str]:
    told = (told_as(act_of(method, path)) for method, path in asked)
    return {act for kind, act in told if kind is AuditKind.ACT}
