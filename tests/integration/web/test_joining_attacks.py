"""Strangers on the LAN who stand between, guess, or pretend: none of them gets in, or lures a box away."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from branch_server.adapters.tls.authority import Authority
from branch_server.web.joining.limits import CLOSED_S, CODES_AT_ONCE, MOST_WRONG
from foleni.link.link import State
from tests.support.joining import Box, JoiningBranch, approve, asking, joined, linked, look
from tests.support.rogue import Rogue
from tests.support.waiting import until
from tests.support.web import Visitor

pytestmark = pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JoiningBranch]:
    with JoiningBranch(tmp_path_factory.mktemp("attacked")) as branch:
        yield branch


@pytest.fixture(scope="module")
def ada(branch: JoiningBranch) -> Visitor:
    return branch.person("ada")


def test_the_code_behind_a_stranger_in_the_middle_is_no_code_of_the_branch(
    branch: JoiningBranch, ada: Visitor, tmp_path: Path
) -> None:
    line = branch.box()
    line.welcome()
    with Rogue(tmp_path, line) as rogue:
        victim = Box(rogue.url, tmp_path).begin()
        assert (look(ada, victim.shows).status_code, look(ada, victim.shows).json()["error"]["code"]) == (404, "wrong_code")
        assert victim.ask().status_code == 202
        honest = branch.box().begin()
        assert look(ada, honest.shows).json()["request"] == honest.request
        honest.ca = victim.ca
        assert look(ada, honest.shows).status_code == 404, "with another authority the same box shows another code"


def test_who_shows_the_branchs_authority_without_its_key_is_not_believed(branch: JoiningBranch, tmp_path: Path) -> None:
    line = branch.box()
    line.welcome()
    with Rogue(tmp_path, line, ca=line.ca) as rogue, pytest.raises(requests.exceptions.SSLError):
        Box(rogue.url, tmp_path).begin()


def test_a_code_of_the_past_lets_nobody_in(branch: JoiningBranch, ada: Visitor) -> None:
    first = branch.box().begin()
    was_shown = first.shows
    assert ada.post(f"/api/v1/joining/{first.request}/refuse", {}).status_code == 200
    assert first.commit().status_code == 201
    assert first.reveal().status_code == 200
    assert first.shows != was_shown, "the branch's nonce is new"
    assert look(ada, was_shown).status_code == 404
    assert look(ada, first.shows).status_code == 200


def test_what_one_box_was_given_is_no_use_to_another(branch: JoiningBranch, ada: Visitor, tmp_path: Path) -> None:
    box, thief = branch.box(), branch.box()
    granted = joined(ada, box, "kiosk-stolen")
    thief.welcome()
    thief.request = box.request
    assert thief.ask().status_code == 404
    with linked(thief.mqtt(granted)) as link:
        until(lambda: link.state is State.WAITING)
    foreign = Authority.opened(tmp_path / "foreign", "main-street").sign_device(thief.csr.encode(), "kiosk-stolen").decode()
    with linked(thief.mqtt(granted, foreign)) as link:
        until(lambda: link.state is State.WAITING)


def test_codes_are_rationed_and_guessing_closes_joining(branch: JoiningBranch, ada: Visitor) -> None:
    """The last of this file: after it nobody joins here for minutes."""
    with asking(branch.box()) as box:
        stranger = branch.box()
        stranger.welcome()
        made = 0
        while stranger.commit().status_code == 201:
            stranger.reveal(csr=box.csr)  # does not fit: the request is over, and does not stand in the way of the next one
            made += 1
        assert made <= 2 * CODES_AT_ONCE, "one more each minute"
        wrong = "000000" if box.shows != "000000" else "111111"
        answers = [look(ada, wrong) for _ in range(MOST_WRONG)]
        assert [answer.status_code for answer in answers] == [404] * (MOST_WRONG - 1) + [429]
        assert int(answers[-1].headers["Retry-After"]) <= CLOSED_S
        assert (box.ask().status_code, box.ask().json()["error"]["code"]) == (410, "closed")
        assert approve(ada, box, "kiosk-late").status_code == 429
    late = branch.box()
    late.welcome()
    assert late.commit().status_code == 429
    assert ada.get("/api/v1/joining").json() == {"asking": [], "closed": True}
