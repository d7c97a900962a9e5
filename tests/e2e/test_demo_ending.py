"""However the demo ends, nothing of it is left running; and while it lives, what dies comes back."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.support.demo import ROOT, Demo, demo_of, left_of
from tests.support.waiting import until


def links_left(demo: Demo) -> list[str]:
    """Serial lines and locks that nobody took away."""
    pads = [path.name for path in (demo.data / "units").iterdir() if path.is_symlink()]
    return pads + [path.name for path in demo.data.glob("*.lock")]


@pytest.mark.variants(1)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_ends_everything_in_good_order(tmp_path: Path, number: signal.Signals) -> None:
    with demo_of(tmp_path) as demo:
        family = demo.family()
        assert len(family) >= 5
        assert demo.end(number) == 0
        assert left_of(family) == []
        assert links_left(demo) == []
        assert "Traceback" not in demo.said


@pytest.mark.thorough
def test_a_signal_while_it_starts_ends_everything_too(tmp_path: Path) -> None:
    demo = Demo(tmp_path)
    until(lambda: len(demo.family()) > 1)
    family = demo.family()
    assert demo.end() == 0
    until(lambda: not left_of(family))
    assert "Traceback" not in demo.said


def test_killed_like_a_power_cut_it_leaves_nothing(tmp_path: Path) -> None:
    with demo_of(tmp_path) as demo:
        family = demo.family()
        assert demo.end(signal.SIGKILL) == -signal.SIGKILL
        until(lambda: not left_of(family))
    with demo_of(tmp_path) as demo:
        assert "Branch small is open" in demo.said


@pytest.mark.thorough
def test_a_program_that_dies_is_named_and_comes_back(tmp_path: Path) -> None:
    with demo_of(tmp_path) as demo:
        (agent,) = demo.named("counter")
        agent.send_signal(signal.SIGKILL)
        demo.until_says("counter was ended by SIGKILL: ")
        demo.until_says("it is started again in")
        until(lambda: any(child.pid != agent.pid for child in demo.named("counter")))


def test_a_second_one_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    with demo_of(tmp_path) as demo:
        command = [sys.executable, "-m", "foleni", "demo", "--data", str(demo.data), "--setup", str(tmp_path / "setup.toml")]
        second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
        assert second.returncode == 2
        assert f"another demo runs in {demo.data}" in second.stderr


def test_a_setup_that_cannot_be_used_is_told_in_the_servers_own_words(tmp_path: Path) -> None:
    demo = Demo(tmp_path, "[branch]\nid = 'Not A Slug'\n")
    assert demo.process.wait(60) == 1
    assert "foleni-branch: setup: " in demo.said
    assert "Traceback" not in demo.said


def test_one_can_talk_with_it_on_a_terminal(tmp_path: Path) -> None:
    with demo_of(tmp_path, talks=True) as demo:
        demo.type("ticket cash")
        demo.until_says("ticket A001 at a console")
        demo.type("press 1")
        demo.type("expect board A001 1")
        demo.until_says("so it is: the board has A001 at 1")
        demo.type("dance")
        demo.until_says("'dance' is not known; there are: ticket,")
        demo.type("help")
        demo.until_says("press COUNTER [single|double|long]")
        family = demo.family()
        demo.type("quit")
        assert demo.process.wait(40) == 0
        assert left_of(family) == []


@pytest.mark.thorough
def test_ctrl_c_in_the_middle_of_a_line_ends_it(tmp_path: Path) -> None:
    with demo_of(tmp_path, talks=True) as demo:
        family = demo.family()
        demo.type("wait 60")
        demo.until_says("wait 60")
        os.write(demo._terminal or -1, b"\x03")
        assert demo.process.wait(40) == 0
        assert left_of(family) == []


def test_closing_the_terminal_ends_it(tmp_path: Path) -> None:
    with demo_of(tmp_path, talks=True) as demo:
        family = demo.family()
        demo.hang_up()
        assert demo.process.wait(40) == 0
        assert left_of(family) == []


@pytest.mark.thorough
def test_without_a_terminal_it_just_runs(tmp_path: Path) -> None:
    with demo_of(tmp_path) as demo:
        assert "foleni> " not in demo.said
        assert psutil.Process(demo.process.pid).status() in {psutil.STATUS_SLEEPING, psutil.STATUS_RUNNING}
