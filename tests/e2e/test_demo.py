"""What a newcomer does first: open the demo, copy its commands, let the simulator play."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.demo import WHOLE, demo_of
from tests.support.waiting import until


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Path]:
    """A running demo; its data folder is `data`, what it says stands in `said`."""
    with demo_of(tmp_path, WHOLE) as running:
        yield tmp_path
        assert running.end() == 0


def test_its_commands_join_call_and_show(demo: Path) -> None:
    guide = [line.strip() for line in (demo / "said").read_text().splitlines()]
    watch, answers = (line for line in guide if line.startswith("mosquitto_sub"))
    asks = [line for line in guide if line.startswith("mosquitto_pub")]
    listen = ["stdbuf", "-oL", *shlex.split(answers), "-d", "-C", str(len(asks)), "-W", "60"]
    listener = subprocess.Popen(listen, stdout=subprocess.PIPE, text=True)
    assert listener.stdout is not None
    until(lambda: listener.stdout and listener.stdout.readline().startswith("Subscribed"))
    for ask in asks:
        subprocess.run(ask, shell=True, check=True, timeout=60)
    replies, _ = listener.communicate(timeout=70)
    assert replies.count('"ok":true') == len(asks)
    until(lambda: re.search(r'"calls":\[\{[^]]*"number":"A001"', board_by(watch)))


def board_by(watch: str) -> str:
    """What the command shows first; the board follows the reply by a moment."""
    return subprocess.run([*shlex.split(watch), "-C", "1", "-W", "30"], capture_output=True, text=True, check=True).stdout


@pytest.mark.thorough
def test_the_simulator_plays_a_busy_hour_without_a_contradiction(demo: Path) -> None:
    account = tomllib.loads((demo / "data/devices/desk.toml").read_text())
    command = [sys.executable, "-m", "foleni.sim", "--mqtt", account["mqtt"], "--branch", account["branch"], "--device", "desk"]
    played = subprocess.run(
        [*command, "--tickets", "60", "--pace", "max", "--seed", "7"],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert played.returncode == 0, played.stdout + played.stderr
    assert "60" in played.stdout
