"""Where a server of a pair can be called by the other one."""

import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from branch_server.engine.journal import EngineError
from branch_server.standby.identity import Identity, is_one_of
from branch_server.standby.wire import PairError, Wire
from foleni.logs import Seldom
from foleni.settings import HostPort

_log = logging.getLogger(__name__)

_GREET_S = 10.0
_TURN_S = 0.5
_REST_S = 0.1
_MOST = 8

Standbys = Mapping[str, str | None]


class Listener:
    """Hands each caller that is one of ours to `talk`, on a thread of its own; `talk` tells whether it keeps the wire."""

    def __init__(
        self, where: HostPort, identity: Identity, standbys: Callable[[], Standbys], talk: Callable[[Wire], bool]
    ) -> None:
        """`standbys` as `is_one_of` takes them. Raises `PairError` where nobody can listen there."""
        self._identity = identity
        self._standbys = standbys
        self._talk = talk
        self._seldom = Seldom(_log)
        self._places = threading.Semaphore(_MOST)
        self._stopping = False
        try:
            family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
            self._sock = socket.create_server((where.host, where.port), family=family)
        except OSError as error:
            raise PairError(f"--pair {where} cannot be used: {error.strerror}") from error
        self._sock.settimeout(_TURN_S)
        self.port: int = self._sock.getsockname()[1]
        self._thread = threading.Thread(target=self._run, name="pair listener", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        if self._thread.is_alive():
            self._thread.join(2 * _TURN_S)
        self._sock.close()

    def _run(self) -> None:
        while not self._stopping:
            with suppress(TimeoutError):
                try:
                    sock, address = self._sock.accept()
                except TimeoutError:
                    raise
                except OSError as error:
                    self._seldom.warning("accept", "nobody can call: %s", error)
                    time.sleep(_REST_S)
                    continue
                if not self._places.acquire(blocking=False):
                    sock.close()
                    continue
                threading.Thread(target=self._greet, args=(sock, address[0]), name="pair caller", daemon=True).start()

    def _greet(self, sock: socket.socket, address: str) -> None:
        keeps = False
        wire: Wire | None = None
        try:
            sock.settimeout(_GREET_S)
            secured = self._identity.for_callers().wrap_socket(sock, server_side=True)
            wire = Wire(secured)
            shown = secured.getpeercert(binary_form=True)
            wire.is_welcome = lambda: is_one_of(shown, self._standbys())
            if not wire.is_welcome():
                raise PairError("its certificate is not a server's")
            keeps = self._talk(wire)
        except (OSError, EngineError) as error:
            self._seldom.warning(address, "a call from %s ended: %s", address, error)
        except Exception:  # noqa: BLE001 - the top of a thread
            _log.exception("a call from %s failed", address)
        finally:
            self._places.release()
            if not keeps:
                (wire or sock).close()
