"""The Flask application: blueprints, error handlers and the hooks around each request."""

from __future__ import annotations

import logging
from dataclasses import replace
from threading import Event

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from diag import __version__
from diag.access.access_control import AccessControl
from diag.api import (
    authentication,
    diagnoses,
    instrumentation,
    intake,
    panel,
    probes,
    reference,
    triage,
)
from diag.api.errors import crash, http_problem, problem_of
from diag.api.request_parsing import LARGEST_BODY, safe_path
from diag.api.security_headers import headers
from diag.bootstrap import build_access_control, build_services
from diag.config.settings import Settings
from diag.diagnosis.engine import Collect, ruleset
from diag.errors import DiagError, Refused
from diag.redaction import KINDS
from diag.services import Services
from diag.telemetry.metrics import Metrics


def create_app(settings: Settings, collect: Collect | None = None) -> Flask:
    """The WSGI application; another `collect` takes the place of the chain."""
    made = build_services(settings)
    logging.getLogger("diag").setLevel(settings.log_level.upper())
    if collect is not None:
        made = replace(made, collect=collect, together=lambda: collect)
    return create(made, build_access_control(settings))


def create(parts: Services, guard: AccessControl | None = None) -> Flask:
    """The Flask application around what is passed in."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    codes = [rule.code for check in parts.checks for rule in check.RULES]
    build = {"version": __version__, "ruleset": ruleset(parts.register, parts.checks)}
    metrics = Metrics(parts.tally.read, build, codes, KINDS)
    app.extensions["diag_metrics"] = metrics
    app.extensions["diag_leaving"] = Event()
    app.extensions["diag_guard"] = guard or AccessControl()
    if parts.settings.proxies:
        trusted = parts.settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted, x_proto=trusted)  # type: ignore[method-assign]
    app.extensions["diag"] = replace(parts, stage=metrics.stage)
    for part in (diagnoses, intake, triage, panel, reference, probes):
        app.register_blueprint(part.blueprint)
    app.register_error_handler(Refused, authentication.refused)
    app.register_error_handler(DiagError, problem_of)
    app.register_error_handler(HTTPException, http_problem)
    app.register_error_handler(Exception, crash)
    app.before_request(_begin)
    app.after_request(instrumentation.finish)
    app.after_request(headers)
    return app


def _begin() -> None:
    instrumentation.begin()
    authentication.admit()
    safe_path()
