"""However a branch's log comes in, cut, repeated or out of order, the tables say the same in the end."""

import json
from collections.abc import Iterator
from functools import partial
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from branch_server.domain.refusals import Refused
from branch_server.engine.codec import dump_event
from cloud.store.database import Database
from cloud.store.tables import counters, events, pulses, services, tickets
from cloud.sync import kept
from cloud.sync.taking import Taken, checked, take
from foleni.messages import commands as c
from foleni.messages.sync import EventsUp
from foleni.times import Instant, to_wire
from tests.support.cloud import add_branch
from tests.unit.domain.world import World

Json = dict[str, Any]
NOW = Instant(1_795_267_925_000_000)
_names = count(1)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path_factory.mktemp('taking') / 'cloud.sqlite'}", threads=1)
    opened.open()
    yield opened
    opened.close()


def a_day(seed: int) -> World:
    """A branch at which something of everything happened."""
    chance, world = Random(seed), World()
    for _ in range(60):
        tickets_now = list(world.state.tickets) or [world.new_id()]
        ticket, counter = chance.choice(tickets_now), chance.choice(["c1", "c2"])
        service = chance.choice(["cash", "enquiries"])
        asked: list[tuple[type[c.Command], Json]] = [
            (c.Join, {"service": service, "channel": "app"}), (c.Join, {"service": service, "channel": "kiosk"}),
            (c.CallNext, {"counter": counter}), (c.Complete, {"counter": counter}), (c.Skip, {"counter": counter}),
            (c.Park, {"counter": counter}), (c.Undo, {"counter": counter}), (c.Cancel, {"ticket": ticket}),
            (c.Transfer, {"ticket": ticket, "to_service": service}), (c.Rate, {"ticket": ticket, "stars": 4}),
            (c.PauseService, {"service": service}), (c.OpenService, {"service": service}),
            (c.Announce, {"text": {"en": "Welcome"}}), (c.CheckIn, {"ticket": ticket}),
        ]  # fmt: skip
        kind, fields = chance.choice(asked)
        try:
            world.do(kind, **fields)
        except Refused:
            continue
        world.later(chance.choice([1, 20, 600]))
    world.later(days=1)
    return world


LOGS = [[
    {"seq": one.seq, "id": one.id, "type": one.event.type, "at": to_wire(one.at), "at_us": one.at, "steady_us": one.steady,
     "day": one.day, "actor": one.actor, "command": one.command, "data": json.loads(dump_event(one.event))}
    for one in a_day(seed).log
] for seed in range(3)]  # fmt: skip


class Pipe:
    """A branch of its own, through which a log goes."""

    def __init__(self, database: Database, log: list[Json]) -> None:
        self._database = database
        number = next(_names)
        self.branch = f"branch-{number}"
        own = json.dumps(log).replace("00000000-0000-0000-", f"{number:08x}-0000-0000-")
        self.log: list[Json] = json.loads(own)
        self._number = f"{number:08x}-0000-0000-"
        database.run_here(lambda c: add_branch(c, self.branch))

    def tell(self, first: int, last: int, **more: Any) -> Taken:
        message = EventsUp.model_validate({"first": first, "events": self.log[first - 1 : last], **more})
        told = checked(self.branch, message, "https://cloud.example")
        return self._database.run_here(lambda c: take(c, told, NOW))

    def fault(self) -> str:
        wanted = select(pulses.c.fault).where(pulses.c.branch == self.branch)
        return str(self._database.run_here(lambda c: c.execute(wanted).scalar_one()))

    def tables(self) -> list[Any]:
        """All that the fold has made, but for what is drawn by chance."""
        chosen = [
            select(*(column for column in table.c if column.name not in {"token", "branch", "near_told", "heard_at"}))
            .where(table.c.branch == self.branch)
            .order_by(*table.primary_key.columns)
            for table in (tickets, services, counters, pulses, events)
        ]
        rows = self._database.run_here(lambda c: [[list(row) for row in c.execute(one)] for one in chosen])
        return [json.loads(json.dumps(rows).replace(self._number, ""))]


cuts = st.lists(st.tuples(st.integers(1, 90), st.integers(0, 40)), max_size=14)


@settings(max_examples=15)
@given(number=st.integers(0, len(LOGS) - 1), cuts=cuts)
def test_cut_repeated_or_reordered_it_is_the_same_in_the_end(
    database: Database, number: int, cuts: list[tuple[int, int]]
) -> None:
    whole, cut = Pipe(database, LOGS[number]), Pipe(database, LOGS[number])
    end = len(whole.log)
    whole.tell(1, end)
    acked = 0
    for first, length in cuts:
        start = min(first, end)
        taken = cut.tell(start, min(start + length, end))
        assert taken.acked >= acked
        assert not taken.forked
        acked = taken.acked
    assert cut.tell(acked + 1, end).acked == end
    assert cut.tables() == whole.tables()


