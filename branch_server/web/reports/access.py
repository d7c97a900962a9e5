"""What somebody asks a report for, and what of it they may see."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import Depends, Request
from fastapi import Query as Asked

from branch_server.domain.refusals import Refused
from branch_server.domain.state import State
from branch_server.web.people import rights
from branch_server.web.people.person import Person
from branch_server.web.people.rights import Action
from branch_server.web.reports.query import PARTS, AskError, Period, Query, period_of
from branch_server.web.site import Site, site_of
from foleni.messages.commands import Channel
from foleni.messages.replies import Code

_SLUG = re.compile(r"[a-z0-9-]{1,32}")
_USUAL_DAYS = 7
_JUST_BEFORE = "before"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The fields of a request, as they were given."""

    first: str | None = None
    last: str | None = None
    service: str | None = None
    counter: str | None = None
    staff: str | None = None
    channel: str | None = None
    compare: str | None = None


def _wanted(
    first: Annotated[
        str | None, Asked(alias="from", max_length=10, description="first business day; by default 7 days")
    ] = None,
    last: Annotated[str | None, Asked(alias="to", max_length=10, description="last business day; by default today")] = None,
    service: Annotated[str | None, Asked(max_length=32)] = None,
    counter: Annotated[str | None, Asked(max_length=32)] = None,
    staff: Annotated[str | None, Asked(max_length=32)] = None,
    channel: Annotated[str | None, Asked(max_length=32)] = None,
    compare: Annotated[
        str | None,
        Asked(max_length=22, description="`2026-10-01..2026-10-31`, or `before` for as many days just before"),
    ] = None,
) -> Wanted:
    return Wanted(*(text or None for text in (first, last, service, counter, staff, channel, compare)))


Want = Annotated[Wanted, Depends(_wanted)]


def of_request(request: Request) -> Wanted:
    """The same from a page's address."""
    asked = request.query_params
    names = ("from", "to", "service", "counter", "staff", "channel", "compare")
    return Wanted(*((asked.get(name) or "")[:40] or None for name in names))


def query_for(site: Site, person: Person, wanted: Wanted, parts: Sequence[str] = PARTS) -> Query:
    """The query of somebody who may see reports; a manager's counts their own services only. Raises `Refused`."""
    rights.check(person, Action.SEE_REPORTS)
    state = site.follower.state
    services = _services(person, wanted.service)
    return _query(site, wanted, parts, services, _counters(state, services), wanted.staff)


def own_query(site: Site, person: Person, wanted: Wanted, parts: Sequence[str] = PARTS) -> Query:
    """The query of somebody's own figures. Raises `Refused`."""
    rights.check(person, Action.SEE_OWN_FIGURES)
    services = (wanted.service,) if wanted.service is not None else None
    return _query(site, wanted, parts, services, None, person.id)


def _query(
    site: Site,
    wanted: Wanted,
    parts: Sequence[str],
    services: tuple[str, ...] | None,
    counters: tuple[str, ...] | None,
    staff: str | None,
) -> Query:
    state = site.follower.state
    branch = state.branch
    for name, text in (("service", wanted.service), ("counter", wanted.counter), ("staff", staff)):
        if text is not None and not _SLUG.fullmatch(text):
            raise Refused(Code.INVALID, f"{name}: {text[:32]!r} is no id.")
    if wanted.channel is not None and wanted.channel not in set(Channel):
        raise Refused(Code.INVALID, f"channel: one of {', '.join(Channel)}.")
    today = state.day or "1970-01-02"
    try:
        period = _period(wanted, today)
        compare = _compared(wanted.compare, period)
    except AskError as error:
        raise Refused(Code.INVALID, str(error)) from None
    zone, target_min = (branch.time_zone, branch.wait_target_min) if branch is not None else ("UTC", 15)
    return Query(
        period, today, site.follower.now(), zone, target_min * 60, services, counters, wanted.counter, staff, wanted.channel,
        compare, tuple(parts),
    )  # fmt: skip


def _services(person: Person, service: str | None) -> tuple[str, ...] | None:
    if service is not None:
        if not person.touches(service):
            raise Refused(Code.NOT_ALLOWED, f"{service} is not a service of {person.name}.")
        return (service,)
    return None if person.touches_all() else tuple(sorted(person.services or ()))


def _counters(state: State, services: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """The counters that serve any of the services."""
    if services is None:
        return None
    return tuple(sorted(name for name, desk in state.desks.items() if set(services) & set(desk.counter.services)))


def _period(wanted: Wanted, today: str) -> Period:
    last = wanted.last or max(today, wanted.first or today)
    if wanted.first is not None:
        return period_of(wanted.first, last)
    period_of(last, last)
    return period_of((date.fromisoformat(last) - timedelta(days=_USUAL_DAYS - 1)).isoformat(), last)


def _compared(text: str | None, period: Period) -> Period | None:
    if text is None:
        return None
    if text == _JUST_BEFORE:
        before = period.before()
        return period_of(before.first, before.last)
    first, dots, last = text.partition("..")
    if not dots:
        raise AskError("compare: two days such as 2026-10-01..2026-10-31, or before.")
    return period_of(first, last)


SiteHere = Annotated[Site, Depends(site_of)]
