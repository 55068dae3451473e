"""/.well-known/security.txt (RFC 9116): where to report a vulnerability of this service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response

from diag.api.errors import http_error
from diag.api.request_parsing import services
from diag.i18n import LANGUAGES

GOOD_FOR = timedelta(days=30)
"""How long the contact is valid after a request, if the operator sets no end."""

blueprint = Blueprint("security_contact", __name__)


@blueprint.get("/.well-known/security.txt")
def get_security_contact() -> Response:
    """The configured contact; 404 if none is set or it has expired."""
    settings, now = services().settings, datetime.now(UTC)
    expires = settings.security_expires or now + GOOD_FOR
    if not settings.security_contact or expires <= now:
        raise http_error(404)
    fields = [("Contact", contact) for contact in settings.security_contact]
    fields.append(("Expires", f"{expires:%Y-%m-%dT%H:%M:%SZ}"))
    if settings.security_policy:
        fields.append(("Policy", settings.security_policy))
    fields.append(("Preferred-Languages", ", ".join(LANGUAGES)))
    text = "".join(f"{name}: {value}\n" for name, value in fields)
    return Response(text, content_type="text/plain; charset=utf-8")
