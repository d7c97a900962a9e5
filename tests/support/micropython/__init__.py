"""The reference call unit under a real MicroPython, on a pty."""

import os
import subprocess
import threading
import tty
from pathlib import Path
from typing import Self

_HERE = Path(__file__).parent
_FIRMWARE = Path(__file__).resolve().parents[3] / "counter" / "firmware"


class MicroPythonUnit:
    """`counter/firmware` run by MicroPython in Node: at an address, or without one `main.py` on a board that is played.
    `shown` is all that it has told of its display, lamp and buzzer, in order.
    """

    def __init__(self, link: Path, address: int | None = None) -> None:
        self.shown: list[list[str]] = []
        self.errors: list[str] = []
        self._link = link
        self._address = address

    def __enter__(self) -> Self:
        assert (_HERE / "node_modules").is_dir(), f"MicroPython is missing: npm ci --prefix {_HERE}"
        master, slave = os.openpty()
        tty.setraw(slave)
        self._link.symlink_to(os.ttyname(slave))
        keys, self._keys = os.pipe()
        os.set_blocking(master, False)
        os.set_blocking(keys, False)
        command = ["node", str(_HERE / "run.mjs"), str(master), str(_FIRMWARE), str(self._address or "board")]
        self._process = subprocess.Popen(
            command, stdin=keys, stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=[master], text=True
        )
        for fd in (master, slave, keys):
            os.close(fd)
        self._readers = [threading.Thread(target=target) for target in (self._read, self._read_errors)]
        for reader in self._readers:
            reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._keys)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
        for reader in self._readers:
            reader.join()
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()
        self._process.wait()
        self._link.unlink()

    @property
    def text(self) -> str:
        """What the display says now."""
        return self.shown[-1][0] if self.shown else ""

    def press(self, kind: str = "K", key: str = "NEXT") -> None:
        """K once, D twice, L long."""
        self.type(f"{kind} {key}")

    def type(self, line: str) -> None:
        os.write(self._keys, f"{line}\n".encode())

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.shown.append(line.strip().split("|"))

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        self.errors.extend(self._process.stderr)
