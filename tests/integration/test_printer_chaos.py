"""Tickets through a printer that breaks at random: what the outcome says is what the paper shows."""

import os
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from foleni.sim.paper.machine import PaperPrinter
from kiosk.pages import Paper
from kiosk.paper.escpos import render
from tests.support.paper import Hand, printed
from tests.support.tickets import template, ticket
from tests.support.waiting import until

ROUNDS = int(os.environ.get("FOLENI_KILLS", "20"))


def _fault(machine: PaperPrinter, chance: random.Random) -> Callable[[], object]:
    faults: list[Callable[[], object]] = [
        machine.paper_out,
        machine.close,
        machine.unplug,
        machine.hang,
        machine.mute,
        machine.garble,
        machine.babble,
        machine.paper_low,
        lambda: machine.paper_out(chance.randint(1, 1100)),
        lambda: machine.cover(is_open=True),
        lambda: machine.cutter(is_stuck=True),
        lambda: machine.slow(2000),
    ]
    fault = chance.choice(faults)
    return fault if chance.random() < 0.2 else lambda: machine.after(chance.randint(1, 24_000), fault)


def _lines(machine: PaperPrinter) -> Counter[str]:
    return Counter(line for piece in printed(machine) for line in piece["lines"])  # type: ignore[attr-defined]


def test_the_outcome_is_what_the_paper_shows_whatever_breaks_and_whenever(tmp_path: Path) -> None:
    chance = random.Random(7)
    outcomes: list[Paper] = []
    with PaperPrinter(tmp_path) as machine, Hand(machine.url) as hand:
        hand.until("ok")
        for number in range(ROUNDS):
            _fault(machine, chance)()
            outcomes.append(hand.outcome(render(ticket(service=f"First {number}", kiosk=f"last {number}"), template())))
            machine.be_well()
            hand.until("ok")
        assert hand.outcome(render(ticket(), template())) is Paper.PRINTED
        until(lambda: _lines(machine)["Cash"] == 1)
        lines = _lines(machine)
    ends = Counter(line.rpartition(" · ")[2] for line in lines.elements())
    for number, outcome in enumerate(outcomes):
        counts = (lines[f"First {number}"], ends[f"last {number}"])
        allowed = {Paper.PRINTED: {(1, 1)}, Paper.FAILED: {(0, 0)}, Paper.UNSURE: {(0, 0), (1, 0), (0, 1), (1, 1)}}
        assert counts in allowed[outcome], f"ticket {number} was {outcome}"
    assert len(set(outcomes)) == 3
