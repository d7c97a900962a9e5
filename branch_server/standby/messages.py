"""The bodies of the frames between the two servers of a pair."""

from typing import Annotated, Literal

from pydantic import Field

from foleni.messages.base import Message

Role = Literal["primary", "waiting", "standby"]
"""Who serves; who did, and does not know whether it still may; who follows."""


class Mark(Message):
    """How far a log goes: the number and id of its last event."""

    seq: Annotated[int, Field(ge=0)]
    id: str = ""


class Hello(Message):
    """A server that would follow. `answers` and `answer` are the last one that it keeps; `pair` and `mqtt` are the ports where
    it listens itself; `takeover_after_s` is 0 where it never takes over by itself."""

    branch: str
    term: int
    role: Role
    log: Mark
    answers: int = 0
    answer: str = ""
    pair: int = 0
    mqtt: int = 0
    side: int = 0
    takeover_after_s: float = 0.0
    csr: str = ""
    """What it would like to have signed as its server's certificate."""
    names: tuple[str, ...] = ()
    aside: str = ""
    """What it had to put aside of its own, for people."""


class Welcome(Message):
    """`fits` tells whether the follower's log is the beginning of this one."""

    term: int
    fits: bool
    pair: int = 0
    mqtt: int = 0
    certificate: str = ""


class Stands(Message):
    """The answer of a server that does not serve itself."""

    term: int
    role: Role
    log: Mark


class End(Message):
    """All was sent. From here on the follower is `attached`, or there is more to come; older answers are forgotten."""

    attached: bool
    oldest_answer: int = 0
    oldest_snapshot: int = 0


class Ping(Message):
    """`devices` are those that are online now: the witnesses of a takeover."""

    devices: tuple[str, ...] = ()


class Heard(Message):
    """The answer to a ping; `wish` names who asks that the follower shall serve."""

    wish: str = ""


class Ids(Message):
    """Asked: those up to `upto`. Told: the ids of the events up to `upto`, which is the newest there is, the newest first."""

    upto: int
    ids: tuple[str, ...] = ()


class Yield(Message):
    term: int
    by: str
