"""What a machine finds out about its own addresses, and files that are there whole or not at all."""

import subprocess
import sys
from pathlib import Path

import pytest

from branch_server.adapters.tls import names
from foleni.files import write_whole

FIB_TRIE = """\
Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
        +-- 192.168.1.0/24 2 0 2
           |-- 192.168.1.0
              /24 link UNICAST
           |-- 192.168.1.20
              /32 host LOCAL
           |-- 192.168.1.21
              /32 host LOCAL
           |-- 192.168.1.255
              /32 link BROADCAST
"""
IF_INET6 = """\
00000000000000000000000000000001 01 80 10 80       lo
fe8000000000000000fc00fffe000001 04 40 20 80     eth0
fd00000000000000000000000000abcd 04 40 00 80     eth0
fd000000000000000000000000001111 04 40 00 01     eth0
fd000000000000000000000000002222 04 40 00 40     eth0
"""


def test_all_addresses_are_found_but_those_that_change_by_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fib_trie").write_text(FIB_TRIE)
    (tmp_path / "if_inet6").write_text(IF_INET6)
    monkeypatch.setattr(names, "_NET", tmp_path)
    found = {name for name in names.own_names() if name[0].isdigit() or ":" in name}
    assert found == {"127.0.0.1", "::1", "192.168.1.20", "192.168.1.21", "fd00::abcd"}


def test_without_a_network_there_is_still_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "_NET", tmp_path / "nothing")
    assert {"localhost", "127.0.0.1", "::1"} <= names.own_names()


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "key"
    write_whole(path, b"old")
    write_whole(path, b"new", 0o644)
    assert path.stat().st_mode & 0o777 == 0o644
    (tmp_path / ".key.partial").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_whole(path, b"newer")
    assert path.read_bytes() == b"new"


def test_a_power_cut_while_writing_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "key"
    write_whole(path, b"0")
    code = (
        "import sys; from pathlib import Path; from foleni.files import write_whole\n"
        "for size in range(1, 10**9): write_whole(Path(sys.argv[1]), b'x' * size); print(size, flush=True)"
    )
    writing = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
    assert writing.stdout is not None
    said = [int(writing.stdout.readline()) for _ in range(20)]
    writing.kill()
    said += [int(line) for line in writing.communicate()[0].split()]
    assert len(path.read_bytes()) in {said[-1], said[-1] + 1}
    assert {found.name for found in tmp_path.iterdir()} <= {"key", ".key.partial"}
    write_whole(path, b"again")
    assert path.read_bytes() == b"again"
