"""The agent, with the branch server's rules and no machine: whatever happens on the way, a box ends as it should."""

from pathlib import Path

import pytest
from hypothesis.stateful import run_state_machine_as_test

from foleni.messages.updates import Answer, Offer, Report
from foleni.updating.agent import Agent
from foleni.updating.errors import BranchAwayError
from foleni.updating.record import Memory, Record
from tests.support.bundles import KIOSK
from tests.support.update_machine import BROKEN, FIRST, FOREIGN, SICK, CutBox, PowerCutError, RulesAlone, UpdateMachine
from tests.unit.web.updates.test_reading_bundles import bundle


def write(version: str, path: Path) -> None:
    path.write_bytes(bundle(f"[update]\ncompatible={KIOSK}\nversion={version}\n[bundle]\nformat=verity\n".encode()))


@pytest.fixture
def world() -> RulesAlone:
    return RulesAlone(write)


@pytest.fixture
def box() -> CutBox:
    return CutBox(version=FIRST, compatible=KIOSK)


def rounds(world: RulesAlone, box: CutBox, folder: Path) -> Record:
    return Agent(box, world, folder).round()


def test_a_box_ends_with_what_was_chosen_whatever_happens_on_the_way() -> None:
    class Alone(UpdateMachine):
        def __init__(self) -> None:
            self.world = RulesAlone(write)
            super().__init__()

    run_state_machine_as_test(Alone)


def test_from_the_plan_to_the_new_version(world: RulesAlone, box: CutBox, tmp_path: Path) -> None:
    plan = world.plan("0.2.0", "now")
    assert rounds(world, box, tmp_path).step == "installed"
    assert box.wants_restart
    assert list(tmp_path.glob("*.raucb")) == [], "what is written needs no room any more"
    box.start_anew()
    assert rounds(world, box, tmp_path).step == "trying"
    box.bless()
    record = rounds(world, box, tmp_path)
    assert record.outcome is not None
    assert (record.step, record.outcome.came, record.outcome.plan, box.version) == ("resting", "good", plan, "0.2.0")


def test_who_is_served_is_not_disturbed_and_the_branch_hears_why(world: RulesAlone, box: CutBox, tmp_path: Path) -> None:
    world.plan("0.2.0", "now")
    box.why_busy = "foleni-kiosk is in use"
    rounds(world, box, tmp_path)
    assert not box.wants_restart
    assert world.board.known["kiosk-1"].report.waits_for == "foleni-kiosk is in use"
    box.why_busy = ""
    rounds(world, box, tmp_path)
    assert box.wants_restart


def test_what_is_taken_back_is_not_started_by_the_next_power_cut(world: RulesAlone, box: CutBox, tmp_path: Path) -> None:
    world.plan("0.2.0", "now")
    box.why_busy = "foleni-kiosk is in use"
    rounds(world, box, tmp_path)
    world.drop()
    assert rounds(world, box, tmp_path).step == "resting"
    box.start_anew()
    assert box.version == FIRST


@pytest.mark.parametrize("version", [BROKEN, SICK])
def test_what_does_not_work_is_left_and_never_tried_again(world: RulesAlone, box: CutBox, tmp_path: Path, version: str) -> None:
    world.plan(version, "now")
    rounds(world, box, tmp_path)
    box.start_anew()
    box.uptime_s = 9999.0
    rounds(world, box, tmp_path)
    if box.wants_restart:
        box.start_anew()
    record = rounds(world, box, tmp_path)
    assert record.outcome is not None
    assert (record.outcome.came, box.version) == ("rolled_back", FIRST)
    rounds(world, box, tmp_path)
    assert box.installed == [version]


def test_a_strangers_bundle_changes_nothing(world: RulesAlone, box: CutBox, tmp_path: Path) -> None:
    box.trusted = lambda _bundle: False
    world.plan(FOREIGN, "now")
    record = rounds(world, box, tmp_path)
    assert record.outcome is not None
    assert (record.outcome.came, box.installed, box.primary) == ("refused", [], "a")


def test_an_older_bundle_is_refused_unless_somebody_chose_it(world: RulesAlone, box: CutBox, tmp_path: Path) -> None:
    world.plan("0.0.9", "now")
    plan = world.board.plans[KIOSK]
    world.board = world.board.planned(plan.model_copy(update={"downgrade": False}))
    record = rounds(world, box, tmp_path)
    assert record.outcome is not None
    assert record.outcome.came == "refused"
    assert "older" in record.outcome.reason
    world.plan("0.0.9", "now")
    assert rounds(world, box, tmp_path).step == "installed"


def test_a_power_cut_while_writing_is_followed_by_another_try(world: RulesAlone, box: CutBox, tmp_path: Path) -> None:
    world.plan("0.2.0", "now")
    box.cut_in = 4
    with pytest.raises(PowerCutError):
        rounds(world, box, tmp_path)
    box.cut_in = -1
    box.start_anew()
    assert rounds(world, box, tmp_path).step == "installed"


def test_the_way_back_needs_no_bundle(world: RulesAlone, box: CutBox, tmp_path: Path) -> None:
    world.plan("0.2.0", "now")
    rounds(world, box, tmp_path)
    box.start_anew()
    box.bless()
    rounds(world, box, tmp_path)
    world.plan(FIRST, "now")
    plan = world.board.plans[KIOSK]
    world.board = world.board.planned(plan.model_copy(update={"sha256": None, "size": None}))
    rounds(world, box, tmp_path)
    box.start_anew()
    box.bless()
    record = rounds(world, box, tmp_path)
    assert record.outcome is not None
    assert (record.outcome.came, box.version, box.installed) == ("good", FIRST, ["0.2.0"])


def test_a_branch_that_is_away_is_waited_for(box: CutBox, tmp_path: Path) -> None:
    class Away:
        def ask(self, _report: Report) -> Answer:
            raise BranchAwayError("no route")

        def fetch(self, _offer: Offer, _into: Path, _progress: object) -> None:
            raise AssertionError

    assert Agent(box, Away(), tmp_path).round() == Record()


def test_a_damaged_record_costs_only_what_was_under_way(world: RulesAlone, box: CutBox, tmp_path: Path) -> None:
    (tmp_path / "state.json").write_bytes(b'{"step": "inst')
    assert Memory(tmp_path).load() == Record()
    world.plan("0.2.0", "now")
    assert rounds(world, box, tmp_path).step == "installed"


def test_a_plan_that_has_ended_is_not_begun_again_whatever_the_branch_says(
    world: RulesAlone, box: CutBox, tmp_path: Path
) -> None:
    class Stubborn:
        fetch = world.fetch

        def ask(self, _report: Report) -> Answer:
            return Answer(offer=Offer(plan=plan, version="0.2.0", sha256="0" * 64, size=9), restart=True)

    plan = world.plan("0.2.0", "now")
    box.trusted = lambda _bundle: False
    refused = Agent(box, Stubborn(), tmp_path).round()
    assert refused.outcome is not None
    box.trusted = lambda _bundle: True
    assert Agent(box, Stubborn(), tmp_path).round() == refused
    assert box.installed == []
