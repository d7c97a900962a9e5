"""The tables of a report: which columns each has, in words, whatever they are shown on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from branch_server.domain.state import State
from branch_server.web.people.person import Person
from foleni.words.catalogue import Words, msgid, pick


@dataclass(frozen=True, slots=True)
class Column:
    """`name` is the figure's stable name, `kind` how it is written: see `saying.formatted`."""

    name: str
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class Table:
    """`part` is the report's part that it shows."""

    part: str
    title: str
    columns: tuple[Column, ...]
    rows: list[list[Any]]


_FIGURES = (
    ("issued", msgid("Tickets"), "number"),
    ("served", msgid("Served"), "number"),
    ("no_show_rate", msgid("No-shows"), "share"),
    ("abandonment", msgid("Abandoned"), "share"),
    ("wait_p50_s", msgid("Median wait"), "seconds"),
    ("wait_p90_s", msgid("90 % waited up to"), "seconds"),
    ("within_target", msgid("Within target"), "share"),
    ("service_mean_s", msgid("Mean service"), "seconds"),
    ("stars", msgid("Stars"), "stars"),
)
_DESK_FIGURES = (("open_s", msgid("Open"), "long"), ("idle_share", msgid("Idle"), "share"))
_TITLES: dict[str, tuple[str, tuple[tuple[str, str, str], ...]]] = {
    "days": (msgid("By day"), (("day", msgid("Day"), "day"),)),
    "hours": (msgid("By hour"), (("hour", msgid("Hour"), "hour"),)),
    "weekdays": (msgid("By weekday"), (("weekday", msgid("Weekday"), "weekday"),)),
    "services": (msgid("Services"), (("service", msgid("Service"), "text"),)),
    "counters": (msgid("Counters"), (("counter", msgid("Counter"), "text"),)),
    "staff": (msgid("Staff"), (("staff", msgid("Person"), "text"),)),
    "channels": (msgid("Channels"), (("channel", msgid("Channel"), "text"),)),
}
CHANNELS = {
    "kiosk": msgid("Kiosk"), "staff": msgid("Reception"), "app": msgid("App"), "ussd": msgid("USSD"),
    "appointment": msgid("Appointment"), "api": msgid("Other system"),
}  # fmt: skip


class Names:
    """What things are called now; what is no longer set up keeps its id."""

    def __init__(self, state: State, t: Words) -> None:
        self._state = state
        self._say = t
        self._default = state.branch.languages[0] if state.branch is not None else "en"

    def __call__(self, kind: str, subject: str) -> str:
        state, found = self._state, None
        match kind:
            case "service" if subject in state.queues:
                found = pick(state.queues[subject].service.name, self._say.language, self._default)
            case "counter" if subject in state.desks:
                found = state.desks[subject].counter.label
            case "staff" if subject in state.staff:
                found = state.staff[subject].name
            case "channel" if subject in CHANNELS:
                found = self._say(CHANNELS[subject])
        return found or subject

    def choices(self, person: Person) -> dict[str, list[tuple[str, str]]]:
        """What somebody can narrow a report down to: `{field: [(value, words)]}`."""
        state = self._state
        desks = [desk.counter for desk in state.desks.values() if any(map(person.touches, desk.counter.services))]
        staff = [one for one in state.staff.values() if not one.services or any(map(person.touches, one.services))]
        return {
            "service": [(name, self("service", name)) for name in state.queues if person.touches(name)],
            "counter": [(counter.id, counter.label) for counter in desks],
            "staff": sorted(((one.id, one.name) for one in staff), key=lambda choice: choice[1].casefold()),
            "channel": [(name, self._say(text)) for name, text in CHANNELS.items()],
        }


def tables_of(report: dict[str, Any], name_of: Callable[[str, str], str], t: Words) -> list[Table]:
    """The tables of the parts that a report has, raw values in their cells."""
    return [_table(part, report[part], name_of, t) for part in _TITLES if part in report]


def _table(part: str, rows: Sequence[dict[str, Any]], name_of: Callable[[str, str], str], t: Words) -> Table:
    title, own = _TITLES[part]
    figures = _FIGURES + (_DESK_FIGURES if any("open_s" in row for row in rows) else ())
    columns = tuple(Column(name, t(label), kind) for name, label, kind in (*own, *figures))
    first = own[0][0]
    cells = [[_cell(column, row, first, name_of) for column in columns] for row in rows]
    return Table(part, t(title), columns, cells)


def _cell(column: Column, row: dict[str, Any], first: str, name_of: Callable[[str, str], str]) -> Any:
    value = row.get(column.name)
    return name_of(first, value) if column.name == first and column.kind == "text" and isinstance(value, str) else value
