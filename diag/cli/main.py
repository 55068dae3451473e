"""The `diag` command: runs one of its commands, and prints errors instead of raising them."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

from diag import __version__
from diag.cli import output
from diag.cli.environment import language
from diag.cli.exit_status import EXIT_INTERRUPTED, EXIT_UNAVAILABLE, EXIT_USAGE
from diag.cli.options import LANG
from diag.errors import BadInput, DiagError, SecretExposed
from diag.redaction import log_records, redact

COMMANDS = {
    "diagnose": "Diagnose one case.",
    "open": "Diagnose the case of an operation or transaction, from its id alone.",
    "intake": "Read a pasted complaint into the fields of a case, and say what to ask next.",
    "triage": "Diagnose a file of tickets, grouped by cause.",
    "serve": "Answer over HTTP.",
    "db": "Look after the database of the kept cases.",
    "channels": "Look after the channels and hooks of DIAG_CHANNELS.",
    "deliveries": "Look after the messages to the channels.",
    "feedback": "List the verdicts that somebody found wrong, or record them for tests.",
    "worker": "Look at kept cases, with the jobs of DIAG_QUEUE or of this host.",
    "key": "Make an API key and its entry for DIAG_API_KEYS.",
    "checks": "List every code and what it means.",
    "replay": "Serve a recorded chain as a node.",
    "doctor": "Examine the set-up, and say what to mend.",
}
"""Name → what it does. The command itself is in the module of its name, imported when it is used."""
GC_THRESHOLDS = 20_000, 10, 10
"""Thresholds of the garbage collector: a diagnosis makes thousands of objects but no cycles."""


class Formatter(click.HelpFormatter):
    """Writes help as command lines usually do."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or "usage: ")


class Context(click.Context):
    """The context of a command."""

    formatter_class = Formatter


class Commands(click.Group):
    """The group of all commands; its errors are printed in the language of the command."""

    context_class = Context

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(f"diag.cli.{cmd_name}").command
        found.context_class = Context
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        options = click.Command.shell_complete(self, ctx, incomplete)
        named = ((name, text) for name, text in COMMANDS.items() if name.startswith(incomplete))
        return [CompletionItem(name, help=text) for name, text in named] + options

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DiagError as error:
            return _print_error(error, ctx.meta.get(LANG) or language())
        except BrokenPipeError:  # the reader of the output has closed the pipe
            sys.stderr.close()
            return 0


@click.group(cls=Commands, no_args_is_help=False)
@click.version_option(__version__, message="%(version)s")
def diag() -> None:
    """Why has my BitShares withdrawal not arrived?"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status; errors of this package are printed, not raised."""
    log_records.install()
    gc.set_threshold(*GC_THRESHOLDS)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    given = list(sys.argv[1:] if argv is None else argv)
    try:
        return int(diag.main(given, prog_name="diag", standalone_mode=False) or 0)
    except click.ClickException as error:
        return _print_usage(error, given)
    except (KeyboardInterrupt, click.Abort):
        return EXIT_INTERRUPTED


def _print_usage(error: click.ClickException, arguments: Sequence[str]) -> int:
    """Print what is wrong with the command line; never a secret, even one that a shell split."""
    message = error.format_message()
    if isinstance(error, click.UsageError) and error.ctx:
        sys.stderr.write(error.ctx.get_usage() + "\n")
    if redact(" ".join(arguments)).kinds or redact(message).kinds:
        message = SecretExposed().text.en
    output.write(f"diag: error: {message}\n", sys.stderr)
    return EXIT_USAGE


def _print_error(error: DiagError, lang: str) -> int:
    """Print an error, with one line per wrong field, and return the exit status."""
    output.write(f"diag: {error.text.say(lang)}\n", sys.stderr)
    if isinstance(error, BadInput):
        for wrong in error.errors:
            output.write(f"  {wrong.field}: {wrong.text.say(lang)}\n", sys.stderr)
        return EXIT_USAGE
    return EXIT_UNAVAILABLE if error.code != "bad_setting" else EXIT_USAGE


if __name__ == "__main__":
    sys.exit(main())
