"""The sign-in page, and what a page says that cannot be shown."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from cloud.pages import OFFICE_LANGUAGES, language_of, page
from cloud.people.current import maybe_person

router = APIRouter(include_in_schema=False)

_A_YEAR_S = 365 * 86_400


@router.get("/sign-in")
async def _sign_in_page(request: Request, onward: Annotated[str, Query(alias="next", max_length=500)] = "") -> Response:
    """Who is signed in already goes on to `next`, or home."""
    who = await maybe_person(request)
    if who is not None:
        return RedirectResponse(safe_next(onward) or ("/office" if who.roles else "/"), 303)
    language = language_of(request, OFFICE_LANGUAGES)
    links = [(code, "/sign-in?" + urlencode({"lang": code, "next": safe_next(onward)})) for code in OFFICE_LANGUAGES]
    shown = page(request, "people/sign_in.html", language, links=links, given={"next": safe_next(onward) or "/office"})
    if request.query_params.get("lang") in OFFICE_LANGUAGES:
        shown.set_cookie("foleni_lang", language, max_age=_A_YEAR_S, samesite="lax")
    return shown


def safe_next(onward: str) -> str:
    """A path of ours; empty for everything else, such as another site's address."""
    is_ours = onward.startswith("/") and not onward.startswith(("//", "/\\")) and "\\" not in onward and onward.isprintable()
    return onward if is_ours and not onward.startswith("/sign-in") else ""


def refusal_page(request: Request, status: int, _message: str) -> Response:
    """What a person is told who asked for a page: what happened, and where to go."""
    return page(request, "people/refused.html", language_of(request, OFFICE_LANGUAGES), status=status, refused=status)
