"""Who is offered what and may restart: a scout first, then one after another, the branch server last, at the right time."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from branch_server.web.updates.offering import Here, heard, is_night
from branch_server.web.updates.plans import Board, Known, Plan, Window
from foleni.messages.updates import SERVER, Answer, Report
from foleni.times import HOUR_US, MINUTE_US, Instant, from_wire, to_wire

KIOSK, BRANCH = "foleni-kiosk-amd64", "foleni-server-amd64"
P1, P2 = "0197a3c2-5b1e-7c40-9d2f-3a1b5c7d9e01", "0197a3c2-5b1e-7c40-9d2f-3a1b5c7d9e02"
NOON = from_wire("2026-11-21T10:00:00Z")
NIGHT = from_wire("2026-11-21T00:30:00Z")
"""02:30 in Kigali."""


def plan(when: str = "now", compatible: str = KIOSK, plan_id: str = P1, at: int = NOON - HOUR_US, **more: Any) -> Plan:
    told = {
        "id": plan_id,
        "compatible": compatible,
        "version": "0.2.0",
        "sha256": "0" * 64,
        "size": 9,
        "when": when,
        "by": "Ada",
    }
    return Plan.model_validate({**told, "at": to_wire(at), **more})


class Office:
    """A branch with its board; `ask` is a box that tells how it stands."""

    def __init__(self, *plans: Plan, now: Instant = NOON, quiet: bool = True) -> None:
        self.board = Board(plans={one.compatible: one for one in plans})
        self.now, self.quiet = now, quiet

    def ask(self, device: str, step: str = "resting", version: str = "0.1.0", came: str | None = None, **more: Any) -> Answer:
        compatible = BRANCH if device == SERVER else KIOSK
        own = self.board.plans.get(compatible)
        told: dict[str, Any] = {"compatible": compatible, "version": version, "slot": "a", "step": step, **more}
        if own is not None and step != "resting":
            told["plan"] = own.id
        if own is not None and came is not None:
            told["outcome"] = {"plan": own.id, "version": "0.2.0", "came": came}
        known = Known(report=Report.model_validate(told), heard_at=self.now)
        self.board, answer = heard(self.board, device, known, Here(self.now, "Africa/Kigali", self.quiet))
        return answer

    def later(self, minutes: int) -> None:
        self.now = Instant(self.now + minutes * MINUTE_US)


def test_all_prepare_and_only_the_scout_restarts() -> None:
    office = Office(plan())
    assert office.ask("k1").offer is not None
    assert office.ask("k2").offer is not None
    assert not office.ask("k2", "installed").restart
    assert office.ask("k1", "installed").restart
    office.ask("k1", "trying", "0.2.0")
    assert not office.ask("k2", "installed").restart
    office.ask("k1", version="0.2.0", came="good")
    assert office.ask("k2", "installed").restart


def test_what_did_not_do_on_the_scout_is_nobodys_any_more() -> None:
    office = Office(plan())
    office.ask("k1")
    office.ask("k2", "installed")
    office.ask("k1", came="rolled_back")
    assert office.ask("k2", "installed").offer is None
    assert office.ask("k3").offer is None


def test_two_of_a_kind_never_restart_at_once() -> None:
    office = Office(plan())
    office.ask("k1")
    office.ask("k1", version="0.2.0", came="good")
    assert office.ask("k2", "installed").restart
    assert not office.ask("k3", "installed").restart
    office.later(21)
    assert office.ask("k3", "installed").restart, "one that does not come back holds nobody for ever"


def test_a_scout_that_falls_silent_is_replaced() -> None:
    office = Office(plan())
    office.ask("k1")
    office.later(25 * 60)
    assert office.ask("k2", "installed").restart


def test_at_night_means_at_night() -> None:
    office = Office(plan("night"))
    assert office.ask("k1").offer is not None
    assert not office.ask("k1", "installed").restart
    office.now = NIGHT
    assert office.ask("k1", "installed").restart


def test_on_hold_nothing_is_offered() -> None:
    office = Office(plan("hold"))
    assert office.ask("k1") == Answer()


def test_the_server_goes_last_and_at_night_only_when_it_is_quiet() -> None:
    office = Office(plan("night"), plan("night", BRANCH, P2), now=NIGHT, quiet=False)
    office.ask("k1")
    assert not office.ask(SERVER, "installed").restart
    office.quiet = True
    assert not office.ask(SERVER, "installed").restart
    office.ask("k1", version="0.2.0", came="good")
    assert office.ask(SERVER, "installed").restart


def test_the_server_stays_where_a_box_did_not_do_until_somebody_chooses_again() -> None:
    office = Office(plan(), plan("now", BRANCH, P2))
    office.ask("k1")
    office.ask("k1", came="failed")
    assert not office.ask(SERVER, "installed").restart
    office.later(1)
    office.board = office.board.planned(plan("now", BRANCH, P2, at=office.now))
    assert office.ask(SERVER, "installed").restart


def test_a_night_may_go_past_midnight() -> None:
    window = Window(begins="23:30", ends="01:00")
    times = {"21:29": False, "21:30": True, "22:30": True, "22:59": True, "23:00": False, "12:00": False}
    for clock, expected in times.items():
        assert is_night(window, Here(from_wire(f"2026-11-21T{clock}:00Z"), "Africa/Kigali")) is expected, clock


_ACTS = st.tuples(
    st.sampled_from(["k1", "k2", "k3", SERVER]),
    st.sampled_from(["resting", "installed", "installed", "trying", "good", "rolled_back", "failed"]),
    st.integers(0, 90),
)


@given(acts=st.lists(_ACTS, max_size=40), when=st.sampled_from(["now", "night", "hold"]), begin=st.integers(0, 23))
def test_whatever_boxes_say_restarts_are_rare_and_in_time(acts: Sequence[tuple[str, str, int]], when: str, begin: int) -> None:
    office = Office(plan(when), plan(when, BRANCH, P2), now=Instant(NIGHT + begin * HOUR_US))
    sent: dict[str, Instant] = {}
    failed = False
    for device, says, minutes in acts:
        office.later(minutes)
        is_end = says in {"good", "rolled_back", "failed"}
        version = "0.2.0" if says in {"good", "trying"} else "0.1.0"
        answer = office.ask(device, "resting" if is_end else says, version, says if is_end else None)
        if is_end or says == "resting":
            sent.pop(device, None)
        failed = failed or (says == "rolled_back" and device != SERVER)
        if answer.restart:
            assert says == "installed"
            assert when != "hold"
            assert when == "now" or is_night(office.board.window, Here(office.now, "Africa/Kigali"))
            away = [other for other, at in sent.items() if other not in {device, SERVER} and office.now - at < 20 * MINUTE_US]
            assert device == SERVER or away == []
            sent[device] = office.now
