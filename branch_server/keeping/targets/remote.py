"""A server that rclone reaches: SFTP, or storage that speaks S3."""

import ctypes
import hashlib
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import environ
from pathlib import Path

from branch_server.keeping.errors import Fault, TargetError
from branch_server.keeping.manifest import digest_of
from branch_server.keeping.naming import SUFFIX
from branch_server.keeping.settings import BackupTarget

_LONGEST_S = 2 * 60 * 60
_SHORT_S = 120
_PR_SET_PDEATHSIG = 1
_OPTIONS = ("--config=", "--contimeout=15s", "--timeout=60s", "--retries=2", "--low-level-retries=3", "--log-level=ERROR")
_PARTIAL = ".partial"
_NOISE = re.compile(r'^[0-9/]+ [0-9:]+ (\w+ *: *)?(Failed to create file system for "[^"]*": )?(NewFs: )?(: )?')
"""What rclone puts before its words."""
_WORDS: Sequence[tuple[Fault, str]] = (
    (Fault.FULL, r"no space left|quota|insufficient storage|disk full|storage full|EntityTooLarge"),
    (Fault.REFUSED, r"host key|knownhosts|private key|unable to authenticate"),
    (Fault.REFUSED, r"permission denied|access ?denied|forbidden|signature|InvalidAccessKey|status code: 40[13]"),
    (Fault.NOT_THERE, r"directory not found|NoSuchBucket|no such file|does not exist|object not found|status code: 404"),
    (Fault.UNREACHABLE, r"refused|timeout|timed out|no such host|unreachable|reset|EOF|dial tcp|connection"),
)


class Remote:
    """A folder on a server. What is sent is read back as a whole: no server is asked for a digest that it may make up."""

    def __init__(self, target: BackupTarget) -> None:
        self._root = f"foleni:{target.to.path}"
        self._target = target

    def names(self) -> list[str]:
        try:
            said = self._run("lsf", "--files-only", self._root).decode(errors="replace")
        except TargetError as error:
            if error.fault is Fault.NOT_THERE and self._target.to.kind == "sftp":
                return []  # the first backup makes the folder
            raise
        return [name for name in said.splitlines() if not name.startswith(".")]

    def put(self, file: Path, name: str) -> None:
        self._tidy()
        partial = f"{self._root}/.{name}{_PARTIAL}"
        try:
            self._run("copyto", "--ignore-times", str(file), partial, longest_s=_LONGEST_S)
            if self._digest(partial) != digest_of(file):
                raise TargetError(Fault.DAMAGED, "it gives back something else than was sent")
            self._run("moveto", partial, f"{self._root}/{name}")
        except TargetError:
            self._drop(partial)
            raise

    def fetch(self, name: str, place: Path) -> None:
        self._run("copyto", "--ignore-times", f"{self._root}/{name}", str(place), longest_s=_LONGEST_S)

    def remove(self, name: str) -> None:
        try:
            self._run("deletefile", f"{self._root}/{name}")
        except TargetError as error:
            if error.fault is not Fault.NOT_THERE:
                raise

    def _tidy(self) -> None:
        try:
            listed = self._run("lsf", "--files-only", self._root).decode(errors="replace").splitlines()
        except TargetError as error:
            if error.fault is not Fault.NOT_THERE:
                raise
            return
        for name in listed:
            if name.startswith(".foleni-") and name.endswith(f"{SUFFIX}{_PARTIAL}"):
                self.remove(name)

    def _drop(self, partial: str) -> None:
        try:
            self._run("deletefile", partial)
        except TargetError:
            return  # the next backup tidies up

    def _digest(self, remote: str) -> str:
        digest = hashlib.sha256()
        with self._running("cat", remote) as running:
            assert running.stdout is not None, "it was asked for"
            while chunk := running.stdout.read(1 << 20):
                digest.update(chunk)
        return digest.hexdigest()

    def _run(self, *arguments: str, longest_s: float = _SHORT_S) -> bytes:
        with self._running(*arguments) as running:
            try:
                return running.communicate(timeout=longest_s)[0]
            except subprocess.TimeoutExpired as error:
                running.kill()
                raise TargetError(Fault.UNREACHABLE, "it does not come to an end") from error

    @contextmanager
    def _running(self, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
        """rclone at work; behind the block it has ended well, or a `TargetError` is raised."""
        program = shutil.which("rclone")
        if program is None:
            raise TargetError(Fault.REFUSED, "it needs the program rclone: install the package rclone")
        with tempfile.TemporaryDirectory(prefix="foleni-") as own, (Path(own) / "errors").open("w+b") as errors:
            running = subprocess.Popen(  # noqa: S603 - a program of the system, without a shell
                [program, arguments[0], *_OPTIONS, *arguments[1:]],
                env={**_plain_environment(), **self._settings(Path(own))},
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one call into libc, and no transfer outlives its backup
            )  # fmt: skip
            with running:
                yield running
                running.wait(_SHORT_S)
            if running.returncode != 0:
                errors.seek(0)
                raise _fault_of(errors.read())

    def _settings(self, own: Path) -> dict[str, str]:
        """rclone's own, in its environment: secrets stand on no command line. `own` is a folder for as long as it runs."""
        target = self._target
        try:
            values = _sftp(target, own) if target.to.kind == "sftp" else _s3(target)
        except OSError as error:
            raise TargetError(Fault.REFUSED, f"{error.filename} cannot be read: {error.strerror}") from error
        return {f"RCLONE_CONFIG_FOLENI_{name.upper()}": value for name, value in values.items()}


def _fault_of(errors: bytes) -> TargetError:
    """Of what rclone says: its stable kind, and the line that tells most."""
    lines = [_NOISE.sub("", line.strip()) for line in errors.decode(errors="replace").splitlines()]
    for fault, words in _WORDS:
        telling = next((line for line in lines if re.search(words, line, re.IGNORECASE)), None)
        if telling is not None:
            return TargetError(fault, telling[:300])
    return TargetError(Fault.REFUSED, next((line for line in reversed(lines) if line), "rclone said nothing")[:300])


def _sftp(target: BackupTarget, own: Path) -> dict[str, str]:
    """The server must show the key that the settings name: rclone reads known hosts from a file, which holds just this one."""
    assert target.key_file is not None, "checked with the settings"
    to = target.to
    target.key_file.open("rb").close()
    host = to.host if to.port == 22 else f"[{to.host}]:{to.port}"
    known = own / "known_hosts"
    known.write_text(f"{host} {target.host_key}\n", encoding="ascii")
    return {
        "type": "sftp", "host": to.host, "port": str(to.port), "user": to.user, "key_file": str(target.key_file),
        "known_hosts_file": str(known), "shell_type": "none", "md5sum_command": "none", "sha1sum_command": "none",
    }  # fmt: skip


def _s3(target: BackupTarget) -> dict[str, str]:
    assert target.secret_file is not None, "checked with the settings"
    return {
        "type": "s3", "provider": "Other", "endpoint": target.endpoint or "", "region": target.region,
        "access_key_id": target.access_key or "", "secret_access_key": target.secret_file.read_text(encoding="utf-8").strip(),
        "no_check_bucket": "true",
    }  # fmt: skip


def _plain_environment() -> dict[str, str]:
    """Without what would change rclone, or the library for S3 in it, behind our back."""
    return {name: value for name, value in environ.items() if not name.startswith(("RCLONE_", "AWS_"))}


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
