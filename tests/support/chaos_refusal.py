"""A start that is refused: what it says, and that it changes nothing."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from tests.support.chaos import ChaosBranch
from tests.support.waiting import until

_PROGRAM = "foleni-branch: "
_READY = f"{_PROGRAM}ready: "
_START_S = 60.0


def refusal_of(branch: ChaosBranch, prefix: Sequence[str] = ()) -> str:
    """The one line with which a start ends; fails where it does not end with status 1, or says more than that.

    The program is started with `prefix` before its command line.
    """
    ordinary = branch._command
    branch._command = [*prefix, *ordinary]
    try:
        branch.launch()
        until(lambda: not branch.is_running or _READY in branch.last_words, _START_S)
        assert not branch.is_running, f"it started: {branch.last_words}"
        status = branch.wait()
    finally:
        branch._command = ordinary
        branch.kill()
    said = branch.last_words.splitlines()
    lines = [line for line in said if line.startswith(_PROGRAM)]
    assert status == 1, f"ended with {status}: {branch.last_words}"
    assert "Traceback" not in branch.last_words, branch.last_words
    assert len(lines) == 1, branch.last_words
    assert said[-1] == lines[0], f"more than one line: {branch.last_words}"
    return lines[0]


def contents(data: Path) -> dict[str, str]:
    """A digest of every file below a folder."""
    files = sorted(path for path in data.rglob("*") if path.is_file())
    return {str(path.relative_to(data)): sha256(path.read_bytes()).hexdigest() for path in files}
