"""What a run counted, what contradicted the contract, and the words for both."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from foleni.messages.replies import Code, Error
from foleni.messages.state import Board

MOST_CONTRADICTIONS = 50


@dataclass(slots=True)
class Tally:
    """The figures of a run. Waits in simulated seconds, latencies in real milliseconds."""

    issued: int = 0
    called: int = 0
    completed: int = 0
    no_shows: int = 0
    answers: int = 0
    repeats: int = 0
    void: int = 0
    elapsed_s: float = 0.0
    waits_s: list[float] = field(default_factory=list)
    latencies_ms: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    contradictions: list[str] = field(default_factory=list)

    def contradict(self, what: str) -> None:
        """Note something that the contract rules out."""
        if len(self.contradictions) < MOST_CONTRADICTIONS:
            self.contradictions.append(what)

    def refuse(self, error: Error | None) -> None:
        if error is not None:
            self.refused[error.code] += 1

    @property
    def errors(self) -> int:
        """Refusals other than an empty queue, voids and contradictions."""
        expected = self.refused[Code.NOTHING_WAITING]
        return self.refused.total() - expected + self.void + len(self.contradictions)

    def as_json(self) -> dict[str, Any]:
        """The figures by name."""
        return {
            "issued": self.issued, "called": self.called, "completed": self.completed, "no_shows": self.no_shows,
            "answers": self.answers, "repeats": self.repeats, "void": self.void, "refused": dict(self.refused),
            "elapsed_s": round(self.elapsed_s, 3), "tickets_per_s": round(self.per_second, 1),
            "wait_p50_s": _share(self.waits_s, 0.5), "wait_p90_s": _share(self.waits_s, 0.9),
            "latency_p50_ms": _share(self.latencies_ms, 0.5), "latency_p99_ms": _share(self.latencies_ms, 0.99),
            "latency_max_ms": _share(self.latencies_ms, 1.0), "contradictions": self.contradictions,
        }  # fmt: skip

    @property
    def per_second(self) -> float:
        return self.issued / self.elapsed_s if self.elapsed_s else 0.0


class Judge:
    """Watches what the branch says for things that cannot be: a number twice, a ticket in two hands, `seq` going back."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._numbers: dict[str, list[tuple[str, str]]] = {}
        self._seqs: dict[str, int] = {}
        self._days_closed: list[str] = []

    def joined(self, number: str, ticket: str, joined_at: str) -> None:
        self._numbers.setdefault(number, []).append((joined_at, ticket))

    def day_closed(self, at: str) -> None:
        self._days_closed.append(at)

    def seq(self, topic: str, seq: int, live: bool) -> bool:
        """Whether a payload of a retained topic is news. `live` is false for a retained or repeated delivery."""
        last = self._seqs.get(topic, -1)
        if seq < last and live:
            self._tally.contradict(f"{topic}: seq went back from {last} to {seq}")
        self._seqs[topic] = max(last, seq)
        return seq >= last

    def board(self, board: Board) -> None:
        hands = Counter(call.ticket for call in board.calls)
        counters = Counter(call.counter for call in board.calls)
        for ticket, count in hands.items():
            if count > 1:
                self._tally.contradict(f"board {board.seq}: ticket {ticket} is in {count} hands")
        for counter, count in counters.items():
            if count > 1:
                self._tally.contradict(f"board {board.seq}: counter {counter} has {count} tickets in hand")

    def close(self) -> None:
        """Judge the numbers: the same one may come again only after the day was closed in between."""
        for number, tickets in self._numbers.items():
            ordered = sorted(tickets)
            for (earlier_at, earlier), (later_at, later) in pairwise(ordered):
                if earlier != later and not any(earlier_at <= at <= later_at for at in self._days_closed):
                    self._tally.contradict(f"number {number} was given to tickets {earlier} and {later}")


def progress(tally: Tally, waiting: int) -> str:
    """One line on how far the run is."""
    return (
        f"{tally.issued} tickets, {waiting} waiting, {tally.called} calls, {tally.errors} errors, "
        f"{tally.per_second:.1f} tickets/s"
    )


def report(tally: Tally) -> str:
    """The figures for people, at the end."""
    waits, latencies = tally.waits_s, tally.latencies_ms
    refused = ", ".join(f"{code} {count}" for code, count in sorted(tally.refused.items())) or "none"
    lines = [
        f"tickets        {tally.issued} issued, {tally.called} calls, {tally.completed} completed, {tally.no_shows} no-shows",
        f"refused        {refused}",
        f"waits          p50 {_share(waits, 0.5) / 60:.1f} min, p90 {_share(waits, 0.9) / 60:.1f} min (simulated)",
        f"replies (ms)   p50 {_share(latencies, 0.5):.2f}, p99 {_share(latencies, 0.99):.2f}, max {_share(latencies, 1.0):.2f}",
        f"commands       {tally.answers} answered, {tally.repeats} repeats, {tally.void} void",
        f"speed          {tally.per_second:.1f} tickets/s over {tally.elapsed_s:.1f} s",
    ]
    lines += [f"CONTRADICTION  {what}" for what in tally.contradictions]
    return "\n".join(lines) + "\n"


def _share(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile; 0 where there is none."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3) if ordered else 0.0
