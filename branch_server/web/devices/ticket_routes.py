"""The HTTP API of the paper tickets' form: saved, and seen before it is saved."""

import asyncio
from importlib import import_module
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from branch_server.web.admin.kinds import KINDS
from branch_server.web.admin.saving import save
from branch_server.web.devices.routes import Asking, Given
from branch_server.web.people import rights
from branch_server.web.people.current import signed_in
from branch_server.web.people.person import Person
from branch_server.web.people.rights import Action
from branch_server.web.site import site_of
from foleni.messages.base import LanguageCode, Text
from foleni.messages.setup import Template

_WIDTHS: dict[str, Literal[384, 576]] = {"384": 384, "576": 576}
_SAMPLES = "branch_server.web.devices.samples"
_NO_TICKET = "00000000-0000-7000-8000-000000000000"

router = APIRouter(prefix="/api/v1/templates", include_in_schema=False)


class Draft(BaseModel):
    """A template's words in one language, as they stand in the form."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    language: LanguageCode
    width: Literal["384", "576"] = "576"
    welcome: Text = ""
    follow: Text = ""
    footer: Text = ""
    note: Text = ""
    mark: Annotated[str, Field(max_length=16)] = ""
    """Anything; another one asks anew."""


@router.get("/preview.png")
async def preview(
    request: Request, person: Annotated[Person, Depends(signed_in)], draft: Annotated[Draft, Query()]
) -> Response:
    """A sample ticket as it would come out of the printer."""
    rights.check(person, Action.MANAGE_DEVICES)
    samples = await asyncio.to_thread(import_module, _SAMPLES)  # fonts and pictures: only where somebody looks
    texts = {"welcome": {draft.language: draft.welcome}, "follow": {draft.language: draft.follow}}
    template = Template(
        id="draft",
        width_px=576 if draft.width == "576" else 384,
        texts=texts,
        footer={draft.language: draft.footer},
        note=draft.note,
    )
    site = site_of(request)
    sample = samples.sample_of(site.follower.state, template, draft.language, site.links.link_of(_NO_TICKET))
    picture: bytes = await asyncio.to_thread(samples.picture_of, sample)
    return Response(picture, media_type="image/png", headers={"Cache-Control": "private, max-age=60"})


@router.put("/{template}")
async def save_template(asked: Asking, template: str, given: Given) -> Response:
    return await save(asked, KINDS["template"], template, given.value, given.version)
