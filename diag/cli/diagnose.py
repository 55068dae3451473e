"""`diag diagnose`: one case from an account and a window."""

from __future__ import annotations

from typing import Any

import click

from diag.bootstrap import build_services
from diag.cli import options, terminal
from diag.cli.environment import command_settings
from diag.cli.exit_status import EXIT_STATUS
from diag.domain.case import Case
from diag.render import FORMATS
from diag.render.options import View
from diag.schemas.case import parse
from diag.services import Services

FORMS = ("text", "json", "markdown")
STYLES = {
    "delivered": "green",
    "returned": "green",
    "in_progress": "cyan",
    "undetermined": "bold",
}
"""Outcome → style of the first line on a terminal; any other outcome is a problem."""
_PROBLEM = "bold red"


@click.command()
@click.argument("account")
@click.option(
    "--from", "from_", metavar="TIME", help="Begin of the window: 2026-11-22T20:00:00+08:00."
)
@click.option("--to", metavar="TIME", help="End of the window.")
@click.option("--last", metavar="6h", help="Window that ends now, instead of --from and --to.")
@options.tz
@click.option(
    "--asset", metavar="SYMBOL", help="What the user says was sent, such as XBTSX.BTC."
)
@click.option("--amount", metavar="AMOUNT", help="How much the user says was sent.")
@click.option("--received", metavar="AMOUNT", help="How much the user says arrived.")
@click.option(
    "--destination", metavar="ACCOUNT", help="The account that the user says it was sent to."
)
@click.option("--operation", metavar="ID", help="Id of the operation, 1.11.x, or a link to it.")
@click.option("--transaction", metavar="ID", help="Id of the transaction, or a link to it.")
@click.option("--memo", metavar="TEXT", help="Text of the memo, as the user remembers it.")
@click.option(
    "--external-transaction", metavar="ID", help="Id of a transaction on the other chain."
)
@options.nodes
@options.output_format(*FORMS)
@options.lang
def command(nodes: tuple[str, ...], form: str, lang: str, **given: str | None) -> int:
    """Diagnose one case.

    ACCOUNT is a name, an id such as 1.2.345, or a link to the account in an explorer.

    Exit status: 0 delivered or nothing to do, 1 in progress, 2 a problem, 3 undetermined, 64 a
    mistake in the question.
    """
    services = build_services(command_settings(nodes))
    fields: dict[str, Any] = {"from": given.pop("from_"), **given}
    case = parse(fields, services.now(), templates=services.templates)
    return show(services, case, form, lang)


def show(services: Services, case: Case, form: str, lang: str) -> int:
    """Diagnose a case, write the diagnosis, and return the exit status."""
    with terminal.progress(lang):
        diagnosis = services.diagnose(case)
    outcome = diagnosis.verdict.rule.outcome
    _, render = FORMATS[form]
    rendered = render(diagnosis, View(lang, services.settings.explorers))
    terminal.write(rendered, STYLES.get(outcome, _PROBLEM) if form == "text" else "")
    return EXIT_STATUS[outcome]
