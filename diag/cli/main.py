"""The `diag` command: diagnose, intake, triage, serve, db, worker, key, checks, replay, doctor."""

from __future__ import annotations

import argparse
import gc
import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NoReturn

from diag import __version__
from diag.config import settings
from diag.errors import BadInput, DiagError, SecretExposed
from diag.i18n import LANGUAGES
from diag.redaction import log_records, redact

EXIT_STATUS = {
    "delivered": 0,
    "returned": 0,
    "in_progress": 1,
    "stuck": 2,
    "at_risk": 2,
    "not_sent": 2,
    "nothing_found": 2,
    "undetermined": 3,
}
"""Outcome of a verdict → exit status: 0 nothing to do, 1 in progress, 2 a problem, 3 undetermined."""
EXIT_USAGE = 64  # wrong arguments or settings (EX_USAGE of sysexits)
EXIT_UNAVAILABLE = 3
GC_THRESHOLDS = 20_000, 10, 10
"""Thresholds of the garbage collector: a diagnosis makes thousands of objects but no cycles."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status; errors of this package are printed, not raised."""
    log_records.install()
    gc.set_threshold(*GC_THRESHOLDS)
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit as stop:  # argparse exits with 2, which means a problem here
        return EXIT_USAGE if stop.code else 0
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        return int(arguments.run(arguments))
    except DiagError as error:
        return _print_error(error, _lang(arguments))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0


