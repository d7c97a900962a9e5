"""Programs are kept running while the demo lives, and are all gone when it is gone, however that comes."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from foleni.demo.keeper import Keeper, Program, StartError, State
from foleni.link.backoff import Backoff
from tests.support.waiting import until

_LIVES = "import os, sys, time; print('ready: here', file=sys.stderr, flush=True); time.sleep(600)"
_DIES = "import sys; sys.exit('the disk is on fire')"
_STUBBORN = (
    "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "child = subprocess.Popen(['sleep', '600']); print('ready', child.pid, file=sys.stderr, flush=True); time.sleep(600)"
)

Keeps = Callable[[str], Keeper]


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def keeps(tmp_path: Path, told: list[str]) -> Iterator[Keeps]:
    """Starts to keep a Python program."""
    keepers: list[Keeper] = []

    def start(code: str) -> Keeper:
        program = Program("thing", (sys.executable, "-c", code), tmp_path / "thing.log", "ready")
        keepers.append(Keeper(program, told.append, Backoff(0.01, 0.02)))
        keepers[-1].start()
        return keepers[-1]

    yield start
    for keeper in keepers:
        keeper.stop()


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_program_that_dies_is_named_with_its_last_words_and_started_again(keeps: Keeps, told: list[str]) -> None:
    keeper = keeps(_LIVES)
    keeper.wait_up(60)
    first = keeper.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    until(lambda: keeper.state is State.UP and keeper.pid not in {None, first})
    assert keeper.deaths == 1
    assert told[0].startswith("thing was ended by SIGKILL: ready: here")


def test_one_that_never_comes_up_is_told_in_its_own_words(keeps: Keeps) -> None:
    keeper = keeps(_DIES)
    with pytest.raises(StartError, match=r"thing ended with status 1: .*the disk is on fire"):
        keeper.wait_up(60)


def test_one_that_was_killed_on_demand_is_back_without_being_blamed(keeps: Keeps, told: list[str]) -> None:
    keeper = keeps(_LIVES)
    keeper.wait_up(60)
    first = keeper.pid
    keeper.kill()
    until(lambda: keeper.state is State.UP and keeper.pid not in {None, first})
    assert keeper.deaths == 0
    assert told == []


def test_one_that_is_held_stays_down_until_it_is_released(keeps: Keeps) -> None:
    keeper = keeps(_LIVES)
    keeper.wait_up(60)
    keeper.hold()
    until(lambda: (keeper.state, keeper.pid) == (State.HELD, None))
    keeper.release()
    keeper.wait_up(60)


def test_stopping_ends_even_a_stubborn_program_and_its_children(keeps: Keeps, tmp_path: Path) -> None:
    keeper = keeps(_STUBBORN)
    keeper.wait_up(60)
    pid = keeper.pid
    child = int((tmp_path / "thing.log").read_text().split()[1])
    keeper.stop()
    assert keeper.state is State.ENDED
    assert pid is not None
    until(lambda: is_gone(pid) and is_gone(child))


def test_what_is_kept_ends_when_the_one_who_keeps_it_is_killed(tmp_path: Path) -> None:
    keeping = (
        "import sys, threading; from pathlib import Path; from foleni.demo.keeper import Keeper, Program\n"
        "keeper = Keeper(Program('thing', ('sleep', '600'), Path(sys.argv[1])), print); keeper.start(); keeper.wait_up(60)\n"
        "print(keeper.pid, flush=True); threading.Event().wait()"
    )
    command = [sys.executable, "-c", keeping, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        kept = int(parent.stdout.readline())
        assert not is_gone(kept)
        parent.kill()
    until(lambda: is_gone(kept))
