"""A box that has joined asks for updates over TLS, of its own branch and of nobody else."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from foleni.joining.membership import Home, Membership
from foleni.messages.updates import Answer, Report
from foleni.settings import HostPort
from foleni.updating.asking import BranchServer, Place
from foleni.updating.errors import BranchAwayError, UpdateError
from foleni.updating.program import place_of
from tests.support.joining import JoiningBranch, joined
from tests.support.joining_members import Authority

pytestmark = pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
REPORT = Report(compatible="foleni-kiosk-amd64", version="0.1.0", slot="a")


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JoiningBranch]:
    with JoiningBranch(tmp_path_factory.mktemp("updates-tls")) as branch:
        yield branch


@pytest.fixture(scope="module")
def member(branch: JoiningBranch) -> Membership:
    """What a box keeps that was let in."""
    box = branch.box()
    granted = joined(branch.person("ada"), box, "door")
    key = box.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    told = {name: getattr(granted, name) for name in ("branch", "device", "kind", "account", "password", "ca", "certificate")}
    server = HostPort.parse(branch.url.removeprefix("https://"))
    return Membership(**told, key=key, server=server, mqtt_port=granted.mqtt_port, server_name=granted.server_name)


def place(folder: Path, member: Membership) -> Place:
    Home(folder / "kiosk").keep(member)
    found = place_of(folder)
    assert found is not None
    return found


def test_a_box_asks_with_what_it_got_when_it_joined(tmp_path: Path, member: Membership) -> None:
    assert BranchServer(place(tmp_path, member)).ask(REPORT) == Answer()


def test_a_server_of_another_authority_hears_nothing(tmp_path: Path, member: Membership) -> None:
    strange = replace(place(tmp_path, member), ca=Authority().pem)
    with pytest.raises(BranchAwayError, match="not who it says it is"):
        BranchServer(strange).ask(REPORT)


def test_a_server_of_another_name_hears_nothing(tmp_path: Path, member: Membership) -> None:
    strange = replace(place(tmp_path, member), name="other.foleni.internal")
    with pytest.raises(BranchAwayError, match="not who it says it is"):
        BranchServer(strange).ask(REPORT)


def test_the_servers_own_box_asks_over_loopback(tmp_path: Path, branch: JoiningBranch) -> None:
    (tmp_path / "branch").symlink_to(branch.data)
    found = place_of(tmp_path)
    assert found is not None
    assert BranchServer(found).ask(REPORT) == Answer()


def test_a_box_that_belongs_to_nobody_asks_nobody(tmp_path: Path, member: Membership) -> None:
    assert place_of(tmp_path) is None
    Home(tmp_path / "kiosk").keep(member.model_copy(update={"cut_off": True}))
    assert place_of(tmp_path) is None
    (tmp_path / "kiosk/membership.json").write_bytes(b"{")
    with pytest.raises(UpdateError, match="damaged"):
        place_of(tmp_path)
    (tmp_path / "branch/updates").mkdir(parents=True)
    (tmp_path / "branch/updates/own.json").write_text('{"at":"10.0.0.1:8443","tls":true,"account":"_server","password":"x"}')
    with pytest.raises(UpdateError, match="cannot be used"):
        place_of(tmp_path)
