"""What people are told of tickets, branches and services: read in one transaction, drawn from what the branch last told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select

from cloud.queues.places import BranchView, ServiceView, branch, branches, services
from cloud.queues.status import ACTIVE, Status, is_live
from cloud.queues.surroundings import Surroundings, surroundings
from cloud.store.tables import tickets
from foleni.messages.base import Message
from foleni.times import DAY_US, Instant, WireTime

__all__ = [
    "BranchView", "ServiceView", "TicketView", "active_of", "branch", "branches", "by_key", "draw", "history_of_user",
    "of_user", "services", "view_of",
]  # fmt: skip

TicketRow = Row[Any]
_MOST = 50
_FORGOTTEN_US = 7 * DAY_US
"""A number of our own series that no branch has taken in for so long is worth nothing any more."""


class TicketView(Message):
    """A ticket as its customer may see it. `id` is ours, `token` the unguessable key of its page `url`; while the branch is
    being asked `status` is `asked` and `number` None. `provisional`: a number of our own series, which the branch has not
    taken in yet. `ahead`, `position` and waits (seconds) are there while it waits. `live`: the branch is connected, else it
    was last heard at `heard_at`. `cancel_wanted`: given up, which the branch does not know yet.
    """

    id: str
    token: str
    url: str
    branch: str
    service: str
    number: str | None = None
    status: Status
    ahead: int | None = None
    position: int | None = None
    wait_p50_s: int | None = None
    wait_p90_s: int | None = None
    counter: str | None = None
    counter_label: str | None = None
    channel: str
    priority: str
    joined_at: WireTime
    appointment: WireTime | None = None
    checked_in_at: WireTime | None = None
    called_at: WireTime | None = None
    ended_at: WireTime | None = None
    calls: int = 0
    skips: int = 0
    provisional: bool = False
    cancel_wanted: bool = False
    refusal: str | None = None
    stars: int | None = None
    language: str | None = None
    live: bool = False
    heard_at: WireTime | None = None


def view_of(c: Connection, row: TicketRow, now: Instant) -> TicketView:
    """The view of a row of `tickets`."""
    ahead = _ahead(c, row) if row.status == Status.WAITING and row.rank_at is not None else None
    return draw(row, surroundings(c, row.branch), ahead, now)


def draw(row: TicketRow, around: Surroundings, ahead: int | None, now: Instant) -> TicketView:
    """The view of a row with so many people ahead; pure."""
    waits = row.status == Status.WAITING
    wait = around.wait(row.service, ahead) if ahead is not None else None
    return TicketView(
        id=row.id, token=row.token, url=f"/t/{row.token}", branch=row.branch, service=row.service, number=row.number,
        status=Status(row.status), ahead=ahead, position=None if ahead is None else ahead + 1,
        wait_p50_s=wait[0] if wait else None, wait_p90_s=wait[1] if wait else None,
        counter=None if waits else row.counter, counter_label=None if waits else around.label_of(row.counter),
        channel=row.channel, priority=row.priority, joined_at=row.joined_at, appointment=row.appointment,
        checked_in_at=row.checked_in_at, called_at=None if waits else row.called_at, ended_at=row.ended_at, calls=row.calls,
        skips=row.skips, provisional=row.provisional, cancel_wanted=row.cancel_wanted, refusal=row.refusal, stars=row.stars,
        language=row.language, live=is_live(around.heard_at, now), heard_at=around.heard_at,
    )  # fmt: skip


def by_key(c: Connection, key: str) -> TicketRow | None:
    """The row of a ticket by its token, or else its id."""
    found = c.execute(select(tickets).where(tickets.c.token == key)).one_or_none()
    return found or c.execute(select(tickets).where(tickets.c.id == key)).one_or_none()


def active_of(c: Connection, phone: str, now: Instant) -> list[TicketView]:
    """The tickets that a phone has now, at all branches, the newest first."""
    return _views(c, _active(c, tickets.c.phone == phone, now), now)


def of_user(c: Connection, user: str, phone: str | None, now: Instant) -> list[TicketView]:
    """The tickets that somebody has now: joined when signed in, or by this phone."""
    return _views(c, _active(c, _mine(user, phone), now), now)


def history_of_user(c: Connection, user: str, phone: str | None, now: Instant) -> list[TicketView]:
    """The tickets of somebody that are over, the newest first."""
    over = select(tickets).where(_mine(user, phone), tickets.c.status.not_in(ACTIVE))
    return _views(c, c.execute(over.order_by(tickets.c.joined_at.desc()).limit(_MOST)).all(), now)


def active_at(c: Connection, branch: str, phone: str, now: Instant) -> TicketRow | None:
    """The ticket that stands in the way of another one of this phone at this branch."""
    return next(iter(_active(c, and_(tickets.c.branch == branch, tickets.c.phone == phone), now)), None)


def _active(c: Connection, whose: Any, now: Instant) -> Sequence[TicketRow]:
    known = or_(tickets.c.ticket.is_not(None), tickets.c.joined_at > now - _FORGOTTEN_US)
    wanted = select(tickets).where(whose, tickets.c.status.in_(ACTIVE), tickets.c.cancel_wanted.is_(False), known)
    return c.execute(wanted.order_by(tickets.c.joined_at.desc()).limit(_MOST)).all()


def _mine(user: str, phone: str | None) -> Any:
    return tickets.c.user == user if phone is None else or_(tickets.c.user == user, tickets.c.phone == phone)


def _views(c: Connection, rows: Sequence[TicketRow], now: Instant) -> list[TicketView]:
    return [view_of(c, row, now) for row in rows]


def _ahead(c: Connection, row: TicketRow) -> int:
    """How many of the same queue are called before it."""
    earlier = or_(tickets.c.rank_at < row.rank_at, and_(tickets.c.rank_at == row.rank_at, tickets.c.id < row.id))
    queue = (tickets.c.branch == row.branch, tickets.c.service == row.service, tickets.c.status == Status.WAITING)
    return int(c.execute(select(func.count()).select_from(tickets).where(*queue, earlier)).scalar_one())


@dataclass(frozen=True, slots=True)
class Fresh:
    """What a branch has just answered; newer than our picture of it."""

    ahead: int | None = None
    wait_p50_s: int | None = None
    wait_p90_s: int | None = None

    def on(self, view: TicketView) -> TicketView:
        if self.ahead is None or view.status is not Status.WAITING:
            return view
        return view.model_copy(update={
            "ahead": self.ahead, "position": self.ahead + 1, "wait_p50_s": self.wait_p50_s, "wait_p90_s": self.wait_p90_s,
        })  # fmt: skip
