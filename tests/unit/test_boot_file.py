"""`foleni.txt`, written by an installer with any editor on any PC."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foleni.appliance.bootfile import MOST_BYTES, read

EXAMPLE = Path(__file__).parents[2] / "images/foleni.txt"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0o installer@desk"


def _values(text: str) -> dict[str, str]:
    found = read(text.encode())
    assert found.faults == ()
    return found.values


def _faults(text: str) -> list[str]:
    return [str(fault) for fault in read(text.encode()).faults]


def test_the_file_that_comes_with_the_image_says_nothing() -> None:
    assert _values(EXAMPLE.read_text("utf-8")) == {}


def test_every_line_of_the_example_can_be_used() -> None:
    lines = [line.removeprefix("# ") for line in EXAMPLE.read_text("utf-8").splitlines() if " = " in line]
    assert len(lines) >= 15
    for line in lines:
        together = f"network = 192.168.1.20/24\n{line}" if "gateway" in line else line
        assert _values(together), line


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("branch = main-street", "branch", "main-street"),
        ('branch="main-street"', "branch", "main-street"),
        ("  Branch : main-street  # ours", "branch", "main-street"),
        ("SSH key = " + KEY, "ssh_key", KEY),
        ("timezone = africa/kigali", "timezone", "Africa/Kigali"),
        ("network = DHCP", "network", "dhcp"),
        ("network = 192.168.1.20/24", "network", "192.168.1.20/24"),
        ("dns = 192.168.1.1, 9.9.9.9", "dns", "192.168.1.1 9.9.9.9"),
        ("server = 192.168.1.10", "server", "192.168.1.10:8443"),
        ("server = https://queue.example.org:9443/", "server", "queue.example.org:9443"),
        ("server = [fd00::1]", "server", "[fd00::1]:8443"),
        ("rotation = 270", "rotation", "270"),
        ("language = FR", "language", "fr"),
        ("printer = usb://04b8:0e15", "printer", "usb://04b8:0e15"),
    ],
)
def test_a_line_as_people_write_it(line: str, key: str, value: str) -> None:
    assert _values(line) == {key: value}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_editor_will_do(encoding: str, end: str) -> None:
    text = end.join(("# Réglages", "branch = accra-1", "", "rotation = 90", ""))
    assert read(text.encode(encoding)).values == {"branch": "accra-1", "rotation": "90"}
    assert read(text.encode(encoding)).faults == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("branch", "line 1: “branch” is not of the form: name = value"),
        ("colour = blue", "line 1: colour: is not known; known are branch, language"),
        ("branch = Main Street", "line 1: branch: must be 1 to 32 of a-z, 0-9 and -"),
        ("rotation = 45", "line 1: rotation: must be one of 0, 90, 180, 270"),
        ("timezone = Kigali", "line 1: timezone: must be a time zone such as Africa/Kigali"),
        ("network = 192.168.1.20", "line 1: network: must be dhcp, or an address with its network"),
        ("network = 127.0.0.1/8", "line 1: network: must be dhcp, or an address with its network"),
        ("gateway = router", "line 1: gateway: must be an address"),
        ("server = 192.168.1.10:99999", "line 1: server: must be the branch server's address"),
        ("printer = the one at the door", "line 1: printer: must be like tcp://"),
        ("ssh_key = hunter2", "line 1: ssh_key: must be one public key"),
        ("ssh_key = ssh-ed25519 AAAA\x00", "line 1: ssh_key: must be one public key"),
        ("gateway = 192.168.1.1", "gateway: needs a fixed address"),
    ],
)
def test_a_wrong_line_is_named(line: str, said: str) -> None:
    (fault,) = _faults(line)
    assert said in fault


def test_all_faults_are_told_at_once_and_right_lines_count() -> None:
    text = "branch = main-street\r\nrotation = upside down\r\n\r\nwlan = yes\r\nlanguage = rw\r\nbranch = other\r\n"
    found = read(text.encode())
    assert found.values == {"branch": "main-street", "language": "rw"}
    assert [fault.line for fault in found.faults] == [2, 4, 6]


def test_a_router_that_the_address_cannot_reach_is_left_out() -> None:
    found = read(b"network = 192.168.1.20/24\ngateway = 10.0.0.1\n")
    assert found.values == {"network": "192.168.1.20/24"}
    assert "cannot be reached" in str(found.faults[0])


def test_a_huge_file_is_refused_in_one_sentence() -> None:
    found = read(b"#" * (MOST_BYTES + 1))
    assert [str(fault) for fault in found.faults] == ["foleni.txt: is larger than 64 KiB"]


@given(st.binary(max_size=400))
def test_garbage_is_told_in_short_plain_lines(raw: bytes) -> None:
    for fault in read(raw).faults:
        assert "\n" not in str(fault)
        assert str(fault).isprintable()
        assert len(str(fault)) < 300
