"""What `make run` shows a newcomer: the consoles' address, somebody who can sign in, and days that lie behind."""

import re
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from foleni.demo.house import Folders
from foleni.demo.past import http_address, peopled
from tests.support.broker import free_port
from tests.support.demo import SMALL, Demo, demo_of


def _free() -> str:
    return f"127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def http() -> str:
    return _free()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, http: str) -> Iterator[Demo]:
    with demo_of(tmp_path_factory.mktemp("demo"), SMALL, "--past", "3", "--http", http, "--cloud", "none") as running:
        yield running


@pytest.mark.thorough
def test_the_guide_names_the_consoles_and_a_code_that_opens_them(demo: Demo, http: str) -> None:
    assert f"The consoles are at http://{http}/ and the board for any browser at http://{http}/display ." in demo.said
    told = dict(re.findall(r"sign in as (\S+) +with the one-time code (\d+),", demo.said))
    assert told.keys() == {"demo", "grace", "eric"}
    for page in ("/", "/display"):
        assert requests.get(f"http://{http}{page}", timeout=30).status_code == 200
    asked = {"staff": "demo", "pin": told["demo"]}
    entered = requests.post(f"http://{http}/api/v1/session", json=asked, headers={"Origin": f"http://{http}"}, timeout=30)
    assert entered.status_code == 200, entered.text


@pytest.mark.thorough
def test_the_days_before_are_there_and_marked(demo: Demo) -> None:
    assert "are demo data: their tickets and events are marked with the name demo." in demo.said
    with closing(sqlite3.connect(f"{(demo.data / 'branch.db').as_uri()}?mode=ro", uri=True)) as database:
        days, devices = database.execute("SELECT count(DISTINCT day), group_concat(DISTINCT device) FROM tickets").fetchone()
    assert days >= 1
    assert devices == "demo"


@pytest.mark.thorough
def test_a_new_start_goes_on_with_the_same_branch(tmp_path: Path) -> None:
    http = _free()
    with demo_of(tmp_path, SMALL, "--past", "0", "--http", http, "--cloud", "none") as first:
        told = re.findall(r"one-time code \d+", first.said)
    with demo_of(tmp_path, SMALL, "--http", http, "--cloud", "none") as second:
        assert re.findall(r"one-time code \d+", second.said) == told
        assert "demo data" not in second.said
    assert len(told) == 3


@pytest.mark.thorough
def test_a_taken_port_is_no_obstacle() -> None:
    with closing(socket.socket()) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 8080))
            taken.listen()
        except OSError:
            pass  # somebody else has it, which is as well
        host, _, port = http_address().partition(":")
    assert (host, int(port) > 0, port != "8080") == ("127.0.0.1", True, True)


@pytest.mark.thorough
@pytest.mark.parametrize("setup", ["staff = []\n[branch]\n", "[branch", "staff = 7\n", "\xff"])
def test_a_setup_that_cannot_be_added_to_stays_as_it_is(tmp_path: Path, setup: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(setup.encode("latin-1"))
    assert peopled(Folders(tmp_path), file) == file
