"""Who of two servers may serve. Pure: time is an argument, in seconds of a clock that never stops or goes back.

Three parties, none of whom trusts a message that is late:

- The server that serves (`Lease`) may go on while its standby acknowledges. Without it, and where the standby takes over by
  itself, it must have asked half of the witnesses within the last `LEASE_S`, and been answered: what counts is when it asked.
- The standby (`Patience`) takes over by itself where the other has been silent for its whole patience, and more than half of
  the witnesses have been away from the other just as long. A witness that says so stays for a while.
- A device (`foleni.station.loyalty`) is at one server at a time, and a witness of that one only.

The two halves cannot be apart by less than a patience less a lease. After `WINDOW_S` without the standby the first server is
free: the standby's right to take over by itself has ended before that.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

LEASE_S = 6.0
LEAST_PATIENCE_S = 15.0
"""More than a lease, a word's age, and what two clocks may differ by in that time."""
FRESH_S = 4.0
"""So old may a witness's word be that the standby acts upon."""
WINDOW_S = 600.0
FREE_AFTER_S = 720.0
ALONE_AFTER_S = 30.0
"""A branch that had no devices has no witnesses: so long is the other one looked for."""
MARGIN = 20
"""So many numbers of each series are left out when a server takes over from one that it could not ask."""
MOST_SKIPPED = 10_000
"""More than any series gives in a day. A standby that was off for weeks is behind by far more events, and a device that is
not honest may have heard of any number: neither is to keep it from serving."""


class Lease:
    """Whether the server that serves may go on. Once it may not, only the other's word, or a person's, brings it back.

    It begins free: a standby takes over by itself only from a server that it was attached to.
    """

    def __init__(self) -> None:
        self.is_over = False
        self._attached = self._strict = False
        self._witnesses: frozenset[str] = frozenset()
        self._also: frozenset[str] = frozenset()
        self._since = self._lost_at = 0.0
        self._asked_at: dict[str, float] = {}

    def attach(self, witnesses: Collection[str], now: float, *, is_strict: bool) -> None:
        """The standby has everything, or is about to; `is_strict` where it takes over by itself."""
        self._attached, self._strict, self._since = True, is_strict, now
        self._witnesses = self._also = frozenset(witnesses)

    def acknowledged(self, sent_at: float) -> None:
        """The standby has kept what was sent to it at that time."""
        self._since = max(self._since, sent_at)

    def agree(self, witnesses: Collection[str]) -> None:
        """The standby knows these witnesses now."""
        self._witnesses = frozenset(witnesses)

    def detach(self, now: float, also: Collection[str] = ()) -> None:
        """The standby is lost. It may know of other witnesses than it has said (`also`): neither of the two lists may be lost
        then. All count as asked when it acknowledged last."""
        if self._attached:
            self._attached, self._lost_at = False, now
            self._also = frozenset(also)
            self._asked_at = dict.fromkeys(self._witnesses | self._also, self._since)

    def heard(self, witness: str, asked_at: float) -> None:
        """A witness has answered a question of that time."""
        self._asked_at[witness] = max(asked_at, self._asked_at.get(witness, asked_at))

    def may_serve(self, now: float) -> bool:
        """Ask before each answer, too."""
        if self._strict and self._attached and now - self._since > LEASE_S:
            self.is_over = True
        elif self._strict and not self._attached and not self.is_over:
            if now - self._since >= FREE_AFTER_S:
                self._strict = False
            else:
                self.is_over = not (self._half_of(self._witnesses, now) and self._half_of(self._also, now))
        return not self.is_over

    def may_answer(self, now: float) -> bool:
        """Whether somebody may be told what was done. After the standby was lost, not before half of the witnesses were asked
        anew: what a server answers that is cut off already, the standby that takes over would not have."""
        if not self.may_serve(now) or self._attached or not self._strict:
            return not self.is_over
        return self._asked_anew(self._witnesses) and self._asked_anew(self._also)

    @property
    def is_free(self) -> bool:
        """Whether the standby cannot take over by itself."""
        return not self._strict

    def _asked_anew(self, witnesses: frozenset[str]) -> bool:
        return 2 * sum(self._asked_at.get(each, self._lost_at) > self._lost_at for each in witnesses) >= len(witnesses)

    def _half_of(self, witnesses: frozenset[str], now: float) -> bool:
        return 2 * sum(now - self._asked_at.get(each, float("-inf")) <= LEASE_S for each in witnesses) >= len(witnesses)


class Return:
    """Whether a server that served before it was restarted may go on though the other cannot be asked: where the other never
    takes over by itself, and half of the witnesses are here and have seen no higher term."""

    def __init__(self, witnesses: Collection[str], now: float) -> None:
        self._witnesses = frozenset(witnesses)
        self._began = now
        self._asked_at: dict[str, float] = {}

    def heard(self, witness: str, asked_at: float) -> None:
        self._asked_at[witness] = asked_at

    def may_serve(self, now: float) -> bool:
        if not self._witnesses:
            return now - self._began >= ALONE_AFTER_S
        here = sum(now - self._asked_at.get(witness, float("-inf")) <= LEASE_S for witness in self._witnesses)
        return now - self._began >= LEASE_S and 2 * here >= len(self._witnesses)


@dataclass(frozen=True, slots=True)
class Word:
    """What a witness said when the standby asked it at `asked_at`."""

    asked_at: float
    away_s: float | None
    term: int
    seq: int


class Patience:
    """Whether the standby may take over by itself."""

    def __init__(self, patience_s: float) -> None:
        """0 for never."""
        self.patience_s = patience_s
        self._witnesses: frozenset[str] = frozenset()
        self._attached = False
        self._heard_at = 0.0
        self._words: dict[str, Word] = {}

    @property
    def is_attached(self) -> bool:
        """Whether everything was here when the other was heard last."""
        return self._attached

    def attach(self, now: float) -> None:
        self._attached, self._heard_at = True, now

    def behind(self) -> None:
        """Not everything is here, or the other was told that it may serve."""
        self._attached = False

    def heard(self, now: float) -> None:
        """The other has spoken."""
        self._heard_at = now

    def agree(self, witnesses: Collection[str]) -> None:
        """Who was online when both servers agreed last."""
        self._witnesses = frozenset(witnesses)

    def says(self, witness: str, word: Word) -> None:
        self._words[witness] = word

    def silent_s(self, now: float) -> float:
        return now - self._heard_at

    def may_take_over(self, now: float, term: int, seq: int) -> bool:
        """Whether it may begin the term after `term` with a log that ends at `seq`."""
        if not self.patience_s or not self._attached or not self.patience_s <= self.silent_s(now) <= WINDOW_S:
            return False
        if any(word.term > term or word.seq > seq for word in self._fresh(now).values()):
            return False
        away = sum(
            word.away_s is not None and word.away_s >= self.patience_s
            for witness, word in self._fresh(now).items()
            if witness in self._witnesses
        )
        return 2 * away > len(self._witnesses)

    def known_ahead(self, seq: int) -> int:
        """By how much the log is behind what any witness has heard of."""
        return max((word.seq - seq for word in self._words.values()), default=0)

    def _fresh(self, now: float) -> Mapping[str, Word]:
        return {witness: word for witness, word in self._words.items() if now - word.asked_at <= FRESH_S}


def skipped(*, is_certain: bool, ahead: int) -> int:
    """How many numbers of each series are left out: every number that may have been given needs an event of its own."""
    return 0 if is_certain else min(MARGIN + max(0, ahead), MOST_SKIPPED)
