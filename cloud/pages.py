"""Drawing pages: Jinja templates with the words of a room, and nothing from anybody else's server."""

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from starlette.responses import HTMLResponse

from cloud.site import site_of
from foleni.web.statics import Statics, embedded
from foleni.words.catalogue import OWN_NAMES, base_of, pick, words
from foleni.words.script import script_words

ROOT = Path(__file__).parent
FEATURES = ("base", "people", "sync", "queues", "offices", "ussd", "notices", "phone")
"""Packages with `templates/`, `static/` and `locales/` of their own; a template is named `phone/ticket.html`. The words of
`base` stand behind those of each other one."""
_BASE = "cloud.base"
STATICS = Statics(ROOT, FEATURES)
asset = STATICS.asset
OFFICE_LANGUAGES = ("en", "fr", "ar")
"""Languages of the pages for staff and administrators."""
PHONE_LANGUAGES = ("en", "fr", "rw", "ar", "hi", "pt", "sw")
"""Languages of everything that customers see."""


@cache
def _environment() -> Environment:
    loaders = {name: FileSystemLoader(ROOT / name / "templates") for name in FEATURES}
    return Environment(
        loader=PrefixLoader(loaders), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def page(request: Request, template: str, language: str, /, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A whole page in `language`. Templates have `t(…)`, `tn(…)`, `pick(texts)`, `asset(path)` and `boot`. The words of the
    page's feature also go to its scripts.
    """
    room = f"cloud.{template.partition('/')[0]}"
    say = words(room, language, _BASE)
    body = _environment().get_template(template).render(
        t=say, tn=say.n, language=language, direction="rtl" if say.right_to_left else "ltr",
        pick=lambda texts: pick(texts, language, "en"), asset=asset, boot=site_of(request).boot, embedded=embedded,
        script_words=embedded(script_words(room, language, _BASE)), own_names=OWN_NAMES, **values,
    )  # fmt: skip
    return HTMLResponse(body, status)


def language_of(request: Request, offered: tuple[str, ...], chosen: str | None = None) -> str:
    """The language of a page: `?lang=`, else what the person chose, else their cookie, else what the browser asks for."""
    asked = [request.query_params.get("lang"), chosen, request.cookies.get("foleni_lang")]
    asked += [part.partition(";")[0].strip() for part in request.headers.get("accept-language", "").split(",")]
    return next((base for one in asked if one and (base := base_of(one)) in offered), offered[0])
