"""Renews the server's certificate by itself, long before its end, while the branch runs."""

import logging
import threading
from collections.abc import Callable, Collection, Sequence

from branch_server.adapters.tls.authority import Authority, TlsError

_log = logging.getLogger(__name__)

LOOK_S = 60.0
_LOOKS_AN_HOUR = 60
_TURN_S = 1.0


class CertificateKeeper:
    """A part: looks every minute whether the certificate has to be made anew, for its time or for a new address.

    `tellings` give the certificate to whoever shows it, at each look, so that one that could not be told is told later; each is
    False where it has to be tried again. `hourly` is what else has to be looked at from time to time.
    """

    def __init__(
        self,
        authority: Authority,
        names: Callable[[], Collection[str]],
        tellings: Sequence[Callable[[], bool]],
        hourly: Sequence[Callable[[], object]] = (),
        look_s: float = LOOK_S,
    ) -> None:
        self._authority = authority
        self._names = names
        self._tellings = tellings
        self._hourly = hourly
        self._look_s = look_s
        self._beat: Callable[[], object] = lambda: None
        self._failing = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="certificates", daemon=True)

    def watched(self, beat: Callable[[], object]) -> None:
        """Whom to tell that the loop lives. Before `start`."""
        self._beat = beat

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(_TURN_S)

    def look(self) -> None:
        """One look, now."""
        try:
            if self._authority.keep_server_certificate(self._names()):
                _log.info("the server has a new certificate")
            told = [tell() for tell in self._tellings]
            self._failing = False
            if not all(told):
                _log.debug("the new certificate is not shown everywhere yet")
        except (TlsError, OSError) as error:
            _log.log(logging.DEBUG if self._failing else logging.WARNING, "certificates could not be kept: %s", error)
            self._failing = True

    def _run(self) -> None:
        looks = 0
        while not self._stopping.is_set():
            self._look_once(looks)
            looks += 1
            self._rest()

    def _look_once(self, looks: int) -> None:
        try:
            self.look()
            if looks % _LOOKS_AN_HOUR == 0:
                for each in self._hourly:
                    each()
        except Exception:  # noqa: BLE001 - the top of a loop
            _log.exception("the look at the certificates failed")

    def _rest(self) -> None:
        left_s = self._look_s
        while left_s > 0 and not self._stopping.wait(min(_TURN_S, left_s)):
            self._beat()
            left_s -= _TURN_S
