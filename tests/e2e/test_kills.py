"""The branch server and its broker are killed in random places, under load: nothing answered is lost, nothing is doubled.

`FOLENI_KILLS` tells how often.
"""

import os
import random
import threading
from pathlib import Path

from tests.support.chaos import ChaosBranch
from tests.support.chaos_ledger import Ledger, check_topics
from tests.support.chaos_load import Load

KILLS = int(os.environ.get("FOLENI_KILLS", "5"))
_ASKED_AGAIN = 200


def test_what_was_answered_outlives_every_kill_of_the_server(tmp_path: Path) -> None:
    chance = random.Random(42)
    with ChaosBranch(tmp_path) as branch, Load(branch, seed=1) as load:
        port = branch.port
        for _ in range(KILLS):
            load.wait_for(chance.randint(1, 12))
            _some_moment(chance, 0.01)
            branch.kill()
            branch.launch()
            if chance.random() < 0.25:
                _some_moment(chance, 0.7)
                branch.kill()
                branch.launch()
        load.wait_for(1)
        assert branch.kept_port == port
        _check_all(branch, load)


def test_what_was_answered_outlives_every_kill_of_the_broker(tmp_path: Path) -> None:
    chance = random.Random(43)
    with ChaosBranch(tmp_path) as branch, Load(branch, seed=2) as load:
        for _ in range(KILLS):
            if chance.random() < 0.25:
                load.wait_for(chance.randint(1, 6))
            _some_moment(chance, 0.1)
            branch.kill_broker()
        load.wait_for(1)
        assert branch.is_running
        _check_all(branch, load)


def _some_moment(chance: random.Random, within_s: float) -> None:
    """A kill comes at any moment: this picks it."""
    threading.Event().wait(chance.uniform(0, within_s))


def _check_all(branch: ChaosBranch, load: Load) -> None:
    load.finish()
    load.ask_again(_ASKED_AGAIN)
    ledger = Ledger(branch.data).check()
    ledger.check_answered(load.payloads())
    with branch.party("desk-1") as reader:
        check_topics(ledger, reader)
