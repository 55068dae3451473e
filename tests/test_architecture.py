"""What the contracts of import-linter in setup.cfg cannot say: which modules are pure, and who may print or
read the environment. All of it is read from the syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
DIAG = ROOT / "diag"

PURE = (
    "cases.changes",
    "cases.edit",
    "cases.look",
    "cases.record",
    "cases.schedule",
    "cases.serializer",
    "channels.backoff",
    "channels.forms",
    "channels.message",
    "hooks.events",
    "hooks.questions",
    "hooks.signatures",
    "domain.coin_addresses",
    "checks",
    "matching.gateway_statistics",
    "doctor.snapshot",
    "doctor.result",
    "doctor.checks.index",
    "doctor.checks.machine",
    "doctor.checks.nodes",
    "doctor.checks.register",
    "doctor.checks.settings",
    "domain.case",
    "domain.evidence",
    "domain.history",
    "domain.withdrawal",
    "domain.evidence_items",
    "redaction.request_fields",
    "intake",
    "diagnosis.verdict_builder",
    "domain.gateway_live",
    "gateways.coin_lists",
    "matching.settlements",
    "domain.memo_format",
    "domain.account_names",
    "domain.account",
    "domain.asset",
    "domain.chain_objects",
    "domain.memo",
    "domain.custody_operations",
    "domain.operations",
    "redaction",
    "render",
    "matching.resubmissions",
    "i18n",
    "printable",
    "matching.withdrawals",
    "triage.result",
    "triage.readers",
    "triage.groups",
    "triage.writers",
    "triage.tickets",
    "triage.messages",
    "diagnosis.precedence",
    "domain.finding",
    "domain.verdict",
    "domain.vocabulary",
)
NOT_PURE = (
    "intake.classify.language_model",
    "intake.cues",
    "redaction.log_records",
    "redaction.wordlists",
    "render.html_words",
)
"""What reads or writes inside a package that is pure otherwise."""

IMPURE_CALLS = frozenset(
    (
        "open",
        "print",
        "input",
        "now",
        "today",
        "utcnow",
        "time",
        "monotonic",
        "perf_counter",
        "sleep",
        "getenv",
        "random",
        "randint",
        "choice",
        "shuffle",
        "uuid1",
        "uuid4",
        "urandom",
        "token_hex",
        "read_text",
        "read_bytes",
        "write_text",
        "eval",
        "exec",
        "__import__",
        "globals",
    )
)
IMPURE_NAMES = frozenset(
    (
        "Path",
        "environ",
        "requests",
        "socket",
        "subprocess",
        "random",
        "secrets",
        "uuid",
        "sys",
        "logging",
    )
)
"""Names that stand for files, clocks, chance, the environment or the network."""
IMPURE_MODULES = frozenset(
    (
        "io",
        "os",
        "pathlib",
        "random",
        "requests",
        "secrets",
        "shutil",
        "socket",
        "ssl",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "time",
        "urllib",
        "uuid",
        "logging",
        "asyncio",
    )
)


def name_of(path: Path) -> str:
    """diag/chain/rpc/http.py → chain.rpc.http; a package's own file has the package's name."""
    parts = path.relative_to(DIAG).with_suffix("").parts
    if parts[-1] == "__init__" and len(parts) > 1:
        parts = parts[:-1]
    return ".".join(parts)


@cache
def trees() -> dict[str, ast.Module]:
    """The syntax tree of each module."""
    return {
        name_of(path): ast.parse(path.read_text(encoding="utf-8"), str(path))
        for path in sorted(DIAG.rglob("*.py"))
    }


def inside(walls: str | tuple[str, ...], module: str) -> bool:
    places = (walls,) if isinstance(walls, str) else walls
    return any(module == place or module.startswith(f"{place}.") for place in places)


def _imports(module: str) -> Iterator[tuple[int, str]]:
    """Every module that a module imports, wherever the import stands, with its line.

    `from diag import x` and `from diag.chain import x` count as the module x.
    """
    for node in ast.walk(trees()[module]):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno}: a relative import"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                known = full.removeprefix("diag.") in trees()
                yield node.lineno, full if known else str(node.module)


@cache
def imports(module: str) -> tuple[tuple[int, str], ...]:
    return tuple(_imports(module))


def names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Names that are used, and what is called, with their lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in IMPURE_NAMES:
            yield node.lineno, node.id
        if isinstance(node, ast.Attribute) and node.attr in IMPURE_NAMES:
            yield node.lineno, node.attr
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else None
            name = called.id if isinstance(called, ast.Name) else name
            if name in IMPURE_CALLS:
                yield node.lineno, f"{name}()"


def test_a_pure_module_has_no_files_clock_chance_or_environment() -> None:
    pure = [name for name in trees() if inside(PURE, name) and name not in NOT_PURE]
    wrong = [f"{one}:{line} uses {name}" for one in pure for line, name in names(trees()[one])]
    wrong += [
        f"{module}:{line} imports {full}"
        for module in pure
        for line, full in imports(module)
        if full.partition(".")[0] in IMPURE_MODULES
    ]
    assert wrong == []


def test_every_pure_place_exists() -> None:
    assert {place for place in PURE if place not in trees()} == set()


def test_the_package_itself_imports_nothing() -> None:
    assert [full for _, full in imports("__init__") if full != "__future__"] == []


def environment(module: str) -> list[int]:
    """Lines that read the environment of the process."""
    return [
        node.lineno
        for node in ast.walk(trees()[module])
        if (isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv", "environb"))
        or (isinstance(node, ast.ImportFrom) and node.module == "os")
    ]


def test_the_environment_is_read_by_the_command_line_alone_and_in_one_place() -> None:
    assert {module for module in trees() if environment(module)} == {"cli.environment"}
    assert len(environment("cli.environment")) == 1


def test_nobody_prints_but_the_command_line() -> None:
    """A service speaks by its log; commands speak by their output."""
    printing = {
        module
        for module, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    }
    assert printing <= {
        "cli.main",
        "diagnosis.catalog",
        "ledger.replay.server",
    }


def test_nothing_is_caught_bare() -> None:
    """A bare except hides what went wrong, and whoever wants to stop the program."""
    wrong = [
        f"{module}:{node.lineno}"
        for module, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and node.type is None
    ]
    assert wrong == []


CLOCKS = frozenset(("sleep", "monotonic", "perf_counter", "process_time", "thread_time"))
TESTS = ROOT / "tests"
WITH_A_CLOCK = ("support", "browser", "chaos")


def test_no_test_looks_at_a_clock_by_itself() -> None:
    """What waits, or is to be done in time, goes by `tests/support/waiting.py`."""
    texts = {
        path: path.read_text(encoding="utf-8")
        for path in sorted(TESTS.rglob("*.py"))
        if path.relative_to(TESTS).parts[0] not in WITH_A_CLOCK
    }
    calls = [
        f"{path.relative_to(TESTS)}:{node.lineno} calls {node.func.attr}"
        for path, text in texts.items()
        if "time." in text
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "time"
        and node.func.attr in CLOCKS
    ]
    assert calls == []


def test_what_is_put_into_a_text_is_no_template() -> None:
    """A brace in a name must not become a placeholder: `Text.literal` takes what is put together of
    values; `Text` itself only what is put together of texts."""
    wrong = [
        f"{name}:{part.lineno}"
        for name, tree in trees().items()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Text"
        for given in [*call.args, *(keyword.value for keyword in call.keywords)]
        if isinstance(given, ast.JoinedStr)
        for part in given.values
        if isinstance(part, ast.FormattedValue)
        if not (isinstance(part.value, ast.Attribute) and part.value.attr in ("zh", "en"))
    ]
    assert wrong == []
