"""What needs a person: raised and cleared by the house."""

import pytest

from branch_server.domain.asking import Sender
from branch_server.domain.events import AlertCleared, AlertRaised
from foleni.messages import commands as c
from foleni.messages.replies import Code
from tests.unit.domain.world import World

PAPER = "paper:kiosk-1"


def test_an_alert_is_raised_once_and_again_in_other_words() -> None:
    world = World()
    assert world.do(c.RaiseAlert, alert=PAPER, message="No paper") == [AlertRaised(PAPER, "No paper")]
    assert world.do(c.RaiseAlert, alert=PAPER, message="No paper") == []
    world.do(c.RaiseAlert, alert=PAPER, message="No paper for an hour")
    assert world.state.alerts == {PAPER: "No paper for an hour"}


def test_an_alert_is_cleared_once() -> None:
    world = World()
    world.do(c.RaiseAlert, alert=PAPER, message="No paper")
    assert world.do(c.ClearAlert, alert=PAPER) == [AlertCleared(PAPER)]
    assert world.do(c.ClearAlert, alert=PAPER) == []
    assert world.state.alerts == {}


@pytest.mark.parametrize("sender", ["desk", "kiosk-1", "pad", "nobody"])
def test_no_device_raises_or_clears_one(sender: str) -> None:
    world = World()
    assert world.code(c.RaiseAlert, Sender(sender), alert=PAPER, message="x") is Code.NOT_ALLOWED
    assert world.code(c.ClearAlert, Sender(sender), alert=PAPER) is Code.NOT_ALLOWED


@pytest.mark.parametrize("name", ["clock_leap", "", "a:b:c", "Paper", "a" * 33])
def test_the_engines_own_alert_and_what_is_no_name_cannot_be_asked_for(name: str) -> None:
    with pytest.raises(ValueError, match="alert"):
        World().command(c.ClearAlert, alert=name)
