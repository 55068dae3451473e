"""Whatever is logged, by whomever, is searched for secrets before it is written."""

from __future__ import annotations

import io
import logging
import random

import pytest
from secret_texts import remains, wif

from diag.redaction import log_records

KEY = wif(random.Random(1))


@pytest.fixture
def log():
    """A logger of somebody else's, and what it wrote."""
    before = logging.getLogRecordFactory()
    log_records.install()
    written, logger = io.StringIO(), logging.getLogger("somebody.else")
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger.addHandler(handler)
    yield logger, written
    logger.removeHandler(handler)
    logging.setLogRecordFactory(before)


def explode(text):
    try:
        raise ValueError(f"cannot read {text}")
    except ValueError as error:
        raise RuntimeError("it went wrong") from error


def exploding(logger):
    try:
        explode(KEY)
    except RuntimeError:
        logger.exception("request %s", 7)


CASES = [
    pytest.param(
        lambda x: x.warning("got %s", KEY), "WARNING got [redacted:wif]\n", id="argument"
    ),
    pytest.param(
        lambda x: x.warning(f"got {KEY}"), "WARNING got [redacted:wif]\n", id="message"
    ),
    pytest.param(lambda x: x.info(KEY), "", id="below the level"),
    pytest.param(
        lambda x: x.warning("%(k)s!", {"k": KEY}), "WARNING [redacted:wif]!\n", id="by name"
    ),
    pytest.param(
        lambda x: x.warning("%d%%", "x", KEY), "WARNING %d%%\n", id="a format that does not fit"
    ),
    pytest.param(
        lambda x: x.error("at %d%% of %s", 7, "60 s"),
        "ERROR at 7% of 60 s\n",
        id="nothing secret",
    ),
]


@pytest.mark.parametrize(("say", "expected"), CASES)
def test_a_message(log, say, expected):
    logger, written = log
    logger.setLevel(logging.WARNING)
    say(logger)

    assert written.getvalue() == expected


def test_a_traceback_is_kept_without_the_secret(log):
    logger, written = log
    exploding(logger)

    assert written.getvalue().startswith("ERROR request 7\nTraceback")
    assert "ValueError: cannot read [redacted:wif]\n" in written.getvalue()
    assert written.getvalue().endswith("RuntimeError: it went wrong\n")
    assert remains(written.getvalue(), KEY) == []


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a\x1b[31mb", "a\\u001b[31mb"),
        ("a\nERROR forged", "a\\u000aERROR forged"),
        ("a\u202eb\x9b", "a\\u202eb\\u009b"),
        ("提币 {0} %s", "提币 {0} %s"),
    ],
)
def test_nothing_in_a_message_steers_a_terminal_or_fakes_a_line(log, text, written):
    logger, lines = log
    logger.warning("read %s", text)
    try:
        raise ValueError(text)
    except ValueError:
        logger.exception("failed")
    assert lines.getvalue().startswith(f"WARNING read {written}\nERROR failed\nTraceback")
    assert lines.getvalue().replace("\n", "").isprintable()
