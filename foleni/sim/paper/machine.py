"""The whole machine: a TCP port with one conversation at a time, and everything that can go wrong with it."""

import random
import select
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

from foleni.link.dial import Waiter
from foleni.sim.paper.archive import Archive
from foleni.sim.paper.engine import Engine

_STOP_S = 1.0
_TURN_S = 0.25
_BABBLE_S = 0.005
_READ_BYTES = 4096
_MOST_GARBAGE = 6


class PaperPrinter:
    """A receipt printer at `address` (port 0: a free one, see `port`) that keeps its paper in `folder`.

    It answers DLE EOT at once and GS r in turn, takes one connection at a time, and reads no more than its buffer
    holds. Faults may be switched on and off at any moment, from any thread.
    """

    def __init__(self, folder: Path, address: tuple[str, int] = ("127.0.0.1", 0), width: int = 576, seed: int = 1) -> None:
        self.archive = Archive(folder)
        self.engine = Engine(width, self.archive, self._say)
        self.received = 0
        """Bytes ever received."""
        self.connections = 0
        self._reserved = _bound(address)  # unplugged, its port must not become anybody else's
        self._address = (address[0], int(self._reserved.getsockname()[1]))
        self._chance = random.Random(seed)  # noqa: S311 - it only has to look like noise
        self._listener: socket.socket | None = None
        self._peer: socket.socket | None = None
        self._scan = b""
        self._is_hung = self._is_mute = self._is_garbling = self._is_babbling = self._is_unplugged = False
        self._armed: tuple[int, Callable[[], object]] | None = None
        self._lock = threading.RLock()
        self._waiter = Waiter()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="paper printer", daemon=True)
        self.plug()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        return self._address[1]

    @property
    def url(self) -> str:
        return f"tcp://{self._address[0]}:{self.port}"

    def start(self) -> None:
        self.engine.start()
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._waiter.wake()
        self._thread.join(_STOP_S)
        self.engine.stop()
        self._close_peer()
        self._close_listener()
        self._reserved.close()
        self._waiter.close()

    def paper_out(self, after_dots: int = 0) -> None:
        """The roll ends: at once, or when so many dots more were fed."""
        self.engine.change(paper_dots=after_dots)

    def paper_low(self) -> None:
        self.engine.change(is_low=True)

    def new_roll(self) -> None:
        self.engine.change(paper_dots=None, is_low=False)

    def cover(self, *, is_open: bool) -> None:
        self.engine.change(is_cover_open=is_open)

    def cutter(self, *, is_stuck: bool) -> None:
        self.engine.change(is_cutter_stuck=is_stuck)

    def hang(self) -> None:
        """Read nothing, answer nothing, print nothing; connections are still taken."""
        self._is_hung = True
        self.engine.stand_still(True)

    def mute(self) -> None:
        """Print, and answer nothing."""
        self._is_mute = True

    def garble(self) -> None:
        """Answer every question with garbage."""
        self._is_garbling = True

    def babble(self) -> None:
        """Talk without end, asked or not."""
        self._is_babbling = True
        self._waiter.wake()

    def slow(self, mm_per_s: float | None) -> None:
        """Print at this speed; None is as fast as can be."""
        self.engine.go_slowly(mm_per_s)

    def close(self) -> None:
        """Close the connection; another may come."""
        self._close_peer()

    def unplug(self) -> None:
        """Pull the power plug: the connection is gone, no other is taken, and what was in the buffer is lost."""
        self._is_unplugged = True
        self._close_listener()
        self._close_peer()
        self.engine.forget(all_of_it=True)

    def plug(self) -> None:
        """Put the plug back in."""
        with self._lock:
            self._is_unplugged = False
            if self._listener is None:
                self._listener = self._listen()
        self._waiter.wake()

    def be_well(self) -> None:
        """All faults end."""
        self._is_hung = self._is_mute = self._is_garbling = self._is_babbling = False
        self._armed = None
        self.engine.change(paper_dots=None, is_low=False, is_cover_open=False, is_cutter_stuck=False)
        self.engine.go_slowly(None)
        self.engine.stand_still(False)
        self.plug()

    def after(self, received_bytes: int, fault: Callable[[], object]) -> None:
        """Let `fault` happen when so many bytes more came in."""
        with self._lock:
            self._armed = (received_bytes, fault)

    def _listen(self) -> socket.socket:
        listener = _bound(self._address)
        listener.listen(5)
        return listener

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._turn()
            except (OSError, ValueError):  # closed by another thread in the meantime, or by the other side
                self._close_peer()

    def _turn(self) -> None:
        peer, listener = self._peer, self._listener
        if peer is None:
            if self._waiter.wait(listener, write=False, timeout_s=_TURN_S)[0] and listener is not None:
                self._accept(listener)
            return
        if self._is_babbling:
            self._say(bytes((0,)))
        if self._is_hung or self.engine.room <= 0:
            self._waiter.wait(None, write=False, timeout_s=_BABBLE_S)
            self._hear_hang_up(peer)
        elif self._waiter.wait(peer, write=False, timeout_s=_BABBLE_S if self._is_babbling else _TURN_S)[0]:
            self._receive(peer)

    def _accept(self, listener: socket.socket) -> None:
        try:
            peer, _ = listener.accept()
        except BlockingIOError:
            return
        peer.setblocking(False)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._peer, self._scan = peer, b""
            self.connections += 1

    def _receive(self, peer: socket.socket) -> None:
        try:
            data = peer.recv(min(_READ_BYTES, self.engine.room))
        except BlockingIOError:
            return
        if not data:
            self._close_peer()
            return
        self._take(peer, data)

    def _take(self, peer: socket.socket, data: bytes) -> None:
        with self._lock:
            left, fault = self._armed or (len(data) + 1, None)
            now, later = data[:left], data[left:]
            happens = fault is not None and len(data) >= left
            if fault is not None:
                self._armed = None if happens else (left - len(now), fault)
            self.received += len(now)
        self._answer_at_once(now)
        self.engine.feed(now)
        if happens and fault is not None:
            fault()
            if later and self._peer is peer:
                self._take(peer, later)

    def _answer_at_once(self, data: bytes) -> None:
        """DLE EOT n, wherever it stands: within a picture too, as in real printers."""
        seen = self._scan + data
        at = seen.find(b"\x10\x04")
        while 0 <= at < len(seen) - 2:
            answer = self.engine.inside.real_time(seen[at + 2])
            if answer is not None:
                self._say(bytes((answer,)))
            at = seen.find(b"\x10\x04", at + 2)
        self._scan = seen[-2:] if at >= 0 else seen[-1:]

    def _say(self, answer: bytes) -> None:
        """Answer whoever is connected."""
        with self._lock:
            if self._peer is None or self._is_hung or self._is_mute:
                return
            if self._is_garbling or self._is_babbling:
                answer = self._chance.randbytes(self._chance.randint(1, _MOST_GARBAGE))
            try:
                self._peer.send(answer)
            except BlockingIOError:
                return
            except OSError:
                self._close_peer()

    def _hear_hang_up(self, peer: socket.socket) -> None:
        poll = select.poll()
        poll.register(peer, select.POLLRDHUP)
        if poll.poll(_TURN_S * 100):
            self._close_peer()

    def _close_peer(self) -> None:
        with self._lock:
            peer, self._peer = self._peer, None
            if peer is not None:
                _close(peer)
        if peer is not None:
            self.engine.forget()

    def _close_listener(self) -> None:
        with self._lock:
            if self._listener is not None:
                _close(self._listener)
                self._listener = None


def _bound(address: tuple[str, int]) -> socket.socket:
    """A socket that holds `address`, and does not listen."""
    sock = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


def _close(sock: socket.socket) -> None:
    """Close now, even where another thread waits on the socket and so keeps it open."""
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    sock.close()
