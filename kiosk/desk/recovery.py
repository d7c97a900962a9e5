"""What is done at a start with the tickets that a crash has interrupted. The rules are in docs/decisions/kiosk-paper.md."""

from collections.abc import Sequence
from dataclasses import dataclass

from foleni.times import SECOND_US, Instant
from kiosk.ledger.entries import Entry, Step

YOUNG_US = 60 * SECOND_US
"""Whoever asked so short a time ago may still stand there."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`shown` is gone on with, in front of the customer. The others nobody sees: `withdrawn` had no number yet,
    `unprinted` have one and certainly no paper, `unsure` perhaps paper.
    """

    shown: Entry | None
    withdrawn: Sequence[Entry]
    unprinted: Sequence[Entry]
    unsure: Sequence[Entry]


def plan_of(unfinished: Sequence[Entry], now: Instant) -> Plan:
    """For the unfinished entries of a ledger, oldest first. At most the newest is still of somebody who waits for it."""
    last = unfinished[-1] if unfinished else None
    shown = last if last is not None and abs(now - (last.given_at or last.asked_at)) < YOUNG_US else None
    others = [entry for entry in unfinished if entry is not shown]
    return Plan(
        shown,
        [entry for entry in others if entry.step is Step.ASKED],
        [entry for entry in others if entry.step is Step.NUMBERED],
        [entry for entry in others if entry.step is Step.PRINTING],
    )
