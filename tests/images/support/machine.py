"""A PC for an image: QEMU without hardware help, with firmware, screen, touch, watchdog, serial line and a plug to pull."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.support.waiting import until

ROOT = Path(__file__).parents[3]
BUILT = ROOT / "build/images"
KEPT = ROOT / "build/pictures"
_FIRMWARE = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
_VARIABLES = Path("/usr/share/OVMF/OVMF_VARS_4M.fd")
_BOOT_AT = "@@1M"
_MIB = 1 << 20
_SLOT_AT_MIB = {"a": 257, "b": 897}
_DISK_GIB = 4
_TOUCH_MOST = 0x7FFF
BOOTS_WITHIN_S = 900.0
_ALWAYS = (
    "-machine", "q35,smm=off", "-accel", "tcg,thread=multi", "-smp", "1", "-nodefaults", "-no-user-config", "-display", "none",
    # AMD's: its kernel need not leave all its pages at each call, which costs an emulated machine most; no slow vectors
    "-cpu", "max,-avx,-avx2,-fma,-f16c",
    "-device", "virtio-blk-pci,drive=disk,bootindex=1", "-device", "qemu-xhci", "-device", "usb-tablet",
    "-device", "usb-kbd", "-device", "virtio-rng-pci", "-device", "i6300esb", "-action", "watchdog=reset",
    "-serial", "chardev:serial",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lan:
    """A network that only machines of one test are on."""

    port: int

    @classmethod
    def new(cls) -> Self:
        return cls(free_port())


class Machine:
    """One PC with a copy of an image on its disk. `size` is its screen's; a port in `forwards` is reached from here by
    `port(n)`; `clock` is what its own clock says when it is switched on, as QEMU's `-rtc base=`.
    """

    def __init__(
        self,
        role: str,
        folder: Path,
        *,
        lan: Lan | None = None,
        size: tuple[int, int] = (1024, 768),
        forwards: tuple[int, ...] = (),
        memory_mib: int = 1024,
        clock: str = "utc",
    ) -> None:
        self.role = role
        self.folder = folder
        self.size = size
        self._lan = lan
        self._memory_mib = memory_mib
        self._clock = clock
        self._forwards = {port: free_port() for port in forwards}
        self._process: subprocess.Popen[bytes] | None = None
        self._qmp: Qmp | None = None
        self._seen = 0
        folder.mkdir(parents=True, exist_ok=True)
        self.disk = folder / "disk.img"
        self._serial = folder / "serial.txt"
        subprocess.run(["cp", "--sparse=always", BUILT / f"{role}.img", self.disk], check=True)
        os.truncate(self.disk, _DISK_GIB * 1024 * _MIB)
        shutil.copyfile(_VARIABLES, folder / "firmware.fd")

    def write_boot_file(self, text: str) -> None:
        """Replace `foleni.txt`, as an installer does on a PC of theirs. Not while the machine is on."""
        self.write_boot("foleni.txt", text.encode())

    def write_boot(self, name: str, content: bytes) -> None:
        """Replace a file of the boot partition."""
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            self._mtools("mcopy", "-o", file.name, f"::{name}")

    def boot_entries(self) -> list[str]:
        """The names of the boot entries, which count the tries."""
        listed = self._mtools("mdir", "-b", "::loader/entries")
        return sorted(line.rpartition("/")[2].strip() for line in listed.splitlines() if line.strip())

    def damage_slot(self, slot: str) -> None:
        """Overwrite the beginning of a slot, and some of its middle."""
        with self.disk.open("r+b") as disk:
            for at_mib in (0, 40, 90):
                disk.seek((_SLOT_AT_MIB[slot] + at_mib) * _MIB)
                disk.write(os.urandom(4 * _MIB))

    def on(self) -> None:
        """Switch it on."""
        assert self._process is None
        self._seen = len(self.serial)
        qmp = self.folder / "qmp"
        qmp.unlink(missing_ok=True)
        with (self.folder / "qemu.txt").open("ab") as log:
            self._process = subprocess.Popen(self._command(qmp), stdout=log, stderr=log)
        until(qmp.exists, 60)
        self._qmp = Qmp(qmp)

    def cut_power(self) -> None:
        """At once, as when the cable is pulled."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._qmp is not None:
            self._qmp.close()
        self._process = self._qmp = None

    def port(self, of: int) -> int:
        """The port here that leads to the machine's port `of`."""
        return self._forwards[of]

    @property
    def qmp(self) -> "Qmp":
        assert self._qmp is not None
        return self._qmp

    @property
    def serial(self) -> str:
        """What the serial line said, from the first start on."""
        return self._serial.read_text("utf-8", "replace") if self._serial.exists() else ""

    @property
    def said(self) -> str:
        """What the serial line has said since it was switched on."""
        return self.serial[self._seen :]

    def until_said(self, words: str, within_s: float = BOOTS_WITHIN_S) -> None:
        """Wait for words on the serial line since it was switched on."""
        self.until(lambda: words in self.said, within_s)

    def until(self, holds: Callable[[], object], within_s: float = BOOTS_WITHIN_S) -> None:
        """Wait for something while the machine lives; what it said is shown where that does not come."""

        def checked() -> bool:
            assert self._process is None or self._process.poll() is None, (self.folder / "qemu.txt").read_text()
            return bool(holds())

        try:
            until(checked, within_s)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.role} said:\n{self.said[-4000:]}") from error

    def tap(self, x: float, y: float) -> None:
        """Touch the screen; 0 to 1 from the left and from the top."""
        place = [
            {"type": "abs", "data": {"axis": axis, "value": round(part * _TOUCH_MOST)}} for axis, part in (("x", x), ("y", y))
        ]
        for down in (True, False):
            button = {"type": "btn", "data": {"button": "left", "down": down}}
            self.qmp.ask("input-send-event", events=[*place, button] if down else [button])

    def key(self, *names: str) -> None:
        """Press keys together, by QEMU's names for them."""
        self.qmp.ask("send-key", keys=[{"type": "qcode", "data": name} for name in names])

    def picture(self, name: str) -> Path:
        """What its screen shows now, kept as a PNG."""
        KEPT.mkdir(parents=True, exist_ok=True)
        path = KEPT / f"{name}.png"
        self.qmp.ask("screendump", filename=str(path), format="png")
        return path

    def _mtools(self, program: str, *arguments: str) -> str:
        command = [program, "-i", f"{self.disk}{_BOOT_AT}", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "TZ": "UTC"}).stdout

    def _command(self, qmp: Path) -> list[str]:
        forwards = "".join(f",hostfwd=tcp:127.0.0.1:{here}-:{there}" for there, here in self._forwards.items())
        nets = [("net", f"user,id=net,restrict=on{forwards}")] if self._forwards else []
        if self._lan is not None:
            nets.append(("lan", f"socket,id=lan,mcast=230.42.7.1:{self._lan.port},localaddr=127.0.0.1"))
        cards = [
            word
            for name, net in nets
            for word in ("-netdev", net, "-device", f"virtio-net-pci,netdev={name},{self._mac(name)}")
        ]
        width, height = self.size
        return [
            "nice", "-n", "5", "qemu-system-x86_64", *_ALWAYS,
            "-m", str(self._memory_mib), "-rtc", f"base={self._clock}",
            "-drive", f"if=pflash,format=raw,readonly=on,file={_FIRMWARE}",
            "-drive", f"if=pflash,format=raw,file={self.folder / 'firmware.fd'}",
            "-drive", f"if=none,id=disk,format=raw,cache=writeback,discard=unmap,file={self.disk}",
            "-device", f"virtio-vga,xres={width},yres={height}",
            "-chardev", f"file,id=serial,path={self._serial},append=on",
            "-qmp", f"unix:{qmp},server=on,wait=off", *(cards or ["-nic", "none"]),
        ]  # fmt: skip

    def _mac(self, card: str) -> str:
        """Its own address on each network, the same at each start."""
        number = zlib.crc32(f"{self.folder}{card}".encode()) & 0xFFFF
        return f"mac=52:54:00:{'ab' if card == 'lan' else 'cd'}:{number >> 8:02x}:{number & 0xFF:02x}"


class Qmp:
    """QEMU's own console."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(60)
        until(lambda: self._socket.connect_ex(str(path)) == 0, 60)  # its file is there a moment before anybody listens
        self._file = self._socket.makefile("rw", encoding="utf-8")
        self._file.readline()
        self.ask("qmp_capabilities")

    def ask(self, command: str, **arguments: Any) -> Any:
        self._file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._file.flush()
        while True:
            answer = json.loads(self._file.readline())
            if "error" in answer:
                raise AssertionError(answer["error"])
            if "return" in answer:
                return answer["return"]

    def close(self) -> None:
        self._file.close()
        self._socket.close()


def free_port() -> int:
    """A port that nobody has at the moment."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
