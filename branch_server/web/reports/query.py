"""What a report is asked for."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

PARTS = ("summary", "days", "hours", "weekdays", "heatmap", "services", "counters", "staff", "channels")
"""What a report can be made of."""
MOST_DAYS = 1100
"""Three years, and a little."""


class AskError(Exception):
    """A report cannot be asked for like this; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Period:
    """Business days from `first` to `last`, both included, as ISO dates."""

    first: str
    last: str

    @property
    def days(self) -> int:
        return (date.fromisoformat(self.last) - date.fromisoformat(self.first)).days + 1

    def before(self) -> "Period":
        """As many days, just before."""
        first = date.fromisoformat(self.first)
        return Period((first - timedelta(days=self.days)).isoformat(), (first - timedelta(days=1)).isoformat())

    def each(self) -> list[str]:
        first = date.fromisoformat(self.first)
        return [(first + timedelta(days=place)).isoformat() for place in range(self.days)]


def period_of(first: str, last: str) -> Period:
    """Raises `AskError` where these are no dates, in the wrong order, or too many days."""
    for text in (first, last):
        try:
            if date.fromisoformat(text).isoformat() != text:
                raise ValueError(text)
        except ValueError:
            raise AskError(f"{text[:20]!r} is no date such as 2026-11-21.") from None
    if not "1970-01-02" <= first <= last <= "9998-12-30":
        raise AskError("The first day is after the last one." if first > last else "These days are out of reach.")
    period = Period(first, last)
    if period.days > MOST_DAYS:
        raise AskError(f"A report is of at most {MOST_DAYS} days.")
    return period


@dataclass(frozen=True, slots=True)
class Query:
    """`services` are those to count, None for all, and `counters` those whose open and idle time is shown. `counter`, `staff`
    and `channel` narrow it down. `now` (microseconds) is until when today's open counters are counted.
    """

    period: Period
    today: str
    now: int
    zone: str
    target_s: int
    services: tuple[str, ...] | None = None
    counters: tuple[str, ...] | None = None
    counter: str | None = None
    staff: str | None = None
    channel: str | None = None
    compare: Period | None = None
    parts: Sequence[str] = field(default=PARTS)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def query_of(values: dict[str, Any]) -> Query:
    """The query that `to_json` made."""
    given = dict(values)
    given["period"] = Period(**given["period"])
    given["compare"] = Period(**given["compare"]) if given["compare"] else None
    for name in ("services", "counters"):
        given[name] = tuple(given[name]) if given[name] is not None else None
    return Query(**given)
