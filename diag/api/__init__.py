"""HTTP and nothing else: parse, diagnose, render; errors as RFC 9457 problems."""

from __future__ import annotations

from dataclasses import replace
from threading import Event

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from diag import __version__
from diag.api import admission, diagnoses, intake, panel, probes, reference, triage, watch
from diag.api.incoming import LARGEST_BODY, safe_path
from diag.api.outgoing import crash, headers, http_problem, problem_of
from diag.diagnose import ruleset
from diag.errors import DiagError, Refused
from diag.guard import Guard
from diag.metrics import Metrics
from diag.parts import Parts
from diag.redaction import KINDS


def create(parts: Parts, guard: Guard | None = None) -> Flask:
    """The Flask application around what is passed in."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    codes = [rule.code for check in parts.checks for rule in check.RULES]
    build = {"version": __version__, "ruleset": ruleset(parts.register, parts.checks)}
    metrics = Metrics(parts.tally.read, build, codes, KINDS)
    app.extensions["diag_metrics"] = metrics
    app.extensions["diag_leaving"] = Event()
    app.extensions["diag_guard"] = guard or Guard()
    if parts.settings.proxies:
        trusted = parts.settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted, x_proto=trusted)  # type: ignore[method-assign]
    app.extensions["diag"] = replace(parts, stage=metrics.stage)
    for part in (diagnoses, intake, triage, panel, reference, probes):
        app.register_blueprint(part.blueprint)
    app.register_error_handler(Refused, admission.refused)
    app.register_error_handler(DiagError, problem_of)
    app.register_error_handler(HTTPException, http_problem)
    app.register_error_handler(Exception, crash)
    app.before_request(_begin)
    app.after_request(watch.finish)
    app.after_request(headers)
    return app


def _begin() -> None:
    watch.begin()
    admission.admit()
    safe_path()
