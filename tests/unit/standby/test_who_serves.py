"""Never both servers of a pair, whatever happens to cables, clocks and messages; the second, where the first is gone."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from branch_server.standby.rules import FREE_AFTER_S, LEASE_S, MARGIN, WINDOW_S, Lease, Patience, Return, Word, skipped
from foleni.ids import uuid7
from foleni.messages.commands import BeginTerm
from tests.unit.standby.sea import PATIENCE_S, TICK_S, Sea


class TwoServers(RuleBasedStateMachine):
    """Cuts, heals, delays and a crash, at random; time passes between them."""

    sea: Sea

    @initialize(seed=st.integers(0, 2**32), devices=st.integers(0, 5))
    def begin(self, seed: int, devices: int) -> None:
        self.sea = Sea(seed, devices)

    @rule(seconds=st.sampled_from([1, 1, 3, 8, 25, 45]))
    def time_passes(self, seconds: int) -> None:
        for _ in range(int(seconds / TICK_S)):
            self.sea.step()
            assert not (self.sea.p_serves and self.sea.s_serves)

    @rule(data=st.data(), joined=st.booleans())
    def the_network_parts(self, data: st.DataObject, joined: bool) -> None:
        """Each device can reach one of the servers, both, or none; the servers each other, or not."""
        reach = [data.draw(st.sampled_from(["s", "s", "p", "ps", "ps", ""])) for _ in self.sea.devices]
        lost = {
            frozenset((device.name, server))
            for device, reached in zip(self.sea.devices, reach, strict=True)
            for server in "ps"
            if server not in reached
        }
        self.sea.cut = lost if joined else lost | {frozenset("ps")}

    @rule()
    def all_cables_are_whole(self) -> None:
        self.sea.cut.clear()

    @rule(late_s=st.sampled_from([0.1, 1.0, 5.0]), loss=st.sampled_from([0.0, 0.2, 0.6]))
    def the_network_changes(self, late_s: float, loss: float) -> None:
        self.sea.most_late_s, self.sea.loss = late_s, loss

    @precondition(lambda self: not self.sea.is_p_down)
    @rule()
    def the_first_dies(self) -> None:
        self.sea.is_p_down = True

    @invariant()
    def never_both(self) -> None:
        if hasattr(self, "sea"):
            assert not (self.sea.p_serves and self.sea.s_serves)


TwoServers.TestCase.settings = settings(stateful_step_count=20)
TestTwoServers = TwoServers.TestCase


@pytest.mark.parametrize("devices", [1, 2, 5])
def test_the_second_serves_where_the_first_is_dead(devices: int) -> None:
    sea = Sea(1, devices)
    _pass(sea, 10)
    sea.is_p_down = True
    _pass(sea, 4 * PATIENCE_S)
    assert sea.s_serves


def test_the_second_serves_where_the_first_is_cut_off_and_the_first_does_not_any_more() -> None:
    sea = Sea(2, 5)
    sea.cut = {frozenset(("p", other)) for other in ("s", "d0", "d1", "d2")}
    _pass(sea, 90)
    assert sea.s_serves
    assert not sea.p_serves


def test_the_first_goes_on_where_only_the_second_is_cut_off() -> None:
    sea = Sea(3, 4)
    sea.cut = {frozenset(("s", other)) for other in ("p", "d0", "d1")}
    _pass(sea, 120)
    assert sea.p_serves
    assert not sea.s_serves


def test_without_witnesses_nobody_takes_over_and_nobody_steps_down() -> None:
    sea = Sea(4, 0)
    sea.cut = {frozenset(("p", "s"))}
    _pass(sea, 120)
    assert sea.p_serves
    assert not sea.s_serves


def test_the_word_that_lets_the_first_serve_again_ends_the_right_of_the_second_to_take_over() -> None:
    sea = Sea(5, 3)
    sea.attach_chance = 0.0
    away = {frozenset(("p", other)) for other in ("s", "d0", "d1", "d2")}
    sea.cut = away
    _pass(sea, 10)
    assert _who(sea) == ""
    sea.cut = away - {frozenset(("p", "s"))}
    _pass(sea, 3)
    assert _who(sea) == "p"
    sea.cut = away
    _pass(sea, 120)
    assert _who(sea) == "p"


def test_an_answer_counts_from_when_it_was_asked_for() -> None:
    lease = Lease()
    lease.attach(["a"], 0.0, is_strict=True)
    lease.detach(0.0, ["a"])
    assert lease.may_serve(LEASE_S)
    lease.heard("a", 1.0)
    assert lease.may_serve(1.0 + LEASE_S)
    assert not lease.may_serve(1.1 + LEASE_S)
    lease.heard("a", 10.0)
    assert not lease.may_serve(10.0)


def test_nothing_is_answered_without_the_standby_before_half_of_the_witnesses_are_asked_anew() -> None:
    lease = Lease()
    lease.attach(["a", "b", "c"], 0.0, is_strict=True)
    lease.detach(2.0, ["a", "b", "c"])
    assert lease.may_serve(3.0)
    assert not lease.may_answer(3.0)
    lease.heard("a", 2.5)
    assert not lease.may_answer(3.0)
    lease.heard("b", 2.5)
    assert lease.may_answer(3.0)


def test_a_standby_that_does_not_acknowledge_is_no_standby() -> None:
    lease = Lease()
    lease.attach(["a"], 0.0, is_strict=True)
    lease.acknowledged(3.0)
    assert lease.may_serve(3.0 + LEASE_S)
    assert not lease.may_serve(3.1 + LEASE_S)


def test_a_server_that_kept_its_devices_is_free_after_the_other_may_not_take_over_any_more() -> None:
    lease = Lease()
    lease.attach(["a", "b"], 0.0, is_strict=True)
    lease.detach(0.0, ["a", "b"])
    for second in range(1, int(FREE_AFTER_S) + 1):
        lease.heard("a", second)
        assert lease.may_serve(second)
    assert FREE_AFTER_S > WINDOW_S * 1.05
    assert lease.may_serve(FREE_AFTER_S + 1e6)


def test_both_lists_of_witnesses_count_where_it_is_not_known_which_one_the_standby_has() -> None:
    lease = Lease()
    lease.attach(["a", "b"], 0.0, is_strict=True)
    lease.detach(0.0, ["c", "d", "e"])
    lease.heard("a", 10.0)
    assert not lease.may_serve(10.0)


@pytest.mark.parametrize(
    "word", [Word(100, PATIENCE_S, 2, 0), Word(100, PATIENCE_S, 1, 8), Word(100, None, 1, 7), Word(90, PATIENCE_S, 1, 7)],
    ids=["a higher term", "an event that is not here", "it is not away", "an old word"],
)  # fmt: skip
def test_a_standby_waits_where_its_only_witness_says(word: Word) -> None:
    patience = Patience(PATIENCE_S)
    patience.agree(["a"])
    patience.attach(0.0)
    patience.says("a", word)
    assert not patience.may_take_over(100.0, 1, 7)
    patience.says("a", Word(100, PATIENCE_S, 1, 7))
    assert patience.may_take_over(100.0, 1, 7)


def test_a_standby_that_lacks_something_never_takes_over_by_itself() -> None:
    patience = Patience(PATIENCE_S)
    patience.agree(["a"])
    patience.attach(0.0)
    patience.behind()
    patience.says("a", Word(100, PATIENCE_S, 1, 7))
    assert not patience.may_take_over(100.0, 1, 7)


def test_a_restarted_server_goes_on_with_half_of_its_devices() -> None:
    back = Return(["a", "b"], 0.0)
    back.heard("a", 3.0)
    assert not back.may_serve(3.0)
    back.heard("a", 8.0)
    assert back.may_serve(8.0)
    assert not back.may_serve(30.0)


def test_numbers_are_left_out_unless_everything_is_known() -> None:
    assert skipped(is_certain=True, ahead=9) == 0
    assert skipped(is_certain=False, ahead=-3) == MARGIN
    assert skipped(is_certain=False, ahead=9) == MARGIN + 9


@pytest.mark.parametrize("ahead", [200_000, 2**62])
def test_a_standby_that_was_off_for_weeks_can_still_serve(ahead: int) -> None:
    term = BeginTerm(id=uuid7(), term=2, by="ada", skipped=skipped(is_certain=False, ahead=ahead))
    assert term.skipped > MARGIN


def _pass(sea: Sea, seconds: float) -> None:
    for _ in range(int(seconds / TICK_S)):
        sea.step()
        assert not (sea.p_serves and sea.s_serves)


def _who(sea: Sea) -> str:
    return "p" * sea.p_serves + "s" * sea.s_serves
