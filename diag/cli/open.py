"""`diag open`: the case of an operation or transaction, from its id alone."""

from __future__ import annotations

import click

from diag.bootstrap import build_services
from diag.cli import options
from diag.cli.diagnose import FORMS, show
from diag.cli.environment import command_settings
from diag.schemas.identifier import read_identifier
from diag.schemas.queries import IntakeQuerySchema


@click.command()
@click.argument("id")
@options.tz
@options.nodes
@options.output_format(*FORMS)
@options.lang
def command(id: str, tz: str | None, nodes: tuple[str, ...], form: str, lang: str) -> int:
    """Diagnose the case of an operation or transaction; its account is found from the chain.

    ID is 1.11.x, the 40 hexadecimal digits of a transaction, or a link to either in an explorer.
    An older transaction is found only if the index of DIAG_ELASTICSEARCH has it.

    Exit status: as of diagnose.
    """
    zone = IntakeQuerySchema().read({"tz": tz})["tz"]
    services = build_services(command_settings(nodes))
    identifier = read_identifier(id, services.templates)
    located = services.locate(identifier)
    return show(services, located.case(services.now(), zone and zone.key), form, lang)
