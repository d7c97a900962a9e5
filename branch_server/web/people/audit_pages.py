"""The audit log's page and its download."""

import asyncio
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response, StreamingResponse

from branch_server.domain.asking import HOUSE
from branch_server.web.base.places import frame_of
from branch_server.web.errors import WebError
from branch_server.web.pages import page
from branch_server.web.people import rights
from branch_server.web.people.audit_words import actions_in, groups_in
from branch_server.web.people.current import person_for_page, signed_in
from branch_server.web.people.person import Person
from branch_server.web.people.rights import Action
from branch_server.web.people.trail import Line, Place, Trail, Wanted, place_of
from branch_server.web.people.wording import outcome_words, words_of
from branch_server.web.site import Site, site_of
from foleni.times import of_datetime, to_datetime
from foleni.words.catalogue import Words, pick

router = APIRouter(include_in_schema=False)

PAGE_LINES = 50
MOST_IN_FILE = 50_000
_FILE_PAGE = 1000
_FIELDS = ("who", "about", "outcome", "from", "to", "number")
_COLUMNS = ("time", "who", "name", "role", "address", "action", "subject", "tickets", "outcome", "detail", "command")


@router.get("/admin/audit")
async def audit_page(request: Request, person: Annotated[Person, Depends(person_for_page)]) -> Response:
    """Who did what, from where, and when; the newest first."""
    rights.check(person, Action.SEE_AUDIT)
    site, say = site_of(request), words_of(request, person.language)
    asked = {name: request.query_params.get(name, "").strip()[:64] for name in _FIELDS}
    before = place_of(request.query_params.get("before", "-"))
    wanted, fault = _wanted(site, asked)
    found = await asyncio.to_thread(Trail(site.store.engine, site.branch_db).page, wanted, before, PAGE_LINES)
    names = _Names(site, say)
    filters = {name: value for name, value in asked.items() if value}
    return page(
        request, "people/audit.html", person.language, **frame_of(person, say, "admin", "audit"), asked=asked,
        lines=[names.told(line) for line in found.lines], cut=found.cut, groups=groups_in(say), folk=names.folk(),
        outcomes=[("ok", say("Done")), ("refused", say("Refused"))], is_later=before != Place(),
        fault=say("This is no day: {text}", text=fault) if fault else "", newest="/admin/audit?" + urlencode(filters),
        older="/admin/audit?" + urlencode({**filters, "before": str(found.onward)}) if found.onward else "",
        file="/api/v1/audit.csv?" + urlencode(filters), is_narrowed=bool(filters),
    )  # fmt: skip


@router.get("/api/v1/audit.csv")
async def audit_file(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Response:
    """The lines that a filter finds as CSV, up to `MOST_IN_FILE`; the export itself is a line too."""
    rights.check(person, Action.SEE_AUDIT)
    site = site_of(request)
    wanted, fault = _wanted(site, {name: request.query_params.get(name, "").strip()[:64] for name in _FIELDS})
    if fault:
        raise WebError(422, "invalid", f"This is no day: {fault}")
    site.store.audit.note(person, "export_audit", "")
    day = f"{datetime.now(_zone(site)):%Y-%m-%d}"
    headers = {"Content-Disposition": f'attachment; filename="audit-{day}.csv"'}
    return StreamingResponse(
        _rows(site, wanted, words_of(request, person.language)), media_type="text/csv; charset=utf-8", headers=headers
    )


def _wanted(site: Site, asked: dict[str, str]) -> tuple[Wanted, str]:
    """What the fields of the page look for, and the text of a day that is none."""
    days, fault = [], ""
    for name in ("from", "to"):
        try:
            days.append(date.fromisoformat(asked[name]) if asked[name] else None)
        except ValueError:
            days.append(None)
            fault = fault or asked[name]
    zone = _zone(site)
    since = _midnight(days[0], zone) if days[0] else None
    until = _midnight(days[1] + timedelta(days=1), zone) if days[1] and days[1] < date(9000, 1, 1) else None
    return Wanted(asked["who"], asked["about"], asked["outcome"], since, until, asked["number"].upper()), fault


def _midnight(day: date, zone: ZoneInfo) -> int:
    return of_datetime(datetime.combine(day, time(), zone)) if day.year > 1 else 0


def _zone(site: Site) -> ZoneInfo:
    branch = site.follower.state.branch
    return ZoneInfo(branch.time_zone if branch is not None else "UTC")


@dataclass(slots=True)
class _Names:
    """Puts names in the place of ids."""

    site: Site
    t: Words

    def told(self, line: Line) -> dict[str, Any]:
        """A line as the page shows it."""
        at = to_datetime(line.at).astimezone(_zone(self.site))
        action = actions_in(self.t.language).get(line.action, line.action.replace("_", " "))
        return {
            "day": f"{at:%Y-%m-%d}",
            "time": f"{at:%H:%M:%S}",
            "who": self.who(line.who),
            "address": line.address,
            "action": action,
            "subject": self.subject(line),
            "numbers": line.numbers,
            "is_ok": line.outcome == "ok",
            "outcome": outcome_words(self.t, line.outcome),
            "detail": line.detail,
        }

    def who(self, name: str) -> str:
        state = self.site.follower.state
        if name in state.staff:
            return state.staff[name].name
        if name in state.devices:
            device = state.devices[name]
            return pick(device.name, self.t.language) if device.name else name
        token = self.site.store.tokens.find(name.removeprefix("token:")) if name.startswith("token:") else None
        if token is not None:
            return token.name
        say = self.t
        return {HOUSE: say("The branch itself"), "unknown": say("Somebody unknown")}.get(name, name)

    def subject(self, line: Line) -> str:
        """What it was done to, where that is not the ticket or the person themselves."""
        state, subject = self.site.follower.state, line.subject
        if subject in {"", line.who, "address"} or subject in state.tickets or len(subject) == 36:
            return ""
        if subject in state.desks:
            say = self.t
            return say("Counter {label}", label=state.desks[subject].counter.label)
        if subject in state.queues:
            return pick(state.queues[subject].service.name, self.t.language)
        return self.who(subject)

    def folk(self) -> list[tuple[str, str]]:
        """Everybody who can have done something: people, devices, tokens, the branch itself."""
        state = self.site.follower.state
        tokens = [f"token:{token.id}" for token in self.site.store.tokens.all()]
        return [(name, self.who(name)) for name in (*state.staff, *state.devices, *tokens, HOUSE)]


def _rows(site: Site, wanted: Wanted, say: Words) -> Iterator[str]:
    """The file, piece by piece; spreadsheets need the mark at its begin to see that it is UTF-8."""
    trail, before, written, names = Trail(site.store.engine, site.branch_db), Place(), 0, _Names(site, say)
    yield "\ufeff" + _written([_COLUMNS])
    while written < MOST_IN_FILE:
        found = trail.page(wanted, before, _FILE_PAGE)
        written += len(found.lines)
        yield _written([_cells(site, names, line) for line in found.lines])
        if found.onward is None or (not found.lines and found.onward == before):
            return
        before = found.onward


def _cells(site: Site, names: _Names, line: Line) -> tuple[str, ...]:
    at = to_datetime(line.at).astimezone(_zone(site)).isoformat(timespec="milliseconds")
    who = (at, line.who, names.who(line.who), line.role, line.address)
    return (*who, line.action, line.subject, " ".join(line.numbers), line.outcome, line.detail, line.command or "")


def _written(rows: list[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(
        [f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t")) else cell for cell in row] for row in rows
    )
    return text.getvalue()
