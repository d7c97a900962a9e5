"""The frame of the pages for staff: where somebody can go, and the pass that the page's scripts ask with."""

from typing import Any

from fastapi import Request
from starlette.responses import HTMLResponse

from cloud.pages import OFFICE_LANGUAGES, language_of, page
from cloud.people import passes
from cloud.people.rights import Action, Who, may_somewhere
from cloud.site import site_of
from foleni.words.catalogue import msgid, words

_PLACES = (
    ("branches", "/office", msgid("Branches"), Action.SEE_QUEUE),
    ("reports", "/office/reports", msgid("Reports"), Action.SEE_REPORTS),
    ("users", "/office/users", msgid("People"), Action.MANAGE_STAFF),
    ("audit", "/office/audit", msgid("Audit log"), Action.SEE_AUDIT),
)


async def office_page(request: Request, template: str, who: Who, here: str, **values: Any) -> HTMLResponse:
    """A page for somebody who is signed in; `here` is its key at the top. `given` is for its scripts."""
    site, language = site_of(request), language_of(request, OFFICE_LANGUAGES, who.language)
    say = words("cloud.offices", language)
    places = [(key, url, say(label)) for key, url, label, action in _PLACES if may_somewhere(who, action)]
    now = site.now()
    access = await site.database.run(lambda c: passes.access_token(passes.ring_of(site).of(c), who.user, who.session, now))
    return page(request, template, language, who=who, here=here, places=places, session={"access": access}, **values)
