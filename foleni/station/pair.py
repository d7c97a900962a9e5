"""A device at a branch with two servers: what it remembers of them, and where it goes."""

import logging
import time
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from foleni.files import write_whole
from foleni.messages.base import Message
from foleni.messages.state import ServerStatus, Witness
from foleni.settings import HostPort, MqttUrl
from foleni.station.loyalty import Loyalty

_log = logging.getLogger(__name__)


class Known(Message):
    """`home` is the broker whose server served last; `other` the one beside it; `given` is the one that the device was told of
    when it was started: one that was told of another has nothing to do with these. The terms of one `branch` say nothing of
    another's."""

    branch: str = ""
    given: str = ""
    term: int = 0
    home: str = ""
    other: str = ""


class TwoServers:
    """The device's loyalty, and the file that outlives the device. On the link's thread; a branch with one server notices
    nothing of it.
    """

    def __init__(self, url: MqttUrl, memory: Path | None, branch: str = "") -> None:
        self._url = url
        self._memory = memory
        self._branch = branch
        known = _read(memory)
        self._known = known if known.branch in {"", branch} else Known()
        self._given = str(HostPort(url.host, url.port))
        known = self._known if self._known.given == self._given else Known(term=self._known.term)
        self._loyalty = Loyalty(known.home or self._given, _now_s(), other=known.other, term=known.term)
        self._moved: MqttUrl | None = None
        self.is_refused = False
        """Whether the server here is not the one that serves this branch: it is not listened to."""

    @property
    def url(self) -> MqttUrl:
        """Where the device belongs now."""
        if (moved := self._moved) is not None:
            self._moved = None
            self._settle_at(moved)
        where = HostPort.parse(self._loyalty.target(_now_s()))
        return replace(self._url, host=where.host, port=where.port)

    def moved(self, url: MqttUrl) -> None:
        """The server is at another address from now on. For any thread."""
        self._moved = url

    def _settle_at(self, url: MqttUrl) -> None:
        self._url, self._given = url, str(HostPort(url.host, url.port))
        other = self._loyalty.other if self._loyalty.other != self._given else ""
        self._loyalty = Loyalty(self._given, _now_s(), other=other, term=self._loyalty.term)

    def connected(self) -> None:
        self._loyalty.connected()

    def lost(self) -> None:
        self._loyalty.lost(_now_s())

    def hears(self, status: ServerStatus) -> bool:
        """Whether the server that says this serves this device."""
        serves = self._loyalty.hears(status, _now_s())
        self.is_refused = status.term < self._loyalty.term or status.role != "primary"
        if serves:
            loyalty = self._loyalty
            self._remember(
                Known(branch=self._branch, given=self._given, term=loyalty.term, home=loyalty.home, other=loyalty.other)
            )
        return serves

    def heard_of(self, seq: int) -> None:
        """An event of that number has happened."""
        self._loyalty.seq = max(self._loyalty.seq, seq)

    def witness(self, probe: int) -> Witness:
        return self._loyalty.witness(probe, _now_s())

    def _remember(self, known: Known) -> None:
        if known == self._known or not known.other:
            return
        self._known = known
        if self._memory is not None:
            try:
                write_whole(self._memory, known.to_wire())
            except OSError as error:
                _log.warning("%s cannot be written: %s", self._memory, error.strerror)


def _read(memory: Path | None) -> Known:
    if memory is None:
        return Known()
    try:
        return Known.model_validate_json(memory.read_bytes())
    except FileNotFoundError:
        return Known()
    except (OSError, ValidationError) as error:
        _log.warning("%s cannot be read, so it is not known which server was heard last: %s", memory, error)
        return Known()


def _now_s() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)