class _Parser(argparse.ArgumentParser):
    """An argument parser whose error messages never repeat a secret from the command line.

    A secret is also found if the shell split it into several arguments.
    """

    add_lazy_arguments: Callable[[Any], None] | None = None
    """Adds the arguments of a command when the command is used, to avoid its imports otherwise."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        self._given = " ".join(sys.argv[1:] if args is None else args)
        if self.add_lazy_arguments is not None:
            self.add_lazy_arguments(self)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        exposed = redact(self._given).kinds or redact(message).kinds
        super().error(SecretExposed.text.en if exposed else message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="diag", description="Why has my BitShares withdrawal not arrived?")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_diagnose(commands)
    _add_intake(commands)
    _add_triage(commands)
    _add_serve(commands)
    _add_cases(commands)
    _add_key(commands)
    checks = commands.add_parser("checks", help="list every code and what it means")
    checks.add_argument("--lang", choices=LANGUAGES)
    checks.add_argument("--format", choices=("text", "json"), default="text")
    checks.set_defaults(run=_checks)
    _add_replay(commands)
    doctor = commands.add_parser(
        "doctor",
        help="look at the set-up, and say what to mend",
        description="Exit status: 0 all well, 1 warnings, 2 faults.",
    )
    doctor.add_argument("--format", choices=("text", "json"), default="text")
    doctor.add_argument("--lang", choices=LANGUAGES)
    doctor.set_defaults(run=_doctor)
    return parser


def _add_diagnose(commands: Any) -> None:
    command = commands.add_parser(
        "diagnose",
        help="diagnose one case",
        description="Exit status: 0 delivered or nothing "
        "to do, 1 in progress, 2 a problem, 3 undetermined, 64 a mistake in the question.",
    )
    command.add_argument("account", help="account name, 1.2.x, or a link to the account")
    command.add_argument(
        "--from", dest="from_", metavar="TIME", help="2026-11-22T20:00:00+08:00"
    )
    command.add_argument("--to", metavar="TIME")
    command.add_argument("--last", metavar="6h", help="instead of --from and --to")
    command.add_argument("--tz", metavar="ZONE", help="IANA zone of times without an offset")
    for name in _CLAIMS:
        command.add_argument(f"--{name.replace('_', '-')}", dest=name)
    command.add_argument("--format", choices=("text", "json", "markdown"), default="text")
    command.add_argument("--lang", choices=LANGUAGES)
    command.set_defaults(run=_diagnose)


_CLAIMS = (
    "asset",
    "amount",
    "received",
    "destination",
    "operation",
    "transaction",
    "memo",
    "external_transaction",
)


def _add_intake(commands: Any) -> None:
    command = commands.add_parser(
        "intake", help="read a pasted complaint: the fields of a case, and what to ask next"
    )
    command.add_argument("file", nargs="?", help="a text file; standard input without it")
    command.add_argument("--tz", metavar="ZONE", help="IANA zone of the user, if known")
    command.add_argument("--lang", choices=LANGUAGES)
    command.set_defaults(run=_intake)


def _add_triage(commands: Any) -> None:
    command = commands.add_parser("triage", help="diagnose a file of tickets, grouped by cause")
    command.add_lazy_arguments = _triage_arguments
    command.set_defaults(run=_triage)


def _triage_arguments(command: Any) -> None:
    from diag.cli import triage  # not needed by the other commands

    triage.add_arguments(command)


def _add_serve(commands: Any) -> None:
    command = commands.add_parser("serve", help="answer over HTTP")
    command.add_argument("--host")
    command.add_argument("--port", type=int)
    command.set_defaults(run=_serve)


def _add_cases(commands: Any) -> None:
    db = commands.add_parser("db", help="look after the database of the kept cases")
    db.add_lazy_arguments = _db_arguments
    db.set_defaults(run=_db)
    worker = commands.add_parser(
        "worker", help="look at kept cases, with the jobs of DIAG_QUEUE or of this host"
    )
    worker.set_defaults(run=_worker)


def _db_arguments(command: Any) -> None:
    from diag.cli import db  # not needed by the other commands

    db.add_arguments(command)


def _add_key(commands: Any) -> None:
    command = commands.add_parser(
        "key", help="make an API key: its text, shown once, and its entry for DIAG_API_KEYS"
    )
    command.add_argument("name", help="whose it is; one name may have several, to change them")
    command.add_argument("--expires", metavar="2027-12-31", help="no longer good from then on")
    command.add_argument("--lang", choices=LANGUAGES)
    command.set_defaults(run=_key)


def _add_replay(commands: Any) -> None:
    command = commands.add_parser("replay", help="serve a recorded chain as a node")
    command.add_lazy_arguments = _replay_arguments


def _replay_arguments(command: Any) -> None:
    from diag.ledger.replay import server  # not needed by the other commands

    server.add_arguments(command)
    command.set_defaults(run=server.run)


def _settings() -> settings.Settings:
    """The settings for a single command, without prefetching."""
    return replace(settings.read_settings(os.environ), ahead=0.0)


def _diagnose(arguments: argparse.Namespace) -> int:
    from diag.bootstrap import build_services
    from diag.config.explorers import templates
    from diag.diagnosis.engine import diagnose
    from diag.render import FORMATS
    from diag.render.options import View
    from diag.schemas.case import parse

    services = build_services(_settings())
    given = {
        name: getattr(arguments, name) for name in (*_CLAIMS, "account", "to", "last", "tz")
    }
    given["from"] = arguments.from_
    asked = {k: v for k, v in given.items() if v is not None}
    pages = templates(services.settings.explorers)
    case = parse(asked, services.now(), templates=pages)
    lang = _lang(arguments)
    with _progress(lang):
        diagnosis = diagnose(
            case, services.collect, services.register, services.checks, services.notices()
        )
    _, render = FORMATS[arguments.format]
    view = View(lang, services.settings.explorers)
    sys.stdout.write(render(diagnosis, view).rstrip("\n") + "\n")
    return EXIT_STATUS[diagnosis.verdict.rule.outcome]


def _triage(arguments: argparse.Namespace) -> int:
    from diag.bootstrap import build_services
    from diag.cli import triage

    services = build_services(_settings())
    return triage.run(arguments, services, _lang(arguments), EXIT_STATUS.__getitem__)


def _intake(arguments: argparse.Namespace) -> int:
    from diag.bootstrap import build_services
    from diag.config.explorers import templates
    from diag.gateways.flagged_accounts import listed
    from diag.intake.parser import read
    from diag.intake.serializer import document
    from diag.schemas.times import zone_of

    zone = zone_of(arguments.tz)
    services = build_services(_settings())
    pages = templates(services.settings.explorers)
    text = _read_text(arguments.file)
    found = read(text, services.now(), zone, services.register, listed, pages)
    shown = document(found, _lang(arguments))
    sys.stdout.write(json.dumps(shown, ensure_ascii=False, indent=2) + "\n")
    return 0


def _read_text(file: str | None) -> str:
    """Read UTF-8 text from a file or from standard input; raises BadInput."""
    try:
        raw = Path(file).read_bytes() if file else sys.stdin.buffer.read()
        return raw.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        raise BadInput.of(
            "file",
            "无法读取：请给出 UTF-8 文本文件。",
            "Not readable: give a text file in UTF-8.",
        ) from None


def _serve(arguments: argparse.Namespace) -> int:
    from diag.cli.serve import serve

    chosen = settings.read_settings(os.environ)
    serve(chosen, arguments.host or chosen.host, arguments.port or chosen.port)
    return 0


def _db(arguments: argparse.Namespace) -> int:
    from diag.cli import db

    return db.run(arguments, _settings(), _lang(arguments))


def _worker(arguments: argparse.Namespace) -> int:
    from diag.cli.worker import run

    return run(settings.read_settings(os.environ))


def _doctor(arguments: argparse.Namespace) -> int:
    from diag.cli.doctor import run  # not needed by the other commands

    return run(arguments, settings.review(os.environ), _lang(arguments))


def _key(arguments: argparse.Namespace) -> int:
    from diag.access import api_keys

    if not api_keys.NAME.pattern.fullmatch(arguments.name):
        zh, en = api_keys.NAME.zh, api_keys.NAME.en
        raise BadInput.of("name", f"请填写{zh}。", f"Give {en}.")
    try:
        expires = date.fromisoformat(arguments.expires) if arguments.expires else None
    except ValueError:
        raise BadInput.of(
            "expires", "请写成 2027-12-31。", "Write it like 2027-12-31."
        ) from None
    if expires and expires <= datetime.now(UTC).date():
        raise BadInput.of(
            "expires",
            "这一天（UTC）已经开始或过去，密钥一生成就无效；请写以后的日期。",
            "That day (UTC) has begun or is past, so the key would never be good; give a later one.",
        )
    text = api_keys.generate_key()
    for_whom, for_file = _KEY_LABELS[_lang(arguments)]
    lines = api_keys.file_entry(arguments.name, text, expires)
    sys.stdout.write(f"# {for_whom}\n{text}\n\n# {for_file}\n{lines}")
    return 0


_KEY_LABELS = {
    "zh": ("交给使用者；只显示这一次", "写入 DIAG_API_KEYS 所指的文件（.toml）"),
    "en": (
        "hand this over; it is shown this once",
        "put this into the file of DIAG_API_KEYS (.toml)",
    ),
}


def _checks(arguments: argparse.Namespace) -> int:
    from diag.checks import installed
    from diag.diagnosis.catalog import entries

    found = entries(installed())
    if arguments.format == "json":
        sys.stdout.write(json.dumps({"checks": found}, ensure_ascii=False, indent=2) + "\n")
        return 0
    lang = _lang(arguments)
    for entry in found:
        sys.stdout.write(f"{entry['code']:26} {entry['outcome']:14} {entry['note'][lang]}\n")
    return 0


def _lang(arguments: argparse.Namespace) -> str:
    chosen = getattr(arguments, "lang", None)
    if chosen:
        return str(chosen)
    return settings.language(os.environ)


def _print_error(error: DiagError, lang: str) -> int:
    """Print an error, with one line per wrong field, and return the exit status."""
    sys.stderr.write(f"diag: {error.text.say(lang)}\n")
    if isinstance(error, BadInput):
        for wrong in error.errors:
            sys.stderr.write(f"  {wrong.field}: {wrong.text.say(lang)}\n")
        return EXIT_USAGE
    return EXIT_UNAVAILABLE if error.code != "bad_setting" else EXIT_USAGE


@contextmanager
def _progress(lang: str) -> Iterator[None]:
    """Show progress on stderr while nodes are read, if stderr is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    words = "正在查询区块链" if lang == "zh" else "asking the chain"
    done = threading.Event()

    def show() -> None:
        ticks = 0
        while not done.wait(0.2):
            ticks += 1
            sys.stderr.write(f"\r{words} {'.' * (ticks % 4):3} {ticks / 5:.1f} s")
            sys.stderr.flush()

    line = threading.Thread(target=show, daemon=True)
    line.start()
    try:
        yield
    finally:
        done.set()
        line.join()
        sys.stderr.write("\r" + " " * 40 + "\r")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
