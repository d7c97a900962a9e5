"""A real SSH server of one's own on a free loopback port, which serves files and gives nobody a shell."""

import getpass
import os
import subprocess
from pathlib import Path
from typing import Self

from tests.support.broker import accepts, free_port
from tests.support.waiting import until

_SSHD = "/usr/sbin/sshd"
_SETTINGS = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/user_key.pub
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
ForceCommand internal-sftp
"""


class SftpServer:
    """Lives below `folder`, which it serves too: `files` is where backups go. `user_key` lets in, `host_key` says who it is."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.files = folder / "files"
        self.user_key = folder / "user_key"
        self.user = getpass.getuser()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        for name in ("host_key", "user_key", "strange_key"):
            make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name)]
            subprocess.run(make, check=True)
        (folder / "sshd_config").write_text(_SETTINGS.format(port=self.port, folder=folder))

    def __enter__(self) -> Self:
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        with (self._folder / "sshd.log").open("ab") as log:
            command = [_SSHD, "-D", "-e", "-f", str(self._folder / "sshd_config")]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until(lambda: accepts(self.port))
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def table(self, host_key: str = "host_key", user_key: str = "user_key", files: str = "") -> str:
        """The table of the settings that brings backups here, or would with these keys."""
        kind, key = (self._folder / f"{host_key}.pub").read_text().split()[:2]
        return f"""
            [[backup]]
            name = "office"
            to = "sftp://{self.user}@127.0.0.1:{self.port}{files or self.files}"
            key_file = "{self._folder / user_key}"
            host_key = "{kind} {key}"
        """
