"""Whatever a box hears in whatever order, it knows where it stands, and there is always a way on."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from foleni.joining.stages import (
    AskedFor,
    Broke,
    Chose,
    Full,
    Heard,
    Kept,
    Lost,
    Networked,
    News,
    Opened,
    Over,
    Place,
    Rested,
    Stage,
    Standing,
    Waited,
    after,
    begins,
)
from foleni.settings import HostPort

CAS = ("a" * 64, "b" * 64, "c" * 64)
PLACES = tuple(
    Place(HostPort("10.0.0.1", 8443 + at), branch, ca, branch)
    for at, (branch, ca) in enumerate([("main", CAS[0]), ("market", CAS[1]), ("main", CAS[2])])
)
TOLD = HostPort("10.0.0.9", 8443)
CODES = st.from_regex(r"[0-9]{6}", fullmatch=True)
NEWS: st.SearchStrategy[News] = st.one_of(
    st.builds(Networked, st.sampled_from([None, "10.0.0.2"])),
    st.builds(Heard, st.lists(st.sampled_from(PLACES), unique=True).map(tuple), st.booleans()),
    st.builds(Chose, st.sampled_from([*CAS, ""])),
    st.builds(Opened, CODES, st.sampled_from(PLACES)),
    st.builds(Lost, st.just("silent")),
    st.builds(Over, st.just("refused")),
    st.builds(Broke, st.just("full")),
    st.sampled_from([Waited(), Full(), Rested(), Kept(), AskedFor()]),
)
WAYS_ON: dict[Stage, News] = {
    Stage.LOOKING: Heard(PLACES[:1], True),
    Stage.CHOOSING: Chose(CAS[0]),
    Stage.ASKING: Opened("123456", PLACES[0]),
    Stage.SHOWING: Kept(),
    Stage.AWAY: Rested(),
    Stage.FULL: Rested(),
    Stage.BROKEN: Rested(),
    Stage.CUT_OFF: AskedFor(),
}
STARTS = st.builds(
    lambda wanted, told, cut_off: begins(wanted, told, is_cut_off=cut_off),
    st.sampled_from([None, "main"]), st.sampled_from([None, TOLD]), st.booleans(),
)  # fmt: skip


@given(STARTS, st.lists(NEWS, max_size=40))
def test_whatever_is_heard_what_is_shown_belongs_to_the_stage(start: Standing, heard: list[News]) -> None:
    standing = start
    for news in heard:
        before, standing = standing, after(standing, news)
        assert bool(standing.code) == (standing.stage is Stage.SHOWING)
        assert not standing.is_silent or standing.stage is Stage.SHOWING
        assert standing.place is None or standing.stage not in {Stage.LOOKING, Stage.CHOOSING, Stage.BROKEN, Stage.CUT_OFF}
        if standing.stage is Stage.JOINED and before.stage is not Stage.JOINED:
            assert before.stage is Stage.SHOWING, "nobody joins without a code that was shown"
            assert isinstance(news, Kept)
        if before.stage is Stage.CUT_OFF and standing.stage is not Stage.CUT_OFF:
            assert isinstance(news, AskedFor), "only a person brings a box that was cut off back"
        if standing.stage is Stage.ASKING and before.stage is not Stage.ASKING:
            assert standing.place in before.fitting + standing.fitting
            assert standing.place is not None
            assert standing.wanted in {None, standing.place.branch} or standing.told is not None


@given(STARTS, st.lists(NEWS, max_size=40))
def test_from_everywhere_there_is_a_way_into_the_branch(start: Standing, heard: list[News]) -> None:
    standing = start
    for news in heard:
        standing = after(standing, news)
    standing = after(standing, Networked("10.0.0.2"))
    for _ in range(8):
        if standing.stage is not Stage.JOINED:
            step = Heard(PLACES[:1], is_all=True)
            standing = after(after(standing, step), WAYS_ON[standing.stage])
    assert standing.stage is Stage.JOINED


def test_one_branch_is_asked_at_once_and_of_several_a_person_chooses() -> None:
    assert after(Standing(), Heard(PLACES[:1], is_all=False)).stage is Stage.LOOKING, "another may still announce itself"
    assert after(Standing(), Heard(PLACES[:1], is_all=True)).place == PLACES[0]
    several = after(Standing(), Heard(PLACES[:2], is_all=True))
    assert several.stage is Stage.CHOOSING
    assert after(several, Chose("f" * 64)) == several
    assert after(several, Chose(CAS[1])).place == PLACES[1]
    assert after(replace(several, wanted=None), Heard(PLACES[:1], is_all=True)).stage is Stage.ASKING


def test_a_stranger_who_announces_the_same_branch_cannot_keep_a_box_from_it() -> None:
    standing = begins("main", None)
    asked = set()
    for _ in range(4):
        standing = after(standing, Heard(PLACES, is_all=True))
        assert standing.place is not None
        asked.add(standing.place.ca)
        standing = after(after(standing, Lost("garbage")), Rested())
    assert asked == {CAS[0], CAS[2]}, "each of both is asked in turn, and the other branch never"


def test_a_server_that_was_told_is_asked_whoever_announces_himself() -> None:
    standing = after(begins(None, TOLD), Heard(PLACES, is_all=True))
    assert standing.place == Place(TOLD)
