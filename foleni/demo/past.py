"""A branch to show is not new: people who can sign in, and days that lie behind it, all marked as made."""

import os
import re
import socket
import subprocess
import sys
import tomllib
from contextlib import closing, suppress
from pathlib import Path

from foleni.demo.house import Folders
from foleni.demo.keeper import GRACE_S, StartError, tied

USUAL_HTTP = ("127.0.0.1", 8080)
USUAL_CLOUD = ("127.0.0.1", 8090)
_WRONG_SETUP = 2
_CODE = re.compile(r"one-time code of (\S+): (\d+)\s*$")
_PEOPLE = {
    "demo": 'name = "Demo"\nrole = "admin"',
    "grace": 'name = "Grace"\nrole = "staff"',
    "eric": 'name = "Eric"\nrole = "staff"',
}
"""Who is in the demo beside the people of the setup; they sign in with a one-time code."""


def is_new(folders: Folders) -> bool:
    """Whether there is no branch in the folder yet."""
    return not (folders.data / "branch.db").exists()


def peopled(folders: Folders, setup: Path) -> Path:
    """A setup with the demo's own people, made of `setup`; that one itself where it cannot be added to."""
    with suppress(OSError, UnicodeError, tomllib.TOMLDecodeError, AttributeError, TypeError):
        text = setup.read_text(encoding="utf-8")
        known = {person.get("id") for person in tomllib.loads(text).get("staff", [])}
        added = [f'\n[[staff]]\nid = "{name}"\n{described}\n' for name, described in _PEOPLE.items() if name not in known]
        whole = "".join([text, *added])
        tomllib.loads(whole)
        own = folders.data / "setup.toml"
        own.write_text(whole, encoding="utf-8")
        return own
    return setup


def make_past(folders: Folders, setup: Path, days: int) -> None:
    """Writes `days` before today, and the morning. Raises `StartError`; a wrong setup is left for the server to tell."""
    command = [sys.executable, "-m", "branch_server.history", "--data", str(folders.data), "--setup", str(setup)]
    with _log(folders).open("ab") as log:
        os.fchmod(log.fileno(), 0o600)
        writing = subprocess.Popen(  # noqa: S603 - our own program
            [*tied(), *command, "--days", str(days)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, process_group=0
        )
        try:
            status = writing.wait()
        except BaseException:
            _end(writing)
            raise
    if status not in {0, _WRONG_SETUP}:
        raise StartError(f"the past could not be written: {_log(folders).read_text(errors='replace').strip()}")


def codes(folders: Folders) -> dict[str, str]:
    """The one-time codes that were told for the first sign-in, by person."""
    found: dict[str, str] = {}
    for log in (_log(folders), folders.logs / "server.old", folders.logs / "server.log"):
        with suppress(OSError):
            told = (_CODE.search(line) for line in log.read_text(encoding="utf-8", errors="replace").splitlines())
            found |= {match[1]: match[2] for match in told if match is not None}
    return found


def http_address(usual: tuple[str, int] = USUAL_HTTP) -> str:
    """Where browsers look: the usual port of this machine, or a free one where that is taken."""
    for address in (usual, (usual[0], 0)):
        with closing(socket.socket()) as tried, suppress(OSError):
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
            return f"{usual[0]}:{tried.getsockname()[1]}"
    raise StartError("there is no free port")


def free_address() -> str:
    """A free port of this machine."""
    return http_address((USUAL_HTTP[0], 0))


def _log(folders: Folders) -> Path:
    folders.logs.mkdir(parents=True, exist_ok=True)
    return folders.logs / "history.log"


def _end(writing: "subprocess.Popen[bytes]") -> None:
    writing.terminate()
    try:
        writing.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        writing.kill()
        writing.wait()
