"""Logs: one line an entry, whoever reads it."""

import io
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from foleni import logs

NASTY = "one\ntwo\r\x1b[2Jthree\u2028four"


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def test_an_entry_is_one_line_with_its_time_whatever_is_in_it() -> None:
    out = io.StringIO()
    logs.set_up("info", out)
    try:
        raise ValueError(NASTY)
    except ValueError:
        logging.getLogger("foleni.test").exception(NASTY)
    text = out.getvalue()
    assert len(text.splitlines()) == 1
    assert r"ERROR foleni.test: one\ntwo\r\x1b[2Jthree\u2028four\nTraceback" in text


def test_what_is_below_the_level_is_left_out() -> None:
    out = io.StringIO()
    logs.set_up("warning", out)
    logging.getLogger("foleni.test").info("no")
    logging.getLogger("foleni.test").warning("yes")
    assert "no" not in out.getvalue()
    assert "yes" in out.getvalue()


def test_the_journal_gets_priorities_and_no_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "journal").open("w+") as out:
        status = os.fstat(out.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
        logs.set_up("debug", out)
        for level in ("debug", "info", "warning", "error", "critical"):
            getattr(logging.getLogger("foleni.test"), level)("a\nb")
        out.seek(0)
        assert out.read().splitlines() == [rf"<{number}>foleni.test: a\nb" for number in (7, 6, 4, 3, 2)]


@pytest.mark.parametrize("value", ["", "1:2", "nonsense"])
def test_a_stream_that_is_not_the_journal_is_not_taken_for_it(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", value)
    assert not logs.journal_reads(sys.stderr)
    assert not logs.journal_reads(io.StringIO())


def test_a_program_logs_to_stderr_only() -> None:
    code = "import logging; from foleni import logs; logs.set_up(); logging.info('hello')"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout == ""
    assert run.stderr.endswith("INFO root: hello\n")
