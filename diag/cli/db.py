"""`diag db`: looks after the database of the kept cases."""

from __future__ import annotations

import argparse
import json
import sys

from diag.bootstrap import open_database, require_desk
from diag.config.settings import Settings
from diag.domain import account_names
from diag.errors import BadInput
from diag.i18n import LANGUAGES, Text

EXIT_NOT_CURRENT = 2


def add_arguments(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, help_text in (
        ("upgrade", "set up an empty database, or migrate an older one"),
        ("check", "does the schema fit this version (exit status 2 if not), and what is in it"),
        ("purge", "delete the cases that were kept long enough (DIAG_RETENTION)"),
    ):
        _with_lang(actions.add_parser(name, help=help_text))
    for name, help_text in (
        ("export", "print everything that is kept about the cases of an account, as JSON"),
        ("erase", "delete all cases of an account, with all that belongs to them"),
    ):
        action = actions.add_parser(name, help=help_text)
        action.add_argument("account", help="account name or 1.2.x")
        _with_lang(action)


def _with_lang(action: argparse.ArgumentParser) -> None:
    action.add_argument("--lang", choices=LANGUAGES)


def run(arguments: argparse.Namespace, settings: Settings, lang: str) -> int:
    """Runs the action and returns the exit status; raises BadSetting, StoreUnavailable."""
    if arguments.action == "upgrade":
        return _upgrade(settings, lang)
    if arguments.action == "check":
        return _check(settings, lang)
    account = _account(arguments.account) if "account" in arguments else ""
    desk = require_desk(settings)
    if arguments.action == "export":
        sys.stdout.write(json.dumps(desk.export(account), ensure_ascii=False, indent=2) + "\n")
        return 0
    deleted = desk.purge() if arguments.action == "purge" else desk.erase(account)
    _print(_DELETED, lang, count=deleted)
    return 0


def _upgrade(settings: Settings, lang: str) -> int:
    from diag.cases.schema import VERSIONS, Fit, upgrade

    found = upgrade(open_database(settings))
    _print(_UP_TO_DATE if found is Fit.CURRENT else _UPGRADED, lang, version=VERSIONS[-1])
    return 0


def _check(settings: Settings, lang: str) -> int:
    from diag.cases.schema import NOT_CURRENT, VERSIONS, Fit, fit

    found = fit(open_database(settings))
    if found is not Fit.CURRENT:
        _print(NOT_CURRENT[found], lang)
        return EXIT_NOT_CURRENT
    figures = require_desk(settings).figures()
    _print(_UP_TO_DATE, lang, version=VERSIONS[-1])
    for title, numbers in ((_CASES, figures.cases), (_MESSAGES, figures.messages)):
        listed = ", ".join(f"{state} {number}" for state, number in numbers.items())
        _print(title, lang, listed=listed)
    _print(_DUE, lang, count=figures.due)
    return 0


def _account(given: str) -> str:
    name = account_names.read(given)
    if name is None:
        raise BadInput.of(
            "account",
            "请填写账户名或 1.2.x 编号。",
            "Give an account name, or an id such as 1.2.345.",
        )
    return name


def _print(text: Text, lang: str, **facts: object) -> None:
    sys.stdout.write(text.say(lang, facts) + "\n")


_UP_TO_DATE = Text(
    zh="数据库结构与本程序一致（{version}）。",
    en="The schema of the database fits this version ({version}).",
)
_UPGRADED = Text(
    zh="数据库结构已更新为 {version}。", en="The schema of the database is now {version}."
)
_DELETED = Text(zh="已删除 {count} 个个案。", en="Cases deleted: {count}.")
_CASES = Text(zh="个案：{listed}", en="cases: {listed}")
_MESSAGES = Text(zh="消息：{listed}", en="messages: {listed}")
_DUE = Text(zh="待查询的个案：{count}", en="cases whose look is due: {count}")
