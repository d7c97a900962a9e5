"""Saving and removing one thing of the setup: what stands in the way is said before anything is done."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from starlette.responses import JSONResponse, Response

from branch_server.domain.state import State
from branch_server.web import errors
from branch_server.web.admin.faults import Fault, faults_of
from branch_server.web.admin.kinds import BRANCH, KINDS, Kind, fields_of, version_of
from branch_server.web.admin.obstacles import against_removing, against_saving
from branch_server.web.doing import command_of, do
from branch_server.web.people.person import Person
from branch_server.web.site import Site
from branch_server.web.store.tables import audit
from foleni.messages.setup import Setting
from foleni.words.catalogue import Words


@dataclass(slots=True)
class Asked:
    """Who asks, in which words they are answered, and the pen that only one of them holds at a time."""

    site: Site
    person: Person
    say: Words
    pen: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def state(self) -> State:
        return self.site.follower.state


async def save(asked: Asked, kind: Kind, thing_id: str, value: dict[str, Any], version: str | None) -> Response:
    """Saves `value` as the thing with this id. `version` is that of the thing the form was made from, empty for a new one;
    None saves whatever stands there.
    """
    try:
        thing = kind.model.model_validate({**value, "id": thing_id})
    except ValidationError as error:
        return faulty(faults_of(error, asked.say), asked.say)
    async with asked.pen:
        known = kind.things(asked.state).get(thing_id)
        if version == "" and known is not None:
            return faulty([{"field": "id", "message": asked.say("This id is taken. Choose another one.")}], asked.say)
        if version is not None and version != version_of(known):
            return _stale(asked, kind, thing_id, known)
        faults = against_saving(thing, asked.state, asked.say)
        if faults:
            return faulty(faults, asked.say)
        if known != thing:
            reply = await do(asked.site, asked.person, _command(asked, f"save_{kind.name}", {kind.name: fields_of(thing)}))
            if not reply.ok:
                return errors.answer(reply)
    return JSONResponse({"value": fields_of(thing), "version": version_of(thing)})


async def remove(asked: Asked, kind: Kind, thing_id: str, version: str | None) -> Response:
    """Removes the thing with this id; `version` as for `save`. What is gone already is removed."""
    async with asked.pen:
        known = kind.things(asked.state).get(thing_id)
        if known is None:
            return JSONResponse({"removed": thing_id})
        if version is not None and version != version_of(known):
            return _stale(asked, kind, thing_id, known)
        obstacle = against_removing(kind.name, thing_id, asked.state, asked.say)
        if obstacle:
            return errors.refused(409, "wrong_state", obstacle)
        reply = await do(asked.site, asked.person, _command(asked, f"remove_{kind.name}", {kind.name: thing_id}))
    return JSONResponse({"removed": thing_id}) if reply.ok else errors.answer(reply)


def kind_named(name: str) -> Kind:
    """One of the kinds that this API saves; devices, people and templates have pages of their own. Raises `WebError`."""
    if name not in {BRANCH, "service", "counter", "priority"}:
        raise errors.WebError(404, "not_found", "The setup has no such part.")
    return KINDS[name]


def faulty(faults: list[Fault], say: Words) -> Response:
    """The refusal of a form: all its faults, and one sentence above them."""
    message = say.n("{count} entry needs a look.", "{count} entries need a look.", len(faults))
    return JSONResponse({"error": {"code": "invalid", "message": message}, "fields": faults}, 422)


def _command(asked: Asked, name: str, fields: dict[str, Any]) -> Any:
    return command_of({"type": name, **fields}, asked.person)


def _stale(asked: Asked, kind: Kind, thing_id: str, known: Setting | None) -> Response:
    """Somebody was faster: what stands there now, and who saved it last, where that is known."""
    who = last_saved_by(asked.site, kind.name, thing_id)
    name = asked.state.staff[who].name if who in asked.state.staff else who
    if known is None:
        message = asked.say("This was removed in the meantime by {name}.", name=name) if name else asked.say(
            "This was removed in the meantime."
        )  # fmt: skip
    elif name:
        message = asked.say("{name} changed this in the meantime.", name=name)
    else:
        message = asked.say("This was changed in the meantime.")
    current = {"value": fields_of(known), "version": version_of(known)} if known is not None else None
    return JSONResponse({"error": {"code": "stale", "message": message}, "by": name, "current": current}, 409)


def last_saved_by(site: Site, kind: str, thing_id: str) -> str:
    """The id of the person who last saved or removed a thing here; empty where nobody did."""
    wanted = (
        select(audit.c.who)
        .where(audit.c.action.in_([f"save_{kind}", f"remove_{kind}"]), audit.c.subject == thing_id, audit.c.outcome == "ok")
        .order_by(audit.c.n.desc())
        .limit(1)
    )
    with site.store.engine.connect() as connection:
        return connection.execute(wanted).scalar_one_or_none() or ""
