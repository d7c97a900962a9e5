"""A line of call units on a real pty and over TCP: garbage, unplugging and plugging in again at any moment."""

import os
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
import serial
from serial.rfc2217 import PortManager

from counter.line.line import Ears, Line, State
from counter.line.picture import Note, Picture
from counter.line.turns import Press
from counter.presses import Gesture
from foleni.link.backoff import Backoff
from foleni.sim.unit import SimLine
from tests.support.broker import free_port
from tests.support.waiting import until


class Heard:
    """A line under test and what it told."""

    def __init__(self, url: str, units: tuple[int, ...] = (1, 2), silent_s: float = 15.0) -> None:
        self.presses: list[Press] = []
        self.dead: list[str] = []
        self.beats = 0
        ears = Ears(self.presses.append, self.dead.append, self._beat)
        self.line = Line(url, 115_200, units, ears, answer_s=0.3, silent_s=silent_s, backoff=Backoff(0.02, 0.05))

    def _beat(self) -> None:
        self.beats += 1

    @contextmanager
    def running(self) -> Iterator["Heard"]:
        self.line.start()
        try:
            yield self
        finally:
            begun = time.monotonic()
            self.line.stop()
            assert time.monotonic() - begun < 1.5, "all of a program's end takes two seconds"
            until(lambda: self.line.state is State.CLOSED)
            assert self.dead == []


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[SimLine]:
    line = SimLine(tmp_path / "line", (1, 2)).start()
    yield line
    line.stop()


def test_a_press_goes_up_and_a_picture_comes_down(sim: SimLine) -> None:
    with Heard(str(sim.link)).running() as heard:
        heard.line.show(1, Picture("A042", 7))
        until(lambda: sim.units[1].face.number == "A042" and len(heard.line.present) == 2)
        sim.press(1, "long")
        until(lambda: heard.presses)
        assert heard.presses == [Press(1, "NEXT", Gesture.LONG, "A042")]
        heard.line.show(1, Picture("A043", 6, note=Note.OK))
        until(lambda: sim.units[1].face.number == "A043")
        assert heard.beats


def test_two_units_pressed_at_once_are_both_heard_once(sim: SimLine) -> None:
    with Heard(str(sim.link)).running() as heard:
        until(lambda: len(heard.line.present) == 2)
        for turn in range(1, 6):
            sim.press(1)
            sim.press(2)
            until(lambda turn=turn: len(heard.presses) >= 2 * turn)  # type: ignore[misc]
            until(lambda: not any(unit.is_telling for unit in sim.units.values()))
        assert sorted(press.unit for press in heard.presses) == [1] * 5 + [2] * 5


def test_unplugged_and_plugged_in_again_it_goes_on(sim: SimLine) -> None:
    with Heard(str(sim.link)).running() as heard:
        heard.line.show(2, Picture("B001"))
        for turn in range(1, 6):
            until(lambda: len(heard.line.present) == 2)
            sim.press(2)
            until(lambda turn=turn: len(heard.presses) == turn)  # type: ignore[misc]
            sim.unplug()
            until(lambda: heard.line.state is not State.OPEN)
            sim.plug()
        until(lambda: sim.units[2].face.number == "B001" and sim.units[2].face.line)


def test_unplugged_at_any_moment_a_press_is_heard_once_or_void(sim: SimLine) -> None:
    chance = random.Random(7)
    with Heard(str(sim.link)).running() as heard:
        for _ in range(25):
            until(lambda: 1 in heard.line.present)
            before = len(heard.presses)
            sim.press(1)
            threading.Event().wait(chance.uniform(0, 0.06))
            sim.unplug()
            until(lambda: heard.line.state is not State.OPEN)
            sim.plug()
            until(lambda: 1 in heard.line.present)
            assert len(heard.presses) - before <= 1


def test_a_line_that_is_not_there_yet_is_opened_when_it_comes(tmp_path: Path) -> None:
    with Heard(str(tmp_path / "line")).running() as heard:
        until(lambda: heard.line.state is State.WAITING)
        sim = SimLine(tmp_path / "line", (1, 2)).start()
        until(lambda: len(heard.line.present) == 2)
        sim.stop()


