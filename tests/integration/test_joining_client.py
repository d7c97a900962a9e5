"""A box that joins believes nobody but the branch whose code it shows, loses nothing, and goes on whatever the server does."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from foleni.finding import Announcement
from foleni.joining import keys
from foleni.joining.joiner import Joiner, Told, Wishes
from foleni.joining.keeping import Concerns, Keeper
from foleni.joining.membership import Home, Membership
from foleni.joining.stages import Stage, Standing
from foleni.link.link import Link
from foleni.settings import HostPort
from tests.support.broker import free_port
from tests.support.join_server import Answer, JoinServer
from tests.support.joining_members import Authority, member
from tests.support.waiting import until

LOOPBACK = ["127.0.0.1"]


class Box:
    """A joiner, and everything that it has told."""

    def __init__(self, folder: Path, life: ExitStack) -> None:
        self.home = Home(folder / "data")
        self.seen: list[Standing] = []
        self.members: list[Membership] = []
        self.deaths: list[str] = []
        self.joiner: Joiner | None = None
        self._life = life

    def on(self, wishes: Wishes, *, is_cut_off: bool = False) -> Joiner:
        """It is switched on."""
        told = Told(self.seen.append, self.members.append, self.deaths.append, lambda: None)
        self.joiner = Joiner(self.home, wishes, told, is_cut_off=is_cut_off)
        self._life.callback(self.joiner.stop)
        self.joiner.start()
        return self.joiner

    def off(self) -> None:
        assert self.joiner is not None
        self.joiner.stop()

    def is_at(self, stage: Stage) -> Standing:
        until(lambda: self.standing.stage is stage, 60)
        return self.standing

    @property
    def standing(self) -> Standing:
        assert self.joiner is not None
        return self.joiner.standing


@pytest.fixture
def life() -> Iterator[ExitStack]:
    with ExitStack() as life:
        yield life


@pytest.fixture
def box(tmp_path: Path, life: ExitStack) -> Box:
    return Box(tmp_path, life)


@pytest.fixture
def server(tmp_path: Path, life: ExitStack) -> JoinServer:
    return life.enter_context(JoinServer(tmp_path))


def at(server: JoinServer) -> Wishes:
    return Wishes("kiosk", server=HostPort("127.0.0.1", server.port), belongings=("tickets.db",))


def test_a_box_shows_the_code_that_the_branch_expects_and_keeps_what_it_is_given(box: Box, server: JoinServer) -> None:
    box.on(at(server))
    assert box.is_at(Stage.SHOWING).code == server.codes[0]
    assert (server.boxes[0]["kind"], bool(server.boxes[0]["box"])) == ("kiosk", True)
    server.is_approved = True
    box.is_at(Stage.JOINED)
    until(lambda: box.members)
    kept = box.home.member()
    assert kept == box.members[0]
    assert kept is not None
    assert (kept.branch, kept.device, kept.account, kept.settings) == ("main", "kiosk-7", "kiosk-7", {"region": "FR"})
    assert box.home.request() is None


def test_a_switched_off_box_goes_on_with_its_code_and_one_that_was_sent_elsewhere_does_not(
    box: Box, server: JoinServer, tmp_path: Path, life: ExitStack
) -> None:
    box.on(at(server))
    code = box.is_at(Stage.SHOWING).code
    box.off()
    box.on(at(server))
    assert box.is_at(Stage.SHOWING).code == code
    assert server.times("requests") == 1
    box.off()
    other = life.enter_context(JoinServer(tmp_path, "market"))
    box.on(at(other))
    assert box.is_at(Stage.SHOWING).code == other.codes[0]


def test_a_server_with_two_authorities_or_with_another_s_certificate_gets_nothing(
    box: Box, server: JoinServer, tmp_path: Path
) -> None:
    server.ca = server.authority.pem + Authority().pem
    box.on(at(server))
    box.is_at(Stage.AWAY)
    server.ca = Authority().pem
    seen = len(box.seen)
    until(lambda: any(each.stage is Stage.AWAY for each in box.seen[seen:]), 60)
    assert (server.times("requests"), box.home.request()) == (0, None)
    server.ca = server.authority.pem
    box.is_at(Stage.SHOWING)


def test_a_server_whose_certificate_is_over_is_believed_for_a_box_may_have_no_clock(
    box: Box, tmp_path: Path, life: ExitStack
) -> None:
    box.on(at(life.enter_context(JoinServer(tmp_path, days=-1000))))
    box.is_at(Stage.SHOWING)


GRANTS = {
    "another branch": {"branch": "market"},
    "another kind": {"kind": "display"},
    "another authority": {"ca": Authority().pem},
    "another name": {"server_name": "evil.foleni.internal"},
    "another key": {"certificate": Authority().sign(keys.signing_request(keys.new_key()))},
}


@pytest.mark.parametrize("granted", GRANTS)
def test_a_grant_that_is_not_for_this_box_and_this_branch_is_not_kept(granted: str, box: Box, server: JoinServer) -> None:
    server.granted, server.is_approved = GRANTS[granted], True
    box.on(at(server))
    until(lambda: any(each.stage is Stage.LOOKING and each.tries for each in box.seen), 60)
    assert (box.home.member(), box.members, box.deaths) == (None, [], [])


WRONG: dict[str, Answer] = {
    "fault": (500, b""),
    "garbage": (200, b"\xff{"),
    "another form": (200, b"[]"),
    "without end": (200, b"x" * 300_000),
    "elsewhere": (301, b""),
    "nobody joins here": (404, {"error": 1}),
    "refused": (422, {"error": {}}),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_whatever_a_server_says_a_box_goes_on_and_joins_when_it_is_well_again(wrong: str, box: Box, server: JoinServer) -> None:
    server.wrong = {"branch": WRONG[wrong]}
    box.on(at(server))
    box.is_at(Stage.AWAY)
    server.wrong = {}
    box.is_at(Stage.SHOWING)
    server.wrong = {"answer": (500, b"")}
    until(lambda: box.standing.is_silent, 60)
    assert box.standing.code == server.codes[-1], "a code stays good while its server is away"
    server.wrong, server.is_approved = {}, True
    box.is_at(Stage.JOINED)
    assert box.deaths == []


def test_a_full_server_is_left_alone_for_a_while(box: Box, server: JoinServer) -> None:
    server.wrong = {"requests": (429, {"error": {"code": "too_many", "message": "Too many."}})}
    box.on(at(server))
    box.is_at(Stage.FULL)
    server.wrong = {}
    box.is_at(Stage.SHOWING)


def test_after_a_code_that_was_ended_early_a_new_one_waits_until_a_person_touches_the_box(box: Box, server: JoinServer) -> None:
    joiner = box.on(at(server))
    first = box.is_at(Stage.SHOWING).code
    server.wrong = {"answer": (410, {"error": {"code": "refused", "message": "Somebody has turned this box away."}})}
    until(lambda: box.standing.tries, 60)
    assert (box.standing.stage, box.standing.reason) == (Stage.LOOKING, "Somebody has turned this box away.")
    server.wrong = {}
    assert server.times("requests") == 1
    joiner.hurry()
    assert box.is_at(Stage.SHOWING).code == server.codes[1] != first


def test_what_is_of_another_branch_is_kept_aside_when_a_box_joins(box: Box, server: JoinServer) -> None:
    box.home.keep(member(Authority(), "kiosk-7").model_copy(update={"cut_off": True}))
    (box.home.folder / "tickets.db").write_text("tickets of the branch before")
    server.is_approved = True
    joiner = box.on(at(server), is_cut_off=True)
    box.is_at(Stage.CUT_OFF)
    assert server.asked == []
    joiner.ask_again()
    box.is_at(Stage.JOINED)
    assert not (box.home.folder / "tickets.db").exists()
    assert (box.home.folder / "kept" / "main-kiosk-7-1" / "tickets.db").read_text() == "tickets of the branch before"


def test_a_disk_that_takes_nothing_is_said_and_a_disk_that_is_well_again_goes_on(
    tmp_path: Path, life: ExitStack, server: JoinServer
) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    box = Box(tmp_path, life)
    box.on(at(server))
    box.is_at(Stage.BROKEN)
    assert server.times("reveal") == 0, "what cannot be kept is not asked for"
    (tmp_path / "data").unlink()
    box.is_at(Stage.SHOWING)


def test_of_several_announced_branches_one_is_chosen_and_a_false_announcement_is_passed_over(
    box: Box, server: JoinServer, tmp_path: Path, life: ExitStack
) -> None:
    market = life.enter_context(JoinServer(tmp_path, f"market-{secrets.token_hex(4)}"))
    server.branch = market.branch  # announces itself in another's name, and cannot show that name's certificate
    false = Announcement(market.branch, "Market", server.port, "f" * 64, addresses=lambda: LOOPBACK)
    true = Announcement(market.branch, "Market", market.port, keys.fingerprint(market.ca), addresses=lambda: LOOPBACK)
    for announced in (false, true):
        announced.start()
        life.callback(announced.stop)
    box.on(Wishes("kiosk", market.branch, addresses=lambda: LOOPBACK))
    standing = box.is_at(Stage.SHOWING)
    assert standing.place is not None
    assert (standing.place.at.port, standing.code) == (market.port, market.codes[0])
    box.off()
    box.home.drop_request()
    joiner = box.on(Wishes("kiosk", addresses=lambda: LOOPBACK))
    box.is_at(Stage.CHOOSING)
    until(lambda: {place.ca for place in box.standing.branches} >= {"f" * 64, keys.fingerprint(market.ca)}, 60)
    joiner.choose(keys.fingerprint(market.ca))
    assert box.is_at(Stage.SHOWING).code == market.codes[-1]


@pytest.mark.timeout(180)
def test_a_device_whose_server_has_moved_finds_it_by_its_authority_and_nobody_else(
    tmp_path: Path, life: ExitStack, server: JoinServer
) -> None:
    stranger = life.enter_context(JoinServer(tmp_path))
    home, gone = Home(tmp_path / "data"), HostPort("127.0.0.1", free_port())
    home.keep(member(server.authority, server=gone))
    kept = home.member()
    assert kept is not None
    link = Link(kept.mqtt(home.folder), kept.device)
    life.callback(link.stop)
    cut_off: list[str] = []
    keeper = Keeper(
        home, kept, link, Concerns(link.move, cut_off.append, cut_off.append, lambda: None), addresses=lambda: LOOPBACK
    )
    for port, authority in ((stranger.port, stranger.authority), (server.port, server.authority)):
        announced = Announcement("main", "Main", port, keys.fingerprint(authority.pem), addresses=lambda: LOOPBACK)
        announced.start()
        life.callback(announced.stop)
    keeper.start()
    life.callback(keeper.stop)
    until(lambda: link.url.port == 8884, 120)
    assert keeper.member.server == HostPort("127.0.0.1", server.port)
    assert home.member() == keeper.member
    assert keeper.member.certificate != kept.certificate
    assert (stranger.asked, cut_off) == ([], [])


def test_a_certificate_near_its_end_is_renewed_and_a_device_that_is_cut_off_learns_it(
    tmp_path: Path, life: ExitStack, server: JoinServer
) -> None:
    home = Home(tmp_path / "data")
    key = keys.new_key()
    old = server.authority.sign(keys.signing_request(key), days=-10)
    here = HostPort("127.0.0.1", server.port)
    home.keep(member(server.authority, server=here, key=key, certificate=old))
    kept = home.member()
    assert kept is not None
    ends: list[str] = []
    link = Link(kept.mqtt(home.folder), kept.device)
    life.callback(link.stop)
    told = Concerns(link.move, ends.append, ends.append, lambda: None)
    keeper = Keeper(home, kept, link, told, addresses=lambda: LOOPBACK)
    keeper.start()
    life.callback(keeper.stop)
    pem = home.folder / "device.pem"
    until(lambda: pem.read_text() == keeper.member.certificate != old, 60)
    keeper.stop()
    server.wrong = {"renew": (403, {"error": {"code": "not_allowed", "message": "Gone."}})}
    home.keep(member(server.authority, server=here, key=key, certificate=old))
    again = home.member()
    assert again is not None
    late = Keeper(home, again, link, told, addresses=lambda: LOOPBACK)
    late.start()
    life.callback(late.stop)
    until(lambda: ends, 60)
    assert ends == ["no longer part of branch main"]
    found = home.member()
    assert found is not None
    assert found.cut_off
