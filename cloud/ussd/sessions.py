"""The dialogues in the database: one for each phone, so that a caller who was cut off is known again."""

from dataclasses import dataclass, field, replace
from typing import Final

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, delete, select

from cloud.store.database import upserting
from cloud.store.tables import ussd_sessions
from cloud.ussd.state import Screen, State, Wants
from foleni.times import DAY_US, MINUTE_US, Instant

RESUMED_WITHIN_US: Final = 5 * MINUTE_US
KEPT_US: Final = 90 * DAY_US
"""So long a phone's language and branch are remembered after its last call."""
_MOST_GONE = 4


@dataclass(frozen=True, slots=True)
class Doing:
    """Something that a branch was asked for, in the name of `user`, where the caller is one. It is asked again under the same
    `command` until its outcome is noted.
    """

    wants: Wants
    command: str
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """`turn` counts what came in this dialogue, `heard` is the last of it and `answer` what it got; `gone` are the dialogues
    before this one. `changed_at` is a column of its own.
    """

    session: str
    turn: int = 0
    heard: str = ""
    state: State = field(default_factory=State)
    answer: Screen | None = None
    doing: Doing | None = None
    gone: tuple[str, ...] = ()
    changed_at: Instant = Instant(0)

    @property
    def has_ended(self) -> bool:
        return self.answer is not None and self.answer.ends

    def is_fresh(self, now: Instant) -> bool:
        """Whether a caller who dials now goes on where they were."""
        return abs(now - self.changed_at) <= RESUMED_WITHIN_US

    def followed_by(self, session: str, turn: int) -> "Record":
        """The next dialogue of the same phone; its state is that of the last one."""
        gone = (*self.gone, self.session)[-_MOST_GONE:] if self.session and self.session != session else self.gone
        return Record(session, turn, state=self.state, gone=gone)


_records: TypeAdapter[Record] = TypeAdapter(Record)


def load(c: Connection, phone: str, now: Instant) -> Record:
    """The last dialogue of a phone, locked until the transaction ends; one without a session where there was none."""
    empty = _records.dump_json(Record("")).decode()
    c.execute(
        upserting(c, ussd_sessions)
        .values(phone=phone, session="", state=empty, changed_at=now)
        .on_conflict_do_nothing(index_elements=["phone"])
    )
    row = c.execute(select(ussd_sessions).where(ussd_sessions.c.phone == phone).with_for_update()).one()
    try:
        record = _records.validate_json(row.state)
    except ValidationError:  # written by another version of this program
        record = Record(row.session)
    return replace(record, changed_at=Instant(row.changed_at))


def save(c: Connection, phone: str, record: Record, now: Instant) -> None:
    state = _records.dump_json(replace(record, changed_at=now)).decode()
    c.execute(
        ussd_sessions.update().where(ussd_sessions.c.phone == phone).values(session=record.session, state=state, changed_at=now)
    )


def forget(c: Connection, now: Instant) -> int:
    """Erases what was not used for long; how many phones."""
    return c.execute(delete(ussd_sessions).where(ussd_sessions.c.changed_at < now - KEPT_US)).rowcount
