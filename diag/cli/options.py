"""The options that several commands have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from diag.cli.environment import language
from diag.i18n import LANGUAGES

Function = Callable[..., int]
Decorator = Callable[[Function], Function]
LANG = "diag.lang"
"""The key of the chosen language in the context of a command."""


def _remember_language(context: click.Context, _: click.Parameter, chosen: str | None) -> str:
    context.meta[LANG] = chosen or language()
    return str(context.meta[LANG])


def output_format(*names: str, **options: Any) -> Decorator:
    """--format; without a default the command chooses."""
    default = {} if "help" in options else {"default": names[0], "show_default": True}
    return click.option(
        "--format",
        "form",
        type=click.Choice(names),
        **{"help": "Form of the output.", **default, **options},
    )


lang: Decorator = click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    callback=_remember_language,
    help="Language of the output; else that of DIAG_LANG, then of LC_ALL, LC_MESSAGES or LANG.",
)
nodes: Decorator = click.option(
    "--node",
    "nodes",
    metavar="URL",
    multiple=True,
    help="Ask this node (http, https, ws, wss) instead of those of DIAG_NODES; may be repeated, "
    "best first.",
)
tz: Decorator = click.option(
    "--tz", metavar="ZONE", help="Time zone of times without an offset, such as Asia/Shanghai."
)
