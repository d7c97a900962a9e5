"""Keeps a device in its branch: renews its certificate, finds the server that has moved, notices that it was cut off."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from foleni.joining import keys
from foleni.joining.asking import AskError, CutOffError, Office
from foleni.joining.membership import Home, HomeError, Membership
from foleni.link.backoff import Backoff
from foleni.link.link import Link
from foleni.messages.joining import Renew
from foleni.settings import HostPort, MqttUrl

if TYPE_CHECKING:
    from foleni.finding import Addresses

logger = logging.getLogger(__name__)

_TURN_S = 1.0
_STOP_S = 0.5
_DOWN_S = 20.0
"""So long a link may be down before the server is looked for elsewhere."""
_FIND_S = 3.0
_RENEWAL_S = 3600.0
_REFUSED = "refused"
"""How the fault of a link begins that the broker did not let in."""


@dataclass(frozen=True, slots=True)
class Concerns:
    """What a keeper calls, on its own thread."""

    on_moved: Callable[[MqttUrl], object]
    """The broker is at another address now."""
    on_cut_off: Callable[[str], object]
    """The branch has said that this box is none of its devices; that is kept already."""
    on_dead: Callable[[str], object]
    beat: Callable[[], object]


class Keeper:
    """A part of a program that works as `member` over `link`."""

    def __init__(
        self, home: Home, member: Membership, link: Link, concerns: Concerns, *, addresses: "Addresses | None" = None
    ) -> None:
        self.member = member
        self._home = home
        self._link = link
        self._concerns = concerns
        self._addresses = addresses
        self._down_since_s: float | None = None
        self._renewal_at_s = 0.0
        self._next_look_s = 0.0
        self._rests = Backoff(5.0, 60.0, floor_s=2.0)
        self._has_asked = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="membership", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(_STOP_S)

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._concerns.beat()
                self._turn(time.monotonic())
                self._stopping.wait(_TURN_S)
        except CutOffError as error:
            self._cut_off(str(error))
        except Exception:
            logger.exception("the keeping of the membership died")
            self._concerns.on_dead("the keeping of the membership died")

    def _turn(self, now: float) -> None:
        """Raises `CutOffError`."""
        if self._link.is_up:
            self._down_since_s, self._has_asked = None, False
            self._rests.reset()
        elif self._down_since_s is None:
            self._down_since_s = self._next_look_s = now
        elif now >= self._next_look_s and (self._is_refused or now - self._down_since_s >= _DOWN_S):
            self._look()
            self._next_look_s = time.monotonic() + self._rests.next_s()
        if now >= self._renewal_at_s:
            self._renewal_at_s = now + _RENEWAL_S
            self._renew_if_due()

    @property
    def _is_refused(self) -> bool:
        return self._link.fault.startswith(_REFUSED)

    def _look(self) -> None:
        """Look where the server is, and ask it whether this box is still its device."""
        from foleni.finding import find, lan_addresses  # noqa: PLC0415 - 8 MiB that are seldom needed

        found = find(self.member.branch, _FIND_S, addresses=self._addresses or lan_addresses)
        authority = keys.fingerprint(self.member.ca)
        announced = [HostPort(each.host, each.port) for each in found if each.ca == authority and each.role == "primary"]
        for at in dict.fromkeys((*announced, self.member.server)):
            try:
                self._knock(at)
            except CutOffError:
                raise
            except AskError as error:
                logger.debug("membership: %s", error)
            else:
                return

    def _knock(self, at: HostPort) -> None:
        """Raises `AskError` where our branch's server is not there."""
        office = Office(at, self.member.ca, self.member.server_name)
        office.welcome()
        has_moved = at != self.member.server
        if has_moved:
            logger.warning("the branch server is at %s now, no longer at %s", at, self.member.server)
            self._changed(server=at)
        if has_moved or self._is_refused or not self._has_asked:
            self._renew(office)
            self._has_asked = True

    def _renew_if_due(self) -> None:
        try:
            if keys.is_due(self.member.certificate):
                self._renew(Office(self.member.server, self.member.ca, self.member.server_name))
        except CutOffError:
            raise
        except (AskError, keys.CertificateError) as error:
            logger.warning("the certificate of %s cannot be renewed now: %s", self.member.device, error)

    def _renew(self, office: Office) -> None:
        """Take a new certificate for the same key, so that the two files of the pair always fit. Raises `AskError`."""
        member = self.member
        answer = office.renew(Renew(device=member.device, password=member.password, csr=keys.signing_request(member.key)))
        try:
            keys.check_pair(answer.certificate, member.key, member.ca)
        except keys.CertificateError as error:
            raise AskError(f"{office.at} gives a certificate that cannot be used: {error}") from error
        self._changed(certificate=answer.certificate, mqtt_port=answer.mqtt_port or member.mqtt_port)

    def _changed(self, **what: object) -> None:
        """Work with what is new at once, and keep it: a disk that does not take it changes nothing for now."""
        before, self.member = self.member, self.member.model_copy(update=what)
        try:
            self._home.keep(self.member)
        except HomeError as error:
            logger.error("%s", error)
        if (before.server.host, before.mqtt_port) != (self.member.server.host, self.member.mqtt_port):
            self._concerns.on_moved(self.member.mqtt(self._home.folder))

    def _cut_off(self, why: str) -> None:
        logger.error("%s is no longer part of branch %s: %s", self.member.device, self.member.branch, why)
        self.member = self.member.model_copy(update={"cut_off": True})
        try:
            self._home.keep(self.member)
        except HomeError as error:
            logger.error("%s", error)
        self._concerns.on_cut_off(f"no longer part of branch {self.member.branch}")
