"""The load of a branch with two servers: its devices go where the server is that serves."""

import socket
from contextlib import suppress
from typing import cast

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.support.chaos import Party
from tests.support.chaos_load import Load
from tests.support.pair import Server

_SESSION_S = 3600


class PairLoad(Load):
    """What was asked of one server and not answered is asked of the other, under the same ids."""

    def move_to(self, server: Server) -> None:
        """All devices go to this server's broker."""
        for party in self._parties:
            _move(party, server.kept_port)


def _move(party: Party, port: int) -> None:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = _SESSION_S
    party._paho.connect_async("127.0.0.1", port, clean_start=False, properties=properties)
    with suppress(OSError, AttributeError):
        cast("socket.socket", party._paho.socket()).shutdown(socket.SHUT_RDWR)
