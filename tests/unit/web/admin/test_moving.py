"""The whole setup as a file: nothing is lost on the way out and in again, and what a file changes is known before."""

import tomllib

import pytest
from hypothesis import given

from branch_server.adapters.setup.file import parse_setup
from branch_server.domain.state import Desk, Queue, State
from branch_server.web.admin.changes import Change, changes, planned
from branch_server.web.admin.moving import Target, UnreadableError, as_toml, read_file, target_of, things_of
from branch_server.web.admin.telling import told
from foleni.messages.setup import Branch, Counter, Device, DeviceKind, Service, Staff
from foleni.times import Instant
from foleni.words.catalogue import words
from tests.unit.web.admin.setups import states

NOW = Instant(1_790_000_000_000_000)
SAY = words("branch_server.web.admin", "en")


def branch_with(*services: Service, counters: tuple[Counter, ...] = ()) -> State:
    state = State(day="2026-11-21", branch=Branch(id="main", name={"en": "Main"}))
    state.queues = {service.id: Queue(service) for service in services}
    state.desks = {counter.id: Desk(counter) for counter in counters}
    state.staff = {"ada": Staff(id="ada", name="Ada", role="admin")}
    return state


CASH = Service(id="cash", prefix="A", name={"en": "Cash"})
CARDS = Service(id="cards", prefix="B", name={"en": "Cards"})
ONE = Counter(id="c1", label="1", services=("cash",))


def read(toml: str, state: State, keeper: str) -> Target:
    return target_of(read_file(toml, SAY), state, keeper, SAY)


def brought(state: State, toml: str, keeper: str = "ada") -> tuple[Target, list[Change]]:
    target = read(toml, state, keeper)
    return target, changes(things_of(state), target.things)


@given(states())
def test_what_is_exported_and_imported_again_is_the_same(state: State) -> None:
    target = read(as_toml(state), state, "nobody")
    assert target.things == things_of(state)
    assert list(target.things["service"]) == list(state.queues), "the order of services is part of the setup"
    assert changes(things_of(state), target.things) == []
    assert target.notes == []


@given(states().filter(lambda state: bool(state.queues)))
def test_an_exported_file_sets_up_a_new_branch(state: State) -> None:
    setup = parse_setup(tomllib.loads(as_toml(state)), "file")
    assert {command.type for command in setup.commands} >= {"save_branch", "save_service"}
    assert setup.passwords == {}
    assert not any(setup.pins.values())


@given(states(), states())
def test_any_setup_becomes_any_other_or_says_what_is_refused(state: State, other: State) -> None:
    """The second import has only that to do which the first was refused."""
    _, wanted = brought(state, as_toml(other), keeper="nobody")
    plan = planned(wanted, state, NOW)
    assert len(plan.steps) + len(plan.refused) == len(wanted)
    assert plan.refused == []


def test_no_file_says_which_machine_is_a_device_and_those_that_joined_stay() -> None:
    state = branch_with(CASH)
    state.devices = {"door": Device(id="door", kind=DeviceKind.KIOSK, box="ab" * 32)}
    exported = as_toml(state)
    assert "box" not in exported
    _, wanted = brought(state, exported)
    assert wanted == []
    elsewhere = branch_with(CASH)
    named = exported.replace('kind = "kiosk"', f'kind = "kiosk", box = "{"cd" * 32}"')
    assert "box" in named
    target, _ = brought(elsewhere, named)
    assert target.things["device"] == {"door": Device(id="door", kind=DeviceKind.KIOSK)}
    assert brought(state, named)[1] == []


def test_the_id_of_a_branch_stays_and_the_file_says_so() -> None:
    state = branch_with(CASH)
    target, wanted = brought(state, as_toml(state).replace('id = "main"', 'id = "other"', 1))
    assert wanted == []
    assert "other" in target.notes[0]


@pytest.mark.parametrize("theirs", ["", '[[staff]]\nid = "ada"\nname = "Ada"\nrole = "staff"\n'])
def test_nobody_takes_their_own_rights_away_with_a_file(theirs: str) -> None:
    state = branch_with()
    target, wanted = brought(state, f'[branch]\nid = "main"\nname = "Main"\n{theirs}')
    assert [change.what for change in wanted if change.kind == "staff"] == []
    assert target.notes


def test_a_label_goes_from_a_counter_that_goes_to_one_that_comes() -> None:
    state = branch_with(CASH, counters=(ONE,))
    toml = as_toml(state).replace('id = "c1"', 'id = "window-1"')
    plan = planned(brought(state, toml)[1], state, NOW)
    assert [(step.what, step.id) for step in plan.steps] == [("removed", "c1"), ("added", "window-1")]
    assert plan.refused == []


def test_two_prefixes_that_change_places_are_refused_before_anything_is_done() -> None:
    state = branch_with(CASH, CARDS)
    toml = as_toml(state).replace('prefix = "A"', 'prefix = "Z"').replace('prefix = "B"', 'prefix = "A"').replace('"Z"', '"B"')
    plan = planned(brought(state, toml)[1], state, NOW)
    assert plan.steps == []
    assert {change.id for change, _ in plan.refused} == {"cash", "cards"}
    assert all("prefix" in why for _, why in plan.refused)


def test_what_a_file_changes_is_told_in_words() -> None:
    state = branch_with(CASH, CARDS)
    toml = as_toml(state).replace('prefix = "A"', 'prefix = "C"').replace('id = "cards"', 'id = "loans"')
    shown = [told(change, SAY) for change in brought(state, toml)[1]]
    assert [(one["what"], one["title"]) for one in shown] == [
        ("changed", "Service Cash"), ("added", "Service Cards"), ("removed", "Service Cards"),
    ]  # fmt: skip
    assert shown[0]["lines"] == ["Prefix: A → C"]


@pytest.mark.parametrize(
    ("toml", "faults"),
    [
        ("[branch", ["This is no TOML file"]),
        ("", ["branch: This is needed."]),
        (
            '[branch]\nid = "Main"\nname = ""\ncolour = 1\n',
            ["branch, id: Small letters", "colour: The branch does not know this."],
        ),
        (
            '[branch]\nid = "m"\nname = "M"\n[[service]]\nid = "cash"\nprefix = "toolong"\nname = "C"\n',
            ["service cash, prefix: One"],
        ),
        ('[branch]\nid = "m"\nname = "M"\n[[service]]\nprefix = "A"\n', ["service 1, id: This is needed.", "service 1, name"]),
        ('branch = 3\nservice = "x"\n', ["branch", "service"]),
        ('[branch]\nid = "m"\nname = "M"\n[branch.hours.week]\nmon = ["8-9"]\n', ["branch, hours", "Times such as"]),
        (
            '[branch]\nid="m"\nname="M"\n' + '[[device]]\nid="tv"\nkind="display"\n' * 2,
            ["device tv: This id stands there twice."],
        ),
        ("a = " + "[" * 5000, ["This is no TOML file"]),
    ],
)
def test_a_file_that_is_no_setup_is_refused_with_all_its_faults(toml: str, faults: list[str]) -> None:
    with pytest.raises(UnreadableError) as refused:
        read(toml, branch_with(), "ada")
    said = " | ".join(refused.value.faults)
    assert all(fault in said for fault in faults), said


def test_secrets_in_a_file_are_left_out_and_the_file_says_so() -> None:
    state = branch_with()
    toml = as_toml(state) + '[[device]]\nid = "tv"\nkind = "display"\npassword = "open sesame"\n'
    target, wanted = brought(state, toml)
    assert [change.id for change in wanted] == ["tv"]
    assert "password" not in str(wanted)
    assert target.notes