def test_a_gap_changes_nothing(database: Database) -> None:
    pipe = Pipe(database, LOGS[0])
    pipe.tell(1, 5)
    before = pipe.tables()
    assert pipe.tell(9, 20) == Taken(5)
    assert pipe.tables() == before


def test_a_log_that_was_turned_back_is_refused_whole(database: Database) -> None:
    pipe = Pipe(database, LOGS[0])
    pipe.tell(1, 20)
    before = pipe.tables()
    pipe.log[14] = {**pipe.log[14], "id": "another"}
    taken = pipe.tell(10, 30)
    assert (taken.forked, taken.acked, taken.kept) == (True, 20, 0)
    after = pipe.tables()
    assert pipe.fault() == "forked"
    assert (after[0][0], after[0][4]) == (before[0][0], before[0][4])


def test_a_fork_is_forgotten_when_the_log_fits_again(database: Database) -> None:
    pipe = Pipe(database, LOGS[0])
    pipe.tell(1, 20)
    right = pipe.log[19]
    pipe.log[19] = {**right, "id": "another"}
    assert pipe.tell(20, 21).forked
    pipe.log[19] = right
    assert pipe.tell(20, 21).acked == 21
    assert pipe.fault() == ""


def test_what_was_kept_is_given_back_letter_by_letter(database: Database) -> None:
    pipe = Pipe(database, LOGS[0])
    pipe.log[3]["data"] = {"odd": 'é "\u2028 \x00', "deep": [{"n": 1.0, "big": 10**30}], "z": 1, "a": None}
    pipe.tell(1, len(pipe.log))
    given_back: list[Json] = []
    while lines := database.run_here(partial(kept.lines, branch=pipe.branch, after=len(given_back), limit=7)):
        given_back += [json.loads(line) for line in lines]
    assert given_back == pipe.log
    assert [list(event["data"]) for event in given_back] == [list(event["data"]) for event in pipe.log]


def test_the_flat_events_of_a_plain_client_are_understood(database: Database) -> None:
    pipe = Pipe(database, [])
    at = to_wire(NOW)
    ticket = f"{pipe.branch}-ticket"
    flat: list[Json] = [
        {"type": "service_saved", "service": {"id": "cash", "prefix": "A", "name": "Cash"}},
        {"type": "counter_saved", "counter": {"id": "c1", "label": "1", "services": ["cash"]}},
        {"type": "day_opened", "opened": "2026-11-21"},
        {"type": "ticket_joined", "ticket": ticket, "number": "A001", "service": "cash", "joined_at": at},
        {"type": "ticket_called", "ticket": ticket, "number": "A001", "service": "cash", "counter": "c1", "call": 1},
        {"type": "a_thing_of_tomorrow", "ticket": ticket},
    ]
    pipe.log = [{"seq": place, "id": f"e{place}", "at": at, **one} for place, one in enumerate(flat, 1)]
    assert pipe.tell(1, len(flat)).acked == len(flat)
    row = database.run_here(lambda c: c.execute(select(tickets).where(tickets.c.ticket == ticket)).one())
    assert (row.number, row.status, row.counter, row.joined_at, row.day) == ("A001", "called", "c1", NOW, "2026-11-21")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "en", "name"]), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    ["ticket", "number", "service", "counter", "rank_at", "joined_at", "branch", "call", "skips", "text", "opened", "command"]
)
TYPES = st.sampled_from(sorted({event["type"] for log in LOGS for event in log}))


@settings(max_examples=40)
@given(junk=st.lists(st.tuples(TYPES, st.dictionaries(FIELDS, JUNK, max_size=5)), min_size=1, max_size=12))
def test_fields_that_make_no_sense_stop_nothing(database: Database, junk: list[tuple[str, Json]]) -> None:
    pipe = Pipe(database, LOGS[0][:12])
    pipe.tell(1, 12)
    for place, (kind, data) in enumerate(junk, 13):
        pipe.log.append({"seq": place, "id": f"j{place}", "type": kind, "at": to_wire(NOW), "data": data})
    assert pipe.tell(13, len(pipe.log)).acked == len(pipe.log)


@pytest.mark.parametrize(
    "wrong",
    [
        {"first": 1, "events": [{"seq": 2, "id": "a", "type": "x", "at": to_wire(NOW)}]},
        {"first": 1, "events": [{"seq": 1, "id": "a", "type": "x", "at": to_wire(NOW), "data": {"n": float("inf")}}]},
        {"first": 2**63, "events": []},
        {"first": 1, "events": [{"seq": 1, "id": "a", "type": "x", "at": to_wire(NOW), "at_us": 2**70, "data": {}}]},
        {"first": 1, "events": [{"seq": 1, "id": "a\x00", "type": "x", "at": to_wire(NOW), "data": {}}]},
    ],
)
def test_what_no_log_can_hold_is_refused(wrong: Json) -> None:
    with pytest.raises(ValueError, match=r"events|JSON"):
        checked("main", EventsUp.model_validate(wrong), "")
