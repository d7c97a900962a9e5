"""Branch servers are found on the LAN by what they announce; here the LAN is the loopback interface."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from zeroconf import IPVersion, ServiceInfo, Zeroconf

from foleni.finding import SERVICE, Announcement, Finder, Found, find
from tests.support.waiting import until

CA, OTHER_CA = "ab" * 32, "cd" * 32
WITHIN_S = 60.0


@dataclass
class Lan:
    """Announcements that begin all at once, because each takes a second or two, and somebody who listens."""

    finder: Finder
    changing: Announcement
    ending: Announcement
    addresses: list[str]
    """Those of a server whose cable is not plugged in yet."""

    def heard(self, branch: str) -> list[Found]:
        """What is known of one branch: other tests may announce theirs at the same time."""
        return [found for found in self.finder.found if found.branch == branch]


def here() -> list[str]:
    return ["127.0.0.1"]


@pytest.fixture(scope="module")
def lan() -> Iterator[Lan]:
    late: list[str] = []
    ending = Announcement("found-1", "Rue du Marché 7", 8443, CA, addresses=here)
    changing = Announcement("found-2", "Main Street", 8443, CA, addresses=here)
    others = [
        Announcement("found-3", "Main Street", 8443, CA, addresses=here),
        Announcement("found-3", "Main Street", 9443, OTHER_CA, addresses=here),
        Announcement("found-5", "ش" * 200, 8443, CA, addresses=here),
        Announcement("found-6", "Late", 8443, CA, addresses=lambda: late),
    ]
    noise = Zeroconf(interfaces=here(), ip_version=IPVersion.V4Only)
    noise.register_service(
        ServiceInfo(SERVICE, f"noise.{SERVICE}", port=1, parsed_addresses=here(), properties={"v": b"\x00" * 200})
    )
    finder = Finder(addresses=here)
    parts = [finder, ending, changing, *others]
    for part in parts:
        part.start()
    yield Lan(finder, changing, ending, late)
    for part in parts:
        part.stop()
    noise.close()


def test_a_branch_is_found_with_all_that_it_says_and_forgotten_when_it_ends(lan: Lan) -> None:
    until(lambda: lan.heard("found-1"), WITHIN_S)
    assert lan.heard("found-1") == [Found("found-1", "primary", "127.0.0.1", 8443, CA, "Rue du Marché 7")]
    lan.ending.stop()
    until(lambda: not lan.heard("found-1"), WITHIN_S)


def test_who_announces_a_branch_with_another_authority_does_not_hide_the_right_one(lan: Lan) -> None:
    until(lambda: {one.ca for one in lan.heard("found-3")} == {CA, OTHER_CA}, WITHIN_S)
    assert {one.port for one in lan.heard("found-3") if one.ca == CA} == {8443}


def test_a_long_name_is_cut_where_a_letter_ends(lan: Lan) -> None:
    until(lambda: lan.heard("found-5"), WITHIN_S)
    assert lan.heard("found-5")[0].name == "ش" * 64


def test_another_name_or_role_is_heard_of(lan: Lan) -> None:
    until(lambda: lan.heard("found-2"), WITHIN_S)
    lan.changing.says("Market", "standby")
    until(lambda: [(one.name, one.role) for one in lan.heard("found-2")] == [("Market", "standby")], WITHIN_S)


def test_it_speaks_as_soon_as_there_is_a_network(lan: Lan) -> None:
    assert not lan.heard("found-6")
    lan.addresses.append("127.0.0.1")
    until(lambda: lan.heard("found-6"), WITHIN_S)


def test_who_looks_once_gets_all_that_was_heard(lan: Lan) -> None:
    until(lambda: any(found.branch == "found-3" for found in find(None, 2.0, addresses=here)), WITHIN_S)


@pytest.mark.parametrize(
    "said",
    [
        {"v": "1", "branch": "found-4", "ca": "no fingerprint"},
        {"v": "1", "branch": "Found 4", "ca": CA},
        {"v": "2", "branch": "found-4", "ca": CA},
        {"v": "1", "branch": "found-4", "ca": CA, "role": "king"},
        {"v": "1", "ca": CA},
        {"branch": b"\xff\xfe", "v": "1", "ca": CA},
    ],
)
def test_what_is_no_announcement_of_ours_is_passed_over(said: dict[str, str | bytes]) -> None:
    info = ServiceInfo(SERVICE, f"odd.{SERVICE}", port=8443, parsed_addresses=["127.0.0.1"], properties=dict(said))
    assert Found.of(info) is None
