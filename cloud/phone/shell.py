"""What makes an app of the pages: the manifest, the service worker, the page without a network, and the words of scripts."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import Response

from cloud import pages
from cloud.phone.wording import ROOM, words_address, words_script
from foleni.web import errors
from foleni.words import words

_STATIC = Path(__file__).parent / "static"
_A_YEAR = "public, max-age=31536000, immutable"
_COOKIE_S = 365 * 24 * 3600
_ICONS = (
    ("icon-192", 192, "any"),
    ("icon-512", 512, "any"),
    ("icon-mask-192", 192, "maskable"),
    ("icon-mask-512", 512, "maskable"),
)
_OF_OFFLINE = ("app.css", "app.js", "face.js", "icon.svg", "known.js", "offline.js")
"""What the page without a network needs; the other files are kept as they are used."""
_SAME_ORIGIN = {"Referrer-Policy": "same-origin"}
"""Without it browsers send no origin with a form."""


def install(app: FastAPI) -> None:
    """Adds what the browser asks for beside pages."""
    app.get("/manifest.webmanifest", include_in_schema=False)(_manifest)
    app.get("/sw.js", include_in_schema=False)(_worker)
    app.get("/offline", include_in_schema=False)(_offline)
    app.get("/words/{language}.js", include_in_schema=False)(_words)


def drawn(request: Request, template: str, language: str, /, *, status: int = 200, kept: str = "", **values: Any) -> Response:
    """A phone page. The language that its address asks for is kept for the next pages; `kept` is the part of the query that
    the links to other languages hold on to.
    """
    shell = {"languages": pages.PHONE_LANGUAGES, "words_address": words_address(language), "kept": kept}
    page = pages.page(request, template, language, status=status, **shell, **values)
    page.headers.update(_SAME_ORIGIN)
    if request.query_params.get("lang") == language:
        page.set_cookie("foleni_lang", language, max_age=_COOKIE_S, samesite="lax", secure=request.url.scheme == "https")
    return page


def language_of(request: Request, chosen: str | None = None) -> str:
    """The language of a phone page: what the address says, else what the person chose, else what the browser asks for."""
    return pages.language_of(request, pages.PHONE_LANGUAGES, chosen)


async def _manifest(request: Request) -> Response:
    language = language_of(request)
    say = words(ROOM, language)
    icons = [
        {"src": pages.asset(f"phone/{name}.png"), "sizes": f"{side}x{side}", "type": "image/png", "purpose": purpose}
        for name, side, purpose in _ICONS
    ]
    manifest = {
        "id": "/", "name": "Foleni", "short_name": "Foleni", "description": say("Join the queue from where you are"),
        "lang": language, "dir": "rtl" if say.right_to_left else "ltr", "start_url": "/", "scope": "/",
        "display": "standalone", "background_color": "#F6F4EF", "theme_color": "#0B6B52", "icons": icons,
        "shortcuts": [{"name": say("My tickets"), "url": "/me"}],
    }  # fmt: skip
    body = json.dumps(manifest, ensure_ascii=False)
    return Response(body, media_type="application/manifest+json", headers={"Cache-Control": "no-cache"})


async def _worker() -> Response:
    """Another text as soon as any of the app's files changes, so that browsers take the new ones."""
    return Response(_worker_text(), media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@cache
def _worker_text() -> str:
    names = sorted(path.name for path in _STATIC.iterdir() if path.suffix in {".css", ".js", ".svg"} and path.name != "sw.js")
    files = [pages.asset(f"phone/{name}") for name in names]
    first = [pages.asset(f"phone/{name}") for name in _OF_OFFLINE]
    text = (_STATIC / "sw.js").read_text(encoding="utf-8")
    every = [*files, text, *(words_address(language) for language in pages.PHONE_LANGUAGES)]
    version = hashlib.sha256("\n".join(every).encode()).hexdigest()[:10]
    return f"const SHELL = {json.dumps({'version': version, 'files': first})};\n{text}"


async def _offline(request: Request) -> Response:
    """The page that a phone shows without a network."""
    return drawn(request, "phone/offline.html", language_of(request))


async def _words(language: str) -> Response:
    if language not in pages.PHONE_LANGUAGES:
        return errors.refused(404, "not_found", "There are no words in this language.")
    return Response(words_script(language), media_type="text/javascript", headers={"Cache-Control": _A_YEAR})
