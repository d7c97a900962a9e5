"""An alert comes when something stays bad, goes when it stays well, and does not flap between."""

import pytest

from branch_server.web.lan import Heard
from branch_server.web.reports.alert_words import alert_text
from branch_server.web.reports.troubles import CALM_US, PRINTER_US, Condition, Troubles, conditions_of
from foleni.messages.setup import AlertRules
from foleni.messages.state import DeviceStatus, PrinterStatus
from foleni.times import MINUTE_US, Instant
from foleni.words.catalogue import words
from tests.unit.domain.world import BRANCH, MORNING, World

BAD = Condition("too long", is_bad=True, is_calm=False, bad_for=5 * MINUTE_US, calm_for=CALM_US)
BETWEEN = Condition("too long", is_bad=False, is_calm=False, bad_for=5 * MINUTE_US, calm_for=CALM_US)
CALM = Condition("too long", is_bad=False, is_calm=True, bad_for=5 * MINUTE_US, calm_for=CALM_US)
NONE: tuple[dict[str, str], list[str]] = ({}, [])


def test_what_is_bad_long_enough_is_raised_once() -> None:
    troubles = Troubles()
    assert troubles.due({"wait:cash": BAD}, [], 0) == NONE
    assert troubles.due({"wait:cash": BAD}, [], 5 * MINUTE_US - 1) == NONE
    assert troubles.due({"wait:cash": BAD}, [], 5 * MINUTE_US) == ({"wait:cash": "too long"}, [])
    assert troubles.due({"wait:cash": BAD}, ["wait:cash"], 6 * MINUTE_US) == NONE


def test_a_moment_of_relief_begins_the_count_anew() -> None:
    troubles = Troubles()
    troubles.due({"wait:cash": BAD}, [], 0)
    troubles.due({"wait:cash": BETWEEN}, [], 4 * MINUTE_US)
    troubles.due({"wait:cash": BAD}, [], 4 * MINUTE_US + 1)
    assert troubles.due({"wait:cash": BAD}, [], 6 * MINUTE_US) == NONE


def test_a_raised_alert_goes_only_after_a_while_of_calm() -> None:
    troubles, up = Troubles(), ["wait:cash"]
    assert troubles.due({"wait:cash": CALM}, up, 0) == NONE
    assert troubles.due({"wait:cash": BETWEEN}, up, CALM_US - 1) == NONE
    assert troubles.due({"wait:cash": CALM}, up, CALM_US) == NONE
    assert troubles.due({"wait:cash": CALM}, up, 2 * CALM_US) == ({}, ["wait:cash"])


def test_a_restart_neither_raises_again_nor_forgets() -> None:
    assert Troubles().due({"wait:cash": BAD}, ["wait:cash"], 0) == NONE
    since_long = Condition("too long", True, False, 5 * MINUTE_US, CALM_US, bad_since=-9 * MINUTE_US)
    assert Troubles().due({"wait:cash": since_long}, [], 0) == ({"wait:cash": "too long"}, [])


def test_alerts_of_what_is_gone_are_cleared_and_those_of_others_are_left() -> None:
    assert Troubles().due({}, ["wait:old", "clock_leap", "paper:kiosk-9"], 0) == ({}, ["paper:kiosk-9", "wait:old"])


def _world(**rules: object) -> World:
    return World(BRANCH.model_copy(update={"alerts": AlertRules.model_validate(rules)}))


def _heard(online: bool = True, printer: str | None = None) -> Heard:
    status = PrinterStatus.model_validate({"state": printer}) if printer is not None else None
    return Heard(DeviceStatus(online=online, kind="kiosk", printer=status), MORNING)


def test_a_wait_is_bad_beyond_its_limit_and_calm_well_below_it() -> None:
    world = _world(wait_min=20, for_min=5)
    world.join()
    for minutes, expected in ((15, (False, True)), (18, (False, False)), (20, (False, False)), (21, (True, False))):
        condition = conditions_of(world.state, {}, Instant(MORNING + minutes * MINUTE_US))["wait:cash"]
        assert (condition.is_bad, condition.is_calm) == expected, minutes
    assert condition.message == "Cash: people have been waiting longer than 20 min."
    assert conditions_of(world.state, {}, MORNING)["wait:enquiries"].is_calm


def test_a_wait_that_was_long_before_we_looked_is_raised_at_once() -> None:
    world = _world(wait_min=20, for_min=5)
    world.join()
    now = Instant(MORNING + 26 * MINUTE_US)
    raised, _ = Troubles().due(conditions_of(world.state, {}, now), [], now)
    assert set(raised) == {"wait:cash"}


def test_rules_that_are_off_raise_nothing() -> None:
    world = _world(wait_min=None, paper=False, device_gone_min=None)
    world.join()
    assert conditions_of(world.state, {"kiosk-1": _heard(online=False)}, MORNING) == {}


@pytest.mark.parametrize(
    ("printer", "message"),
    [
        ("paper_out", "kiosk-1 has no paper."),
        ("cover_open", "kiosk-1: the printer's cover is open."),
        ("error", "kiosk-1: the printer does not work."),
        ("offline", "kiosk-1: the printer does not work."),
    ],
)
def test_a_kiosk_that_cannot_print_is_trouble(printer: str, message: str) -> None:
    condition = conditions_of(_world().state, {"kiosk-1": _heard(printer=printer)}, MORNING)["paper:kiosk-1"]
    assert (condition.is_bad, condition.message, condition.bad_for) == (True, message, PRINTER_US)


@pytest.mark.parametrize("printer", ["ok", "paper_low"])
def test_a_kiosk_that_prints_is_none(printer: str) -> None:
    condition = conditions_of(_world().state, {"kiosk-1": _heard(printer=printer)}, MORNING)["paper:kiosk-1"]
    assert (condition.is_bad, condition.is_calm) == (False, True)


def test_a_device_is_gone_when_it_says_so_but_not_one_that_was_never_there() -> None:
    found = conditions_of(_world(device_gone_min=3).state, {"tv": _heard(online=False)}, MORNING)
    assert {alert for alert, condition in found.items() if condition.is_bad} == {"device:tv"}
    assert found["device:tv"].message == "tv has not been heard since 09:00."
    assert "device:kiosk-1" not in found


def test_the_paper_of_a_kiosk_that_is_away_is_nobodys_guess() -> None:
    condition = conditions_of(_world().state, {"kiosk-1": _heard(online=False, printer="paper_out")}, MORNING)["paper:kiosk-1"]
    assert (condition.is_bad, condition.is_calm) == (False, False)


def test_an_alert_is_read_in_the_language_of_its_reader() -> None:
    french = words("branch_server.web.desk", "fr")
    text = alert_text("wait:cash", "Cash: people have been waiting longer than 20 min.", french)
    assert text == "Cash : des personnes attendent depuis plus de 20 min."
    assert alert_text("clock_leap", "whatever", french).startswith("L\u2019horloge")
    assert alert_text("other", "Something else.", french) == "Something else."
