"""A certificate that is renewed while a server runs: new connections see the new one, those that are open stay."""

import logging
import ssl
from dataclasses import dataclass
from functools import partial
from pathlib import Path

logger = logging.getLogger(__name__)

_Mark = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate chain and its key in PEM; `name` is the server name of those who are shown it, None for all."""

    cert: Path
    key: Path
    name: str | None = None


class Certificates:
    """What a server shows: a pair for everybody, and another one to those who ask for its name."""

    def __init__(self, context: ssl.SSLContext, pair: Pair, named: Pair | None = None) -> None:
        """`context` shows `pair` already. Raises `OSError` where `named` cannot be used."""
        self._live = [LiveCertificate(context, pair)]
        if named is not None and named.name is not None:
            other = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            other.load_cert_chain(named.cert, named.key)
            self._live.append(LiveCertificate(other, named))
            context.sni_callback = partial(_by_name, named.name, other)

    def refresh(self) -> None:
        """Shows what the files hold now. Cheap where they have not changed."""
        for live in self._live:
            live.refresh()


class LiveCertificate:
    """Watches the files of a pair."""

    def __init__(self, context: ssl.SSLContext, pair: Pair) -> None:
        self._context = context
        self._cert = pair.cert
        self._key = pair.key
        self._shown = self._mark()

    def refresh(self) -> None:
        """Has the context show what the files hold where they have changed. A pair that cannot be used is left out, with a line
        in the log, until it changes again.
        """
        context = self._context
        mark = self._mark()
        if mark == self._shown or mark is None:
            return
        self._shown = mark
        try:
            # A context that takes half of a pair is of no use: the pair is tried on another one first.
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self._cert, self._key)
            context.load_cert_chain(self._cert, self._key)
        except OSError as error:
            logger.warning("%s has changed and cannot be used: %s", self._cert, error)
        else:
            logger.info("%s has changed: browsers see the new certificate from now on", self._cert)

    def _mark(self) -> _Mark | None:
        try:
            return tuple((seen.st_ino, seen.st_mtime_ns) for seen in (self._cert.stat(), self._key.stat()))
        except OSError:
            return None


def _by_name(name: str, context: ssl.SSLContext, secured: ssl.SSLSocket | ssl.SSLObject, asked: str | None, _: object) -> None:
    if asked is not None and asked.lower() == name:
        secured.context = context
