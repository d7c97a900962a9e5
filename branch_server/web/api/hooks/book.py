"""What is kept of webhooks: who gets which events, and what came of each delivery."""

import json
import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, and_, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from branch_server.web.store.hooks_tables import deliveries, hook_cursor, hooks
from foleni.times import DAY_US

MOST_WAITING = 10_000
"""So many deliveries may wait for one hook; of more the oldest are dropped, which its log shows."""
KEPT_US = 7 * DAY_US
"""So long the log keeps what is done with,"""
MOST_KEPT = 2000
"""and so many deliveries of each hook."""
GIVES_UP_US = DAY_US


@dataclass(frozen=True, slots=True)
class Hook:
    """`events` are the public types that it gets; empty is all of them. Times are microseconds."""

    id: str
    url: str
    events: tuple[str, ...]
    secret: str
    active: bool
    after: int
    made_at: int
    made_by: str
    failing_since: int | None
    switched_off: str | None

    def wants(self, event_type: str) -> bool:
        return not self.events or event_type in self.events


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one hook. `state` is `waiting`, `delivered`, `given_up` or `dropped`."""

    n: int
    hook: str
    event: str
    type: str
    payload: str
    state: str
    attempts: int
    made_at: int
    next_at: int
    done_at: int | None
    status: int | None
    fault: str | None


@dataclass(frozen=True, slots=True)
class News:
    """A public event, ready to be sent."""

    seq: int
    id: str
    type: str
    payload: str


class HookBook:
    """Webhooks and their deliveries in `web.db`; for any thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> list[Hook]:
        with self._engine.connect() as connection:
            return [_hook(row) for row in connection.execute(select(hooks).order_by(hooks.c.made_at)).mappings()]

    def get(self, hook: str) -> Hook | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(hooks).where(hooks.c.id == hook)).mappings().first()
        return _hook(row) if row is not None else None

    def add(self, url: str, events: Sequence[str], made_by: str, after: int, *, active: bool = True) -> Hook:
        """A new hook, for the events behind number `after`."""
        hook = Hook(secrets.token_hex(4), url, tuple(events), new_secret(), active, after, now_us(), made_by, None, None)
        with self._engine.begin() as connection:
            connection.execute(insert(hooks), _row(hook))
        return hook

    def change(self, hook: Hook, url: str, events: Sequence[str], newest: int, *, active: bool) -> None:
        """What a person changes. Its failures are forgotten, and what waits is tried at once; of what happened while it was
        off, up to event `newest`, it is told nothing.
        """
        values: dict[str, Any] = {"url": url, "events": json.dumps(list(events)), "active": int(active), "switched_off": None}
        if active and not hook.active:
            values["after"] = newest
        with self._engine.begin() as connection:
            connection.execute(update(hooks).where(hooks.c.id == hook.id).values(**values, failing_since=None))
            connection.execute(update(deliveries).where(_waits(hook.id)).values(next_at=now_us()))

    def renew_secret(self, hook: str) -> str:
        """A new secret, which counts from the next attempt on."""
        secret = new_secret()
        with self._engine.begin() as connection:
            connection.execute(update(hooks).where(hooks.c.id == hook).values(secret=secret))
        return secret

    def remove(self, hook: str) -> None:
        """Forgets a hook, with what waits for it."""
        with self._engine.begin() as connection:
            connection.execute(delete(deliveries).where(deliveries.c.hook == hook))
            connection.execute(delete(hooks).where(hooks.c.id == hook))

    def cursor(self) -> int | None:
        """Up to which event deliveries are written; None where none ever were."""
        with self._engine.connect() as connection:
            return connection.execute(select(hook_cursor.c.seq)).scalar()

    def take(self, news: Iterable[News], cursor: int) -> set[str]:
        """Writes the deliveries of some events and moves the cursor, both or neither. The hooks that got something."""
        now, active = now_us(), [hook for hook in self.all() if hook.active]
        rows = [_waiting(hook.id, one, now) for one in news for hook in active if hook.wants(one.type) and one.seq > hook.after]
        with self._engine.begin() as connection:
            moved = upsert(hook_cursor).values(id=1, seq=cursor)
            connection.execute(moved.on_conflict_do_update(index_elements=["id"], set_={"seq": cursor}))
            if rows:
                connection.execute(insert(deliveries), rows)
        touched = {str(row["hook"]) for row in rows}
        for hook in touched:
            self._bound(hook)
        return touched

    def put(self, hook: str, one: News) -> int:
        """Writes one delivery by itself, such as a test; its number."""
        with self._engine.begin() as connection:
            made = connection.execute(insert(deliveries), _waiting(hook, one, now_us()))
            assert made.inserted_primary_key is not None
            return int(made.inserted_primary_key[0])

    def delivery(self, hook: str, n: int) -> Delivery | None:
        with self._engine.connect() as connection:
            wanted = select(deliveries).where(deliveries.c.hook == hook, deliveries.c.n == n)
            row = connection.execute(wanted).mappings().first()
        return Delivery(**row) if row is not None else None

    def deliveries(self, hook: str, before: int | None = None, most: int = 50) -> list[Delivery]:
        """The log of a hook, the newest first."""
        wanted = select(deliveries).where(deliveries.c.hook == hook).order_by(deliveries.c.n.desc()).limit(most)
        if before is not None:
            wanted = wanted.where(deliveries.c.n < before)
        with self._engine.connect() as connection:
            return [Delivery(**row) for row in connection.execute(wanted).mappings()]

    def due(self, hook: str, now: int) -> Delivery | None:
        """The oldest delivery that may be tried now."""
        wanted = select(deliveries).where(_waits(hook), deliveries.c.next_at <= now).order_by(deliveries.c.n).limit(1)
        with self._engine.connect() as connection:
            row = connection.execute(wanted).mappings().first()
        return Delivery(**row) if row is not None else None

    def next_due(self, hook: str) -> int | None:
        """When the next delivery may be tried; None where none waits."""
        with self._engine.connect() as connection:
            return connection.execute(select(func.min(deliveries.c.next_at)).where(_waits(hook))).scalar()

    def waiting(self, hook: str | None = None) -> int:
        """How many deliveries wait, for one hook or for all."""
        wanted = _waits(hook) if hook is not None else deliveries.c.state == "waiting"
        with self._engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(deliveries).where(wanted)).scalar_one()

    def delivered(self, delivery: Delivery, status: int) -> None:
        """It arrived: the hook fails no longer, and what waits for it need wait no more."""
        now = now_us()
        done = {"state": "delivered", "attempts": delivery.attempts + 1, "done_at": now, "status": status, "fault": None}
        with self._engine.begin() as connection:
            connection.execute(update(deliveries).where(deliveries.c.n == delivery.n).values(**done))
            healed = update(hooks).where(hooks.c.id == delivery.hook, hooks.c.failing_since.is_not(None))
            if connection.execute(healed.values(failing_since=None)).rowcount:
                late = and_(_waits(delivery.hook), deliveries.c.next_at > now)
                connection.execute(update(deliveries).where(late).values(next_at=now))

    def failed(self, delivery: Delivery, status: int | None, fault: str, next_at: int) -> None:
        """It did not arrive. It is tried again at `next_at`, unless that has gone on for a day."""
        now = now_us()
        is_over = now - delivery.made_at >= GIVES_UP_US
        values: dict[str, Any] = {"attempts": delivery.attempts + 1, "status": status, "fault": fault, "next_at": next_at}
        if is_over:
            values |= {"state": "given_up", "done_at": now}
        with self._engine.begin() as connection:
            connection.execute(update(deliveries).where(deliveries.c.n == delivery.n).values(**values))
            first = update(hooks).where(hooks.c.id == delivery.hook, hooks.c.failing_since.is_(None))
            connection.execute(first.values(failing_since=now))

    def switch_off(self, hook: str, why: str) -> None:
        """The house stops sending to a hook."""
        with self._engine.begin() as connection:
            connection.execute(update(hooks).where(hooks.c.id == hook).values(active=0, switched_off=why))

    def clean(self) -> None:
        """Gives up what has waited for a day, and forgets what was done with long ago."""
        now = now_us()
        old = and_(deliveries.c.state == "waiting", deliveries.c.made_at < now - GIVES_UP_US, deliveries.c.attempts > 0)
        with self._engine.begin() as connection:
            connection.execute(update(deliveries).where(old).values(state="given_up", done_at=now))
            connection.execute(delete(deliveries).where(deliveries.c.done_at < now - KEPT_US))
            for hook in connection.execute(select(hooks.c.id)).scalars().all():
                done = and_(deliveries.c.hook == hook, deliveries.c.state != "waiting")
                newest = select(deliveries.c.n).where(done).order_by(deliveries.c.n.desc()).limit(MOST_KEPT)
                connection.execute(delete(deliveries).where(done, deliveries.c.n.not_in(newest)))

    def _bound(self, hook: str) -> None:
        too_many = self.waiting(hook) - MOST_WAITING
        if too_many <= 0:
            return
        oldest = select(deliveries.c.n).where(_waits(hook)).order_by(deliveries.c.n).limit(too_many)
        with self._engine.begin() as connection:
            dropped = update(deliveries).where(deliveries.c.n.in_(oldest.scalar_subquery()))
            connection.execute(dropped.values(state="dropped", done_at=now_us(), fault="too_many"))


def new_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(24)}"


def now_us() -> int:
    return time.time_ns() // 1000


def _waits(hook: str) -> Any:
    return and_(deliveries.c.hook == hook, deliveries.c.state == "waiting")


def _waiting(hook: str, one: News, now: int) -> dict[str, Any]:
    return {
        "hook": hook, "event": one.id, "type": one.type, "payload": one.payload, "state": "waiting", "attempts": 0,
        "made_at": now, "next_at": now,
    }  # fmt: skip


def _hook(row: Any) -> Hook:
    return Hook(**{**row, "events": tuple(json.loads(row["events"])), "active": bool(row["active"])})


def _row(hook: Hook) -> dict[str, Any]:
    return {
        "id": hook.id, "url": hook.url, "events": json.dumps(hook.events), "secret": hook.secret, "active": int(hook.active),
        "after": hook.after, "made_at": hook.made_at, "made_by": hook.made_by,
    }  # fmt: skip
