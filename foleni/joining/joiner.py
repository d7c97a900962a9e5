"""Brings a box into a branch: a thread that looks, asks, waits and keeps, and tells where it stands."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from foleni.finding import Addresses, Finder, Found, lan_addresses
from foleni.joining import box, keys
from foleni.joining.asking import AskError, FullError, Office, OverError
from foleni.joining.membership import Home, HomeError, Membership, Request
from foleni.joining.requesting import membership_of, open_request
from foleni.joining.stages import (
    AskedFor,
    Broke,
    Chose,
    Full,
    Heard,
    Kept,
    Lost,
    Networked,
    News,
    Opened,
    Over,
    Place,
    Rested,
    Stage,
    Standing,
    Waited,
    after,
    begins,
)
from foleni.link.backoff import Backoff
from foleni.messages.joining import BoxKind, Waiting
from foleni.settings import HostPort

logger = logging.getLogger(__name__)

_LISTEN_S = 3.0
"""So long announcements are listened for before one of them counts as the only one."""
_TURN_S = 1.0
_STOP_S = 0.5
_GRACE_S = 30.0
"""A server that is silent for so long after a request's end will not answer it any more."""
_LONGEST_S = 600
"""No request is open for longer, whatever a server says."""
_EARLY_S, _LONGEST_EARLY_S = 30.0, 300.0
"""So long no new code is made after one that was ended before its time, at first and at most: a stranger in the middle who ends
codes must not get many, or one day two fit.
"""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a box was told about its joining. `belongings` are the files in its data folder that are of its branch."""

    kind: BoxKind
    branch: str | None = None
    server: HostPort | None = None
    belongings: Sequence[str] = ()
    addresses: Addresses = lan_addresses


@dataclass(frozen=True, slots=True)
class Told:
    """What a joiner calls, on its own thread."""

    on_change: Callable[[Standing], object]
    on_joined: Callable[[Membership], object]
    on_dead: Callable[[str], object]
    beat: Callable[[], object]


class Joiner:
    """A part of a program. `choose` and `ask_again` are for the person at the box, from any thread."""

    def __init__(self, home: Home, wishes: Wishes, told: Told, *, is_cut_off: bool = False) -> None:
        self.standing = begins(wishes.branch, wishes.server, is_cut_off=is_cut_off)
        self._home = home
        self._wishes = wishes
        self._told = told
        self._request: Request | None = None
        self._over_at_s = 0.0
        self._is_waited_for = False
        """Whether the server knew the request at the last word: one from before a long power cut is forgotten there."""
        self._heard: SimpleQueue[News | None] = SimpleQueue()
        self._finder = Finder(lambda: self._heard.put(None), addresses=wishes.addresses)
        self._not_before_s = self._listened_at_s = 0.0
        self._full_s = 0
        self._rests = Backoff(2.0, 30.0, floor_s=1.0)
        self._early_s = _EARLY_S
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="joining", daemon=True)

    def start(self) -> None:
        if self._wishes.server is None:
            self._not_before_s = self._listened_at_s = time.monotonic() + _LISTEN_S
            self._finder.start()
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._heard.put(None)
        self._thread.join(_STOP_S)
        if self._wishes.server is None:
            self._finder.stop()

    def choose(self, ca: str) -> None:
        """The branch whose authority has this fingerprint."""
        self._heard.put(Chose(ca))

    def ask_again(self) -> None:
        """A box that was cut off may ask to join anew."""
        self._heard.put(AskedFor())

    def hurry(self) -> None:
        """A person stands at the box: a new code need not wait."""
        self._not_before_s = min(self._not_before_s, self._listened_at_s)
        self._heard.put(None)

    def _run(self) -> None:
        try:
            self._told.on_change(self.standing)
            self._resume()
            while not self._stopping:
                self._told.beat()
                self._hear(Networked(self._own_address()))
                self._listen(self._step())
        except Exception:
            logger.exception("joining died")
            self._told.on_dead("joining died")

    def _own_address(self) -> str | None:
        if self._wishes.server is not None or self._wishes.addresses is lan_addresses:
            return box.own_address(self._wishes.server)
        return next(iter(self._wishes.addresses()), None)

    def _resume(self) -> bool:
        """Go on with what is on the disk: a request that was open when the box was switched off, or a membership that could
        not be read before. Whether the disk can be read.
        """
        wishes = self._wishes
        try:
            request, member = self._home.request(), self._home.member()
        except HomeError as error:
            self._hear(Broke(str(error)))
            return False
        if member is not None and member.fits(wishes.kind, wishes.branch):
            self._told.on_joined(member)
        elif request is not None and wishes.branch in {None, request.branch} and wishes.server in {None, request.server}:
            self._request = request
        return True

    def _listen(self, for_s: float) -> None:
        """Hear what people and the LAN say, at least for a moment, until it is time for the next step."""
        deadline = time.monotonic() + for_s
        while not self._stopping and (left_s := deadline - time.monotonic()) > 0:
            self._told.beat()
            try:
                news = self._heard.get(timeout=min(left_s, _TURN_S))
            except Empty:
                continue
            if news is None:
                return
            before = self.standing
            self._hear(news)
            if self.standing is not before:
                return

    def _hear(self, news: News) -> None:
        before, self.standing = self.standing, after(self.standing, news)
        if self.standing != before:
            if self.standing.stage is not before.stage:
                reason = f": {self.standing.reason}" if self.standing.reason else ""
                logger.info("joining: %s%s", self.standing.stage, reason)
            self._told.on_change(self.standing)

    def _step(self) -> float:
        """Do what the stage asks for; for how many seconds there is nothing more to do."""
        match self.standing.stage:
            case Stage.LOOKING | Stage.CHOOSING:
                return self._look()
            case Stage.ASKING:
                return self._ask()
            case Stage.SHOWING:
                return self._wait_for_answer()
            case Stage.AWAY | Stage.FULL | Stage.BROKEN:
                self._listen_only(max(self._rests.next_s(), self._full_s))
                self._full_s = 0
                if self.standing.stage is not Stage.BROKEN or self._resume():
                    self._hear(Rested())
                return 0.0
        return _TURN_S

    def _listen_only(self, for_s: float) -> None:
        deadline = time.monotonic() + for_s
        while not self._stopping and time.monotonic() < deadline:
            self._listen(deadline - time.monotonic())

    def _look(self) -> float:
        if self._request is not None and self.standing.stage is Stage.LOOKING:
            request = self._request
            self._over_at_s, self._is_waited_for = time.monotonic() + _LONGEST_S + _GRACE_S, False
            self._hear(Opened(request.code, Place(request.server, request.branch, keys.fingerprint(request.ca), request.name)))
            return 0.0
        if (rest_s := self._not_before_s - time.monotonic()) > 0:
            return rest_s
        self._hear(Heard(_places(self._finder.found), is_all=True))
        return 0.0 if self.standing.stage is Stage.ASKING else _TURN_S

    def _ask(self) -> float:
        """A new request with a new key."""
        place = self.standing.place
        assert place is not None
        try:
            self._request, expires_s = open_request(self._home, place, self._wishes.kind)
        except HomeError as error:
            self._hear(Broke(str(error)))
        except FullError as error:
            logger.info("joining: %s", error)
            self._full_s = error.rest_s
            self._hear(Full())
        except OverError as error:
            logger.info("joining: %s", error)
            self._begin_anew(str(error))
        except (AskError, keys.CertificateError) as error:
            self._hear(Lost(str(error)))
        else:
            self._over_at_s = time.monotonic() + min(expires_s, _LONGEST_S) + _GRACE_S
            self._is_waited_for = True
            self._rests.reset()
            found = Place(place.at, self._request.branch, keys.fingerprint(self._request.ca), self._request.name)
            self._hear(Opened(self._request.code, found))
        return 0.0

    def _wait_for_answer(self) -> float:
        request = self._request
        if request is None:
            self._hear(Over("there is no request"))
            return 0.0
        try:
            answer = Office(request.server, request.ca, request.server_name).answer(request.request, request.nonce)
            if isinstance(answer, Waiting):
                self._over_at_s = min(self._over_at_s, time.monotonic() + answer.expires_s + _GRACE_S)
                self._is_waited_for = True
                self._hear(Waited())
                return float(answer.again_s)
            self._keep(membership_of(request, answer, self._wishes.kind))
        except HomeError as error:
            self._hear(Broke(str(error)))
        except (OverError, keys.CertificateError) as error:
            self._give_up(str(error))
        except AskError as error:
            if time.monotonic() >= self._over_at_s:
                self._give_up(f"no answer in time: {error}")
            self._hear(Lost(str(error)))
        return _TURN_S

    def _keep(self, member: Membership) -> None:
        """Raises `HomeError`. The power may go at any line: then the branch is asked again, and grants the same."""
        former = self._home.member()
        if former is not None and former.identity != member.identity:
            self._home.leave(self._wishes.belongings)
        self._home.keep(member)
        self._home.drop_request()
        self._request = None
        self._hear(Kept())
        self._told.on_joined(member)

    def _give_up(self, why: str) -> None:
        self._request = None
        try:
            self._home.drop_request()
        except HomeError as error:
            logger.warning("%s", error)
        was_early = self._is_waited_for and self._over_at_s - _GRACE_S - time.monotonic() > _GRACE_S
        self._begin_anew(why, self._early_s if was_early else 0.0)
        if was_early:
            self._early_s = min(2 * self._early_s, _LONGEST_EARLY_S)

    def _begin_anew(self, why: str, rest_s: float = 0.0) -> None:
        self._not_before_s = time.monotonic() + max(rest_s, self._rests.next_s())
        self._hear(Over(why))


def _places(found: Sequence[Found]) -> tuple[Place, ...]:
    return tuple(
        Place(HostPort(each.host, each.port), each.branch, each.ca, each.name) for each in found if each.role == "primary"
    )
