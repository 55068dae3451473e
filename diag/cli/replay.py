"""`diag replay`: serves a recorded chain as a node, with faults if they are asked for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import click

from diag.cli import output
from diag.errors import BadSetting
from diag.ledger.node import Ledger
from diag.ledger.recording import Recording
from diag.ledger.replay import server
from diag.ledger.replay.faults import Faults
from diag.ledger.view import View

FAULTS = ("drop", "die", "garbage", "hang", "drip", "wrong-id", "oversize", "html")
_UNUSABLE = 2


@click.command()
@click.option(
    "--ledger",
    type=click.Path(path_type=Path),
    required=True,
    help="Directory of the recorded chain.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=int, default=8090, show_default=True, help="Port to listen on; 0 takes any."
)
@click.option("--latency-ms", type=float, default=0, help="Wait so long before each answer.")
@click.option("--keep", type=int, help="Operations kept per account; all without it.")
@click.option("--behind", type=float, default=0, help="Seconds that the head stands earlier.")
@click.option("--chain-id", help="Claim to be another chain.")
@click.option(
    "--history",
    type=click.Choice(("denied", "missing")),
    help="Answer no question about account histories: not allowed, or without the plugin.",
)
@click.option(
    "--track", multiple=True, help="Keep the history of this account only; may be repeated."
)
@click.option("--legacy", is_flag=True, help="Answer like a node before 6.1.")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    type=click.Choice(FAULTS),
    help="May be given repeatedly.",
)
@click.option(
    "--drop", type=float, default=0.5, show_default=True, help="Share of calls that drop loses."
)
@click.option(
    "--drip-ms", type=float, default=100, show_default=True, help="Pause between dripped bytes."
)
@click.option("--seed", type=int, default=0, help="Which calls drop loses.")
@click.option("--after", type=int, default=0, help="Calls that go well before the first fault.")
def command(
    ledger: Path,
    host: str,
    port: int,
    latency_ms: float,
    keep: int | None,
    behind: float,
    chain_id: str | None,
    history: Literal["denied", "missing"] | None,
    track: tuple[str, ...],
    legacy: bool,
    faults: tuple[str, ...],
    drop: float,
    drip_ms: float,
    seed: int,
    after: int,
) -> int:
    """Serve a recorded chain as a node until interrupted.

    Exit status: 2 if the recorded chain cannot be read or the port is taken.
    """
    injected = Faults(
        latency=latency_ms / 1000,
        drop=drop if "drop" in faults else 0.0,
        die_mid_answer="die" in faults,
        garbage="garbage" in faults,
        hang="hang" in faults,
        drip=drip_ms / 1000 if "drip" in faults else 0.0,
        wrong_id="wrong-id" in faults,
        oversize="oversize" in faults,
        html_error="html" in faults,
        seed=seed,
        after=after,
    )
    view = View(keep, behind, legacy, chain_id, history, frozenset(track) or None)
    try:
        replayed = Ledger(Recording.load(ledger), view)
        replay = server.Replay(replayed, injected, host, port)
    except (BadSetting, OSError) as error:
        output.write(f"{error}\n", sys.stderr)
        return _UNUSABLE
    server.serve_forever(replay)
    return 0
