"""Import and export of the whole setup over HTTP: what would change is shown before anything does."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from branch_server.web import errors
from branch_server.web.admin.api import asking
from branch_server.web.admin.changes import Change, Plan, changes, planned
from branch_server.web.admin.kinds import version_of_all
from branch_server.web.admin.moving import Target, UnreadableError, as_toml, read_file, target_of, things_of
from branch_server.web.admin.saving import Asked
from branch_server.web.admin.telling import told
from branch_server.web.doing import do
from branch_server.web.people import rights
from branch_server.web.people.rights import Action

_MOST_LETTERS = 500_000

router = APIRouter(prefix="/api/v1/setup", include_in_schema=False)


class Brought(BaseModel):
    """A file's text; to apply it, also the version of the setup that its changes were shown for."""

    toml: Annotated[str, Field(max_length=_MOST_LETTERS)]
    version: Annotated[str, Field(max_length=64)] | None = None


async def moving(asked: Annotated[Asked, Depends(asking)]) -> Asked:
    """Raises `Refused` where somebody may not move the whole setup."""
    rights.check(asked.person, Action.MOVE_SETUP)
    return asked


Moving = Annotated[Asked, Depends(moving)]


@router.get("/export.toml")
async def export(asked: Moving) -> Response:
    """The setup as a file, in the form of `--setup`."""
    branch = asked.state.branch
    if branch is None:
        raise errors.WebError(409, "wrong_state", "This branch is not set up yet.")
    asked.site.store.audit.note(asked.person, "export_setup", branch.id)
    headers = {"Content-Disposition": f'attachment; filename="{branch.id}.toml"'}
    return Response(as_toml(asked.state), media_type="application/toml", headers=headers)


@router.post("/import/preview")
async def preview(asked: Moving, body: Brought) -> Response:
    """What the file would change, and what of it the queue would refuse; nothing is done."""
    try:
        target, plan = await _read(asked, body.toml)
    except UnreadableError as error:
        return _unreadable(error, asked)
    return JSONResponse({**_shown(plan, target, asked), "version": version_of_all(asked.state)})


@router.post("/import")
async def bring(asked: Moving, body: Brought) -> Response:
    """Applies a file, one command after the other, and says what was done and what was refused. The same file again changes
    nothing.
    """
    async with asked.pen:
        if body.version is not None and body.version != version_of_all(asked.state):
            return errors.refused(409, "stale", asked.say("The setup was changed in the meantime. Look at the changes again."))
        try:
            target, plan = await _read(asked, body.toml)
        except UnreadableError as error:
            return _unreadable(error, asked)
        done: list[Change] = []
        refused = list(plan.refused)
        for change in plan.steps:
            reply = await do(asked.site, asked.person, change.command())
            if reply.ok:
                done.append(change)
            else:
                refused.append((change, reply.error.message if reply.error is not None else ""))
        asked.site.store.audit.note(asked.person, "import_setup", "", detail=f"{len(done)} done, {len(refused)} refused")
    return JSONResponse({**_shown(Plan(done, refused), target, asked), "version": version_of_all(asked.state)})


async def _read(asked: Asked, toml: str) -> tuple[Target, Plan]:
    target = target_of(await asyncio.to_thread(read_file, toml, asked.say), asked.state, asked.person.id, asked.say)
    wanted = changes(things_of(asked.state), target.things)
    return target, planned(wanted, asked.state, asked.site.follower.now())


def _shown(plan: Plan, target: Target, asked: Asked) -> dict[str, Any]:
    return {
        "changes": [told(change, asked.say) for change in plan.steps],
        "refused": [{**told(change, asked.say), "why": why} for change, why in plan.refused],
        "notes": target.notes,
    }


def _unreadable(error: UnreadableError, asked: Asked) -> Response:
    message = asked.say("This file cannot be taken over. Nothing was changed.")
    return JSONResponse({"error": {"code": "invalid", "message": message}, "faults": error.faults}, 422)
