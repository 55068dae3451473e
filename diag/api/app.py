"""The Flask application: blueprints, error handlers and the hooks around each request."""

from __future__ import annotations

import logging
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from diag import __version__
from diag.access.access_control import AccessControl
from diag.api import (
    authentication,
    case_pages,
    cases,
    deliveries,
    diagnoses,
    gateway_pages,
    hooks,
    instrumentation,
    intake,
    pages,
    panel,
    probes,
    reference,
    reports,
    security_contact,
    tickets,
    triage,
)
from diag.api.errors import error_response, http_error_response, unexpected_error_response
from diag.api.request_parsing import MAX_BODY, refuse_secret_in_path
from diag.api.security_headers import add_headers
from diag.bootstrap import build_access_control, build_services
from diag.case_bootstrap import build_channels, build_desk, build_jobs
from diag.config.settings import Settings
from diag.diagnosis.engine import ruleset
from diag.errors import DiagError, Refused
from diag.redaction import KINDS
from diag.services import Services
from diag.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from diag.cases.desk import Desk


def create_app(settings: Settings) -> Flask:
    """The WSGI application for these settings."""
    services = build_services(settings)
    logging.getLogger("diag").setLevel(settings.log_level.upper())
    desk = build_desk(settings, services)
    return build_app(services, build_access_control(settings), desk)


def build_app(
    services: Services,
    access_control: AccessControl | None = None,
    desk: Desk | None = None,
) -> Flask:
    """The Flask application for these services.

    Access is open without an access control, and no cases are kept without a desk.
    """
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    codes = [rule.code for check in services.checks for rule in check.RULES]
    build = {"version": __version__, "ruleset": ruleset(services.register, services.checks)}
    metrics = Metrics(services.counters.read, build, codes, KINDS)
    app.extensions["diag_metrics"] = metrics
    app.extensions["diag_stopping"] = stopping = Event()
    app.extensions["diag_desk"] = desk
    app.extensions["diag_jobs"] = None
    app.extensions["diag_channels"] = None
    if desk is not None:
        jobs, watcher = build_jobs(services.settings, desk, stopping, metrics.count_delivery)
        app.extensions["diag_jobs"] = jobs
        app.extensions["diag_channels"] = build_channels(services.settings)
        metrics.add_cases(desk.figures, jobs.waiting, watcher.tally.as_dict)
    app.extensions["diag_access_control"] = access_control or AccessControl()
    if services.settings.proxies:
        trusted = services.settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted, x_proto=trusted)  # type: ignore[method-assign]
    app.extensions["diag"] = replace(services, stage=metrics.stage)
    modules = (diagnoses, cases, intake, triage, panel, pages, tickets, reference, probes)
    for module in (
        *modules,
        gateway_pages,
        case_pages,
        deliveries,
        hooks,
        reports,
        security_contact,
    ):
        app.register_blueprint(module.blueprint)
    app.register_error_handler(Refused, authentication.refused_response)
    app.register_error_handler(DiagError, error_response)
    app.register_error_handler(HTTPException, http_error_response)
    app.register_error_handler(Exception, unexpected_error_response)
    app.before_request(_begin)
    app.after_request(instrumentation.after_request)
    app.after_request(add_headers)
    return app


def _begin() -> None:
    instrumentation.before_request()
    authentication.authenticate()
    refuse_secret_in_path()
