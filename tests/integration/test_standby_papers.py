"""How a standby comes to a server's certificate of its own."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from branch_server.adapters.tls.authority import Authority
from branch_server.adapters.tls.names import own_names
from branch_server.standby.identity import Identity
from branch_server.standby.messages import Hello, Mark
from branch_server.standby.papers import carried, joined_identity, server_request, signed_for, take_certificate


def test_a_certificate_is_asked_for_until_it_is_there(tmp_path: Path) -> None:
    authority = Authority.opened(tmp_path / "tls", "main")
    standby = _standby(authority, tmp_path / "standby")
    assert _signed(authority, standby, tmp_path / "standby")
    assert server_request(standby) == ""


def test_a_standby_whose_clock_is_years_ahead_does_not_ask_again_at_once(tmp_path: Path) -> None:
    authority = Authority.opened(tmp_path / "tls", "main")
    standby = _standby(authority, tmp_path / "standby")
    assert _signed(authority, standby, tmp_path / "standby")
    assert server_request(standby, _ahead) == ""
    before = time.time() - 7200
    os.utime(standby.serving.certificate, (before, before))
    assert server_request(standby, _ahead) != ""


def _ahead() -> datetime:
    return datetime.now(UTC) + timedelta(days=3 * 365)


def _standby(authority: Authority, data: Path) -> Identity:
    carried(authority, "standby-1", data)
    return joined_identity(data)


def _signed(authority: Authority, standby: Identity, data: Path) -> bool:
    hello = Hello(branch="main", term=0, role="standby", log=Mark(seq=0), csr=server_request(standby), names=tuple(own_names()))
    return take_certificate(data, standby, signed_for(authority, hello))
