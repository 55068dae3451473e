"""Renders a diagnosis in the requested format: JSON for services, text for curl, Markdown for notes."""

from __future__ import annotations

from collections.abc import Callable

from diag.diagnosis.engine import Diagnosis
from diag.render import html, markdown, text
from diag.render.json_document import dumps
from diag.render.options import View

Render = Callable[[Diagnosis, View], str]

FORMATS: dict[str, tuple[str, Render]] = {
    "json": ("application/json", dumps),
    "text": ("text/plain; charset=utf-8", text.render),
    "markdown": ("text/markdown; charset=utf-8", markdown.render),
    "html": ("text/html; charset=utf-8", html.render),
}
"""Format name → content type and renderer (diagnosis, view) → body."""
