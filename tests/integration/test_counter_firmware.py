"""The reference unit, run by MicroPython itself on a pty, against the agent and a branch server."""

import threading
from pathlib import Path

from counter.line.line import Ears, Line
from counter.line.picture import Lamp, Picture, Sound
from counter.line.turns import Press
from counter.presses import Gesture
from tests.e2e.hall import SETUP
from tests.support.agent import CounterProcess
from tests.support.branch import BranchProcess
from tests.support.client import Client
from tests.support.micropython import MicroPythonUnit
from tests.support.waiting import until


def test_from_the_press_on_the_board_to_the_digits_on_its_display(tmp_path: Path) -> None:
    link = tmp_path / "line"
    config = f'[[line]]\nport = "{link}"\nanswer_ms = 500\n[[line.unit]]\naddress = 7\n'
    with (
        MicroPythonUnit(link, 7) as unit,
        BranchProcess(tmp_path, SETUP) as server,
        Client(server.port, "hall", "desk", server.account("desk").password) as desk,
        CounterProcess.of(tmp_path, server.account("pad-1"), config) as agent,
    ):
        until(lambda: unit.shown and unit.shown[0][0].startswith("micropython 1."))
        until(lambda: unit.text == "CLOSED")
        for _ in range(3):
            desk.ask({"type": "join", "service": "cash", "channel": "staff"})
        until(lambda: unit.shown[-1][1] == "3")
        unit.press()
        until(lambda: unit.text == "QA001")
        assert ["QA001", "2", "1", "1", "1"] in unit.shown
        unit.press("D")
        desk.event("ticket_recalled", lambda told: told["number"] == "QA001")
        unit.press("L")
        desk.event("ticket_no_show", lambda told: told["number"] == "QA001")
        until(lambda: unit.text == "----")
        threading.Event().wait(0.35)
        unit.press()
        until(lambda: unit.text == "QA002")
        agent.kill()
        until(lambda: unit.text == "LINE")
        unit.press()
        until(lambda: unit.text == "VOID")
        agent.start()
        until(lambda: unit.text == "QA002")
        server.kill()
        until(lambda: unit.text == "GONE")
    assert unit.errors == []


def test_the_program_of_the_board_reads_its_key_and_drives_its_lamp_buzzer_and_display(tmp_path: Path) -> None:
    presses: list[Press] = []
    with MicroPythonUnit(tmp_path / "line") as board:
        line = Line(str(tmp_path / "line"), 115_200, [1], Ears(presses.append), answer_s=0.5)
        line.start()
        until(lambda: line.present)
        until(lambda: ["cells ----"] in board.shown)
        line.show(1, Picture("A042", 3, Lamp.LIT, sound=Sound.DOUBLE))
        until(lambda: ["cells A042"] in board.shown and ["lamp 1"] in board.shown)
        until(lambda: board.shown.count(["beep"]) == 2)
        for held_s, kind in ((0.1, Gesture.SINGLE), (1.0, Gesture.LONG)):
            presses.clear()
            board.type("down")
            threading.Event().wait(held_s)
            board.type("up")
            until(lambda: presses)
            assert presses == [Press(1, "NEXT", kind, "A042")]
        line.stop()
    assert board.errors == []


def test_the_board_stands_garbage_and_an_unplugged_line(tmp_path: Path) -> None:
    link = tmp_path / "line"
    with MicroPythonUnit(link, 1) as unit:
        until(lambda: unit.text == "LINE")
        for _ in range(20):
            with link.open("wb", buffering=0) as line:
                line.write(b"\xff\x00$$$*:*\n$01:1:S:x*0000\n" + bytes(range(256)) * 4)
        unit.press()
        until(lambda: unit.text == "VOID")
        until(lambda: unit.text == "LINE")
    assert unit.errors == []
