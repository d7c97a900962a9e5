"""The requests of boxes that would like to join: in memory, bounded, soon gone. Pure: time and chance are arguments.

Nothing here gives anything away. A request only becomes a device's after `approve`, and whoever asks for it must know the nonce
that the box has revealed.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from branch_server.web.joining.limits import Allowance, WrongCodes
from foleni.messages.joining import BoxKind, Commit, Granted, code, commitment

REQUEST_S = 600.0
"""So long a box may be asked about."""
SILENT_S = 60.0
"""Whoever is not heard for so long has gone."""
DELIVERY_S = 180.0
"""So long an approved box can fetch what it was given, also when its request was about to end."""
MOST_OPEN = 20
MOST_FROM_ONE = 8
"""So many of them from one address: a counter's box may ask for several units."""

Random32 = Callable[[], str]
"""32 random bytes in hexadecimal."""


class Stage(StrEnum):
    COMMITTED = "committed"
    ASKING = "asking"
    """It has revealed its key, so there is a code."""
    APPROVED = "approved"
    REFUSED = "refused"


_SHOWN = frozenset({Stage.ASKING, Stage.APPROVED})
_WAITING = frozenset({Stage.COMMITTED, Stage.ASKING})


class BookError(Exception):
    """What a box asked for cannot be; `again_s` says when to try again, where that makes sense."""

    def __init__(self, reason: str, again_s: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again_s = again_s


class FullError(BookError):
    """There are too many requests now."""


class UnknownError(BookError):
    """There is no such request, or it is somebody else's: both look alike from outside."""


class UnfitError(BookError):
    """What was revealed is not what the box had committed itself to."""


class WrongCodeError(BookError):
    """No box shows this code; `left` more tries before joining is closed for a while."""

    def __init__(self, reason: str, left: int, again_s: float | None = None) -> None:
        super().__init__(reason, again_s)
        self.left = left


@dataclass(slots=True)
class Asked:
    """One box's request. `box_key` is the SHA-256 of its public key; times are of a monotonic clock, in seconds."""

    id: str
    kind: BoxKind
    box: str
    version: str
    address: str
    at: float
    commit: str
    server_nonce: str
    ends_at: float
    heard_at: float
    since: str = ""
    """When it asked, as pages tell it."""
    stage: Stage = Stage.COMMITTED
    box_nonce: str = field(default="", repr=False)
    csr: bytes = b""
    box_key: str = ""
    code: str = field(default="", repr=False)
    device: str = ""
    reason: str = ""
    given: Granted | None = None
    """What it has got: a box that asks once more, because the answer was lost, gets the same."""


@dataclass(frozen=True, slots=True)
class Revealed:
    """A signing request: as it came (PEM), in DER, and the SHA-256 of its public key."""

    pem: bytes
    der: bytes
    key: str


class Book:
    """All requests of one branch; `ca` is its authority in DER. For one thread."""

    def __init__(self, ca: bytes, random32: Random32, new_id: Callable[[], str]) -> None:
        self._ca = ca
        self._random32 = random32
        self._new_id = new_id
        self._asked: dict[str, Asked] = {}
        self._codes = Allowance()
        self._wrong = WrongCodes()

    def open(self, commit: Commit, address: str, now: float, since: str = "") -> Asked:
        """A new request. Raises `FullError`: nobody who asks honestly is pushed out by somebody else."""
        self._sweep(now)
        self._check_closed(now)
        self._make_room(address)
        wait_s = self._codes.wait_s(now)
        if wait_s > 0:
            raise FullError("too many boxes have asked in a short time", wait_s)
        asked = Asked(
            self._new_id(), commit.kind, _shown(commit.box), _shown(commit.version), address, now, commit.commit,
            self._random32(), ends_at=now + REQUEST_S, heard_at=now, since=since,
        )  # fmt: skip
        self._asked[asked.id] = asked
        return asked

    def reveal(self, request: str, revealed: Revealed, nonce: str, now: float) -> Asked:
        """The box opens what it had committed itself to; from now on there is a code. The same twice is done once.

        Raises `UnknownError`, and `UnfitError`: then the request is dead.
        """
        asked = self._known(request, now)
        if asked.stage is not Stage.COMMITTED:
            if _is(asked.box_nonce, nonce) and asked.csr == revealed.pem:
                return asked
            raise UnfitError("this request has revealed something else already")
        if not _is(asked.commit, commitment(revealed.der, nonce)):
            del self._asked[request]
            raise UnfitError("this is not what the box had committed itself to")
        asked.stage, asked.heard_at = Stage.ASKING, now
        asked.csr, asked.box_nonce, asked.box_key = revealed.pem, nonce, revealed.key
        asked.code = code(self._ca, revealed.der, nonce, asked.server_nonce)
        return asked

    def ask(self, request: str, nonce: str, now: float) -> Asked:
        """A box asks how it stands. Raises `UnknownError`, also where the nonce is not the box's."""
        asked = self._known(request, now)
        if asked.stage is Stage.COMMITTED or not _is(asked.box_nonce, nonce):
            raise UnknownError("there is no such request")
        asked.heard_at = now
        return asked

    def waiting(self, now: float) -> list[Asked]:
        """The boxes that wait for somebody, the first one first."""
        self._sweep(now)
        return self._asking()

    def by_code(self, given: str, now: float) -> Asked:
        """The box that shows this code, also where it is approved already. A wrong one counts, and after some of them all
        requests end and joining is closed for a while. Raises `WrongCodeError`.
        """
        self._sweep(now)
        self._check_closed(now)
        fitting = [asked for asked in self._asked.values() if asked.stage in _SHOWN and _is(asked.code, given)]
        if len(fitting) == 1:
            self._wrong.forget()
            return fitting[0]
        left = self._wrong.count(now)
        if left == 0:
            self._end_all("closed")
        self._check_closed(now)
        raise WrongCodeError("no box shows this code", left)

    def approve(self, request: str, device: str, now: float) -> Asked:
        """This box is that device from now on. Twice is done once. Raises `UnknownError`; and for another device, or after a
        refusal, too.
        """
        asked = self._known(request, now)
        if asked.stage is Stage.ASKING:
            for other in self._asked.values():
                if other.device == device and other.stage is Stage.APPROVED:
                    other.stage, other.reason, other.given = Stage.REFUSED, "replaced", None
            asked.stage, asked.device = Stage.APPROVED, device
            asked.ends_at = max(asked.ends_at, now + DELIVERY_S)
            self._codes.give_back()
        if asked.stage is not Stage.APPROVED or asked.device != device:
            raise UnknownError("this box waits no longer")
        return asked

    def refuse(self, request: str, now: float, reason: str = "refused") -> Asked:
        """Nothing is given to this box, whatever was to be; it may ask anew. Raises `UnknownError`."""
        asked = self._known(request, now)
        asked.stage, asked.reason, asked.given = Stage.REFUSED, reason, None
        return asked

    def closed_s(self, now: float) -> float:
        """For how long joining is closed after wrong codes; 0 where it is open."""
        return self._wrong.closed_s(now)

    def _asking(self) -> list[Asked]:
        return [asked for asked in self._asked.values() if asked.stage is Stage.ASKING]

    def _known(self, request: str, now: float) -> Asked:
        self._sweep(now)
        asked = self._asked.get(request)
        if asked is None:
            raise UnknownError("there is no such request")
        return asked

    def _sweep(self, now: float) -> None:
        for asked in list(self._asked.values()):
            is_silent = asked.stage in _WAITING and now - asked.heard_at > SILENT_S
            if now >= asked.ends_at or is_silent:
                del self._asked[asked.id]

    def _make_room(self, address: str) -> None:
        """Those that wait are bounded, and never pushed out. What has been refused is only kept to say so."""
        waiting = [asked for asked in self._asked.values() if asked.stage in _WAITING]
        if len(waiting) >= MOST_OPEN or sum(asked.address == address for asked in waiting) >= MOST_FROM_ONE:
            raise FullError("too many boxes ask at the same time", SILENT_S)
        refused = [asked.id for asked in self._asked.values() if asked.stage is Stage.REFUSED]
        for gone in refused[: max(0, len(refused) - MOST_OPEN)]:
            del self._asked[gone]

    def _check_closed(self, now: float) -> None:
        closed_s = self.closed_s(now)
        if closed_s > 0:
            raise WrongCodeError("joining is closed for a while: too many wrong codes", 0, closed_s)

    def _end_all(self, reason: str) -> None:
        for asked in self._asking():
            asked.stage, asked.reason = Stage.REFUSED, reason
        self._asked = {name: asked for name, asked in self._asked.items() if asked.stage is not Stage.COMMITTED}


def _shown(text: str) -> str:
    """A stranger's words without letters that are not seen, or turn others around."""
    return "".join(letter for letter in text if letter.isprintable())


def _is(kept: str, given: str) -> bool:
    return hmac.compare_digest(kept.encode(), given.encode(errors="replace"))