def test_garbage_on_the_line_is_passed_over(tmp_path: Path) -> None:
    chance = random.Random(3)
    master, slave = os.openpty()
    os.set_blocking(master, False)
    with Heard(os.ttyname(slave)).running() as heard:
        until(lambda: heard.line.state is State.OPEN)
        for _ in range(300):
            noise = chance.randbytes(chance.randrange(200)) + chance.choice((b"", b"\n", b"$", b"$01:1:K:NEXT*0000\n"))
            try:
                os.write(master, noise)
                os.read(master, 4096)
            except BlockingIOError:
                continue
        beats = heard.beats
        until(lambda: heard.beats > beats + 10)
        assert heard.presses == []
        assert heard.line.state is State.OPEN
    os.close(master)
    os.close(slave)


def test_a_line_that_leads_to_somebody_else_is_opened_anew(sim: SimLine, tmp_path: Path) -> None:
    master, slave = os.openpty()
    link = tmp_path / "device"
    link.symlink_to(os.ttyname(slave))
    with Heard(str(link), silent_s=0.5).running() as heard:
        until(lambda: heard.line.state is State.OPEN)
        link.unlink()
        link.symlink_to(sim.link)
        until(lambda: len(heard.line.present) == 2)
    os.close(master)
    os.close(slave)


def test_a_serial_server_that_hangs_up_is_called_again() -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)) as server, Heard(f"socket://127.0.0.1:{port}").running() as heard:
        deaf, _ = server.accept()
        deaf.close()
        again, _ = server.accept()
        until(lambda: heard.line.state is State.OPEN)
        again.close()


def test_units_behind_a_tcp_serial_server_work_alike(sim: SimLine) -> None:
    server = socket.create_server(("127.0.0.1", 0))
    bridge = Bridge(server, sim.link)
    with Heard(f"socket://127.0.0.1:{server.getsockname()[1]}").running() as heard:
        until(lambda: len(heard.line.present) == 2)
        sim.press(2)
        until(lambda: len(heard.presses) == 1)
        bridge.cut()
        until(lambda: heard.line.state is not State.OPEN)
        until(lambda: len(heard.line.present) == 2)
        sim.press(2)
        until(lambda: len(heard.presses) == 2)
    bridge.close()


@pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")
def test_units_behind_a_serial_server_with_rfc_2217_work_alike(sim: SimLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()
        server.settimeout(30)
        serving = threading.Thread(target=_serve_rfc2217, args=(server, sim.link, over), daemon=True)
        serving.start()
        with Heard(f"rfc2217://127.0.0.1:{server.getsockname()[1]}").running() as heard:
            until(lambda: len(heard.line.present) == 2)
            sim.press(2)
            until(lambda: len(heard.presses) == 1)
            heard.line.show(2, Picture("A001"))
            until(lambda: sim.units[2].face.number == "A001")
        over.set()
        serving.join(30)


class _WithoutModem(serial.Serial):
    """A pty has no modem lines to ask for."""

    cts = dsr = ri = cd = property(lambda _: False)
    rts = dtr = property(lambda _: False, lambda *_: None)


def _serve_rfc2217(server: socket.socket, link: Path, over: threading.Event) -> None:
    client, _ = server.accept()
    with client, _WithoutModem(str(link), timeout=0.01) as port:
        client.settimeout(0.01)
        manager = PortManager(port, SimpleNamespace(write=client.sendall))  # type: ignore[arg-type]  # the stubs are too narrow
        while not over.is_set():
            with suppress(TimeoutError, OSError):
                port.write(b"".join(manager.filter(client.recv(4096))))
            with suppress(OSError):
                client.sendall(b"".join(manager.escape(port.read(port.in_waiting or 1))))


class Bridge:
    """A serial server: TCP on one side, the pty on the other, one client at a time."""

    def __init__(self, server: socket.socket, link: Path) -> None:
        self._server = server
        self._fd = os.open(link, os.O_RDWR | os.O_NOCTTY)
        self._client: socket.socket | None = None
        self._over = False
        for target in (self._to_units, self._from_units):
            threading.Thread(target=target, daemon=True).start()

    def cut(self) -> None:
        """The network breaks."""
        assert self._client is not None
        self._client.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._over = True
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _to_units(self) -> None:
        while not self._over:
            with suppress(OSError):
                self._client, _ = self._server.accept()
                with self._client, suppress(OSError):
                    while data := self._client.recv(4096):
                        os.write(self._fd, data)

    def _from_units(self) -> None:
        while not self._over:
            with suppress(OSError):
                data = os.read(self._fd, 4096)
                if self._client is not None:
                    self._client.sendall(data)
