"""Whatever the names and the keys: each screen fits, none of its choices is lost, and it can be drawn again."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from cloud.ussd import frames, sentences
from cloud.ussd.layout import NOTE_ROOM
from cloud.ussd.letters import clean, is_wide, plain, units
from cloud.ussd.machine import LANGUAGES
from cloud.ussd.state import Known, Named, Place, ServiceFacts, State, Want, Wants
from foleni.words import words
from tests.unit.cloud.ussd.callers import TICKET, Call, World

STATES = TypeAdapter(State)
LETTERS = "abc XYZ é€[ ç ÿ الفرع शाखा किं 支店 \u0301\u200d\n 😀 .,-1"
NAMES = st.text(alphabet=LETTERS, min_size=1, max_size=64).filter(clean)
KEYS = st.sampled_from(["1", "2", "3", "4", "0", "00", "98", "1042", "ab", "", "9", "#", "*", "17"])
BLOCKS = st.sampled_from(["", "", "service_closed", "service_paused", "service_full"])
SERVICES = st.builds(ServiceFacts, st.uuids().map(str), NAMES, st.integers(0, 9999), st.none() | st.integers(0, 36_000), BLOCKS,
                     st.sampled_from(["", "14:00"]))  # fmt: skip
TICKETS = st.builds(
    replace, st.just(TICKET), id=st.uuids().map(str), number=st.sampled_from(["", "A001", "AR01", "ZZR12345"]), branch=NAMES,
    status=st.sampled_from(["asked", "waiting", "called", "serving", "parked", "refused", "expired"]), service=NAMES,
    ahead=st.none() | st.integers(0, 9999), wait_s=st.none() | st.integers(0, 36_000), counter=st.just("3") | NAMES,
    live=st.booleans(), checked_in=st.booleans(),
)  # fmt: skip
NAMED = st.lists(st.builds(Named, st.uuids().map(str), NAMES), max_size=12).map(tuple)
WORLDS = st.builds(
    World, NAMED, st.lists(st.builds(Named, st.uuids().map(str), NAMES), min_size=1, max_size=40).map(tuple),
    st.lists(SERVICES, max_size=12).map(tuple), st.lists(TICKETS, max_size=4).map(tuple), TICKETS,
    st.sampled_from(["", "", "service_closed", "already_queued", "unavailable", "wrong_state"]), st.booleans(),
)  # fmt: skip


@given(WORLDS, st.sampled_from(["", *LANGUAGES]), st.lists(KEYS, max_size=14), st.sampled_from(["", "1042", "5"]))
def test_every_screen_fits_and_can_be_drawn_again(world: World, language: str, keys: list[str], code: str) -> None:
    call = Call(world, State(language=language, code=code))
    for key in keys:
        call.press(key)
        kept = STATES.validate_json(STATES.dump_json(call.state))
        assert kept == call.state
        if not call.screen.ends:
            assert frames.screen(kept).text == call.text
        Call(world, kept, resumed=True)


@given(st.lists(NAMES, min_size=1, max_size=60), st.sampled_from(LANGUAGES))
def test_a_list_shows_each_of_its_items_once_whatever_is_said_above_it(names: list[str], language: str) -> None:
    known = Known(named=tuple(Named(str(n), name) for n, name in enumerate(names)), heading=names[0])
    state = State(language=language, frames=(frames.where(State(language=language)),))
    if len(names) == 1:
        return
    state, _ = frames.answered(state, Wants(Want.BRANCHES_OF, "org"), known)
    seen: list[int] = []
    for page in range(frames.sheet(state).last_page + 1):
        here = state.turned(page)
        plainly = frames.screen(here).text
        noted = frames.screen(here.saying(frames.mistake(here))).text
        assert _numbers(plainly) == _numbers(noted)
        seen += _numbers(plainly)
    assert seen == list(range(1, len(names) + 1))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_of_usual_length_is_never_cut(language: str) -> None:
    known = Known(named=(Named("a", "Banque Populaire"), Named("b", "Hôpital King Faisal")), heading="Kigali")
    state, _ = frames.answered(State(language=language), Wants(Want.BRANCHES_OF, "org"), known)
    shown = "\n".join(frames.screen(state.turned(page)).text for page in range(frames.sheet(state).last_page + 1))
    assert "Banque Populaire\n" in shown
    assert re.search("H[oô]pital King Faisal\n", shown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_helps_is_said_whole_above_any_list(language: str) -> None:
    say = words("cloud.ussd", language)
    notes = [frames.mistake(State(language=language, frames=(frames.where(State(language=language)),))), say("Welcome back.")]
    notes += [
        sentences.reason(say, code)
        for code in ("service_closed", "service_paused", "service_full", "unavailable", "wrong_state")
    ]
    notes += [
        say("No branch found."),
        say("You have no ticket."),
        say("You have a ticket here."),
        say("No queue is open there."),
    ]
    for note in notes:
        said = plain(clean(note))
        assert units(said, wide=is_wide(said)) <= NOTE_ROOM[is_wide(said)], said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_ticket_is_told_whole_in_every_language(language: str) -> None:
    """With all that can be done, and long figures: on one page, and nothing of it shortened."""
    long = replace(TICKET, number="AR1234", ahead=120, wait_s=35_000)
    call = Call(World(tickets=(long,)), State(language=language))
    call.press("2")
    assert call.state.top.place is Place.TICKET
    assert frames.sheet(call.state).last_page == 0
    for line in call.state.top.body:
        assert plain(clean(line)) in call.text or clean(line) in call.text
    assert _numbers(call.text) == [1, 2]


def _numbers(text: str) -> list[int]:
    """Of the lines that can be chosen; the keys at the foot are none of them."""
    found = (re.match(r"(\d+)\.", line) for line in text.splitlines()[1:])
    return [int(one[1]) for one in found if one is not None]
