"""What the counter agent's file may say."""

from pathlib import Path

import pytest

from counter.presses import Action, Gesture
from counter.settings import CounterSettings
from foleni import settings

PROGRAM = "foleni-counter"
FLAGS = ["--mqtt", "mqtt://127.0.0.1:1", "--branch", "main", "--device", "pad-1"]
FULL = """
open_on_first_press = false

[[station]]
device = "pad-2"
mqtt = "mqtt://pad-2:secret@127.0.0.1:1"

[[line]]
port = "/dev/ttyUSB0"
baud = 19200

[[line.unit]]
address = 1

[[line.unit]]
address = 2
device = "pad-2"
keys = { NEXT = { single = "complete" }, F1 = { long = "break" } }

[buttons]
mqtt = "mqtt://127.0.0.1:2"

[[button]]
topic = "zigbee2mqtt/desk 1"
form = "zigbee2mqtt"

[[button]]
topic = "+/events/rpc"
form = "shelly2"
device = "pad-2"
input = 0
single = "recall"
words = { single = ["Triple_Push"] }
"""


def _load(tmp_path: Path, text: str) -> CounterSettings:
    path = tmp_path / "pad.toml"
    path.write_text(text)
    return settings.load(CounterSettings, PROGRAM, [*FLAGS, "--config", str(path)], {})


def test_a_file_that_says_all_is_understood(tmp_path: Path) -> None:
    given = _load(tmp_path, FULL)
    first, second = given.line[0].unit
    assert first.action("NEXT", Gesture.LONG) is Action.NO_SHOW
    assert first.action("RECALL", Gesture.SINGLE) is Action.RECALL
    assert second.action("NEXT", Gesture.SINGLE) is Action.COMPLETE
    assert second.action("NEXT", Gesture.DOUBLE) is None
    assert second.action("F1", Gesture.LONG) is Action.BREAK
    assert second.action("F9", Gesture.SINGLE) is None
    assert [account.device for account in given.accounts] == ["pad-1", "pad-2"]
    one, other = given.button
    assert one.actions()[Gesture.DOUBLE] is Action.RECALL
    assert other.actions() == {Gesture.SINGLE: Action.RECALL}
    assert other.gestures_by_word() == {"triple_push": Gesture.SINGLE}
    assert not given.open_on_first_press


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[[line]]\nport = "COM1"\n[[line.unit]]\naddress = 1', "line"),
        ('[[line]]\nport = "/dev/x"', "unit"),
        ('[[line]]\nport = "/dev/x"\n[[line.unit]]\naddress = 0', "address"),
        ('[[line]]\nport = "/dev/x"\n[[line.unit]]\naddress = 1\n[[line.unit]]\naddress = 1', "same address"),
        ('[[line]]\nport = "/dev/x"\n[[line.unit]]\naddress = 1\ndevice = "pad-9"', "pad-9"),
        ('[[button]]\ntopic = "a/#/b"\nform = "text"', "filter"),
        ('[[button]]\ntopic = "a/b+"\nform = "text"', "filter"),
        ('[[button]]\ntopic = "a"\nform = "homematic"', "form"),
        ('[[button]]\ntopic = "a"\nform = "text"\nsingle = "dance"', "single"),
        ('[[button]]\ntopic = "a"\nform = "text"\ncolour = "red"', "colour"),
        ('[[station]]\ndevice = "pad-1"\nmqtt = "mqtt://127.0.0.1:1"', "twice"),
    ],
)
def test_a_wrong_setting_ends_the_program_with_a_line_that_names_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, named: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        _load(tmp_path, text)
    assert ended.value.code == settings.WRONG
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert named in said
