"""A diagnosis in the form somebody asked for: JSON for services, text for curl, Markdown for notes."""

from __future__ import annotations

from collections.abc import Callable

from diag.diagnose import Diagnosis
from diag.render import markdown, page, plain
from diag.render.document import dumps
from diag.render.view import View

Render = Callable[[Diagnosis, View], str]

FORMATS: dict[str, tuple[str, Render]] = {
    "json": ("application/json", dumps),
    "text": ("text/plain; charset=utf-8", plain.render),
    "markdown": ("text/markdown; charset=utf-8", markdown.render),
    "html": ("text/html; charset=utf-8", page.render),
}
"""Format name → content type and renderer (diagnosis, view) → body."""
