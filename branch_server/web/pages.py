"""Drawing pages: Jinja templates with the words of a room, the branch's look, and nothing from outside the LAN."""

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from starlette.responses import HTMLResponse

from branch_server.web.site import site_of
from foleni.web.statics import Statics, embedded
from foleni.words.catalogue import OWN_NAMES, base_of, pick, words
from foleni.words.script import script_words

ROOT = Path(__file__).parent
FEATURES = (
    "base",
    "people",
    "trusting",
    "desk",
    "admin",
    "devices",
    "joining",
    "reports",
    "public",
    "shifts",
    "updates",
    "api",
    "backups",
    "pair",
)
"""Packages with `templates/`, `static/` and `locales/` of their own; a template is named `desk/console.html`. The words of
`base` stand behind those of each other one."""
_BASE = "branch_server.web.base"
STATICS = Statics(ROOT, FEATURES)
asset = STATICS.asset
CONSOLE_LANGUAGES = ("en", "fr", "ar")
"""Languages that the consoles speak; customers' pages speak the branch's."""


@cache
def _environment() -> Environment:
    loaders = {name: FileSystemLoader(ROOT / name / "templates") for name in FEATURES}
    return Environment(
        loader=PrefixLoader(loaders), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def page(request: Request, template: str, language: str, /, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A whole page in `language`. Templates have `t(…)`, `tn(…)`, `pick(texts)`, `asset(path)`, `branch` and `boot`.

    The words of the page's feature also go to its scripts.
    """
    site = site_of(request)
    room = f"branch_server.web.{template.partition('/')[0]}"
    say = words(room, language, _BASE)
    branch = site.follower.state.branch
    default = branch.languages[0] if branch is not None else "en"
    body = _environment().get_template(template).render(
        t=say, tn=say.n, language=language, direction="rtl" if say.right_to_left else "ltr",
        pick=lambda texts: pick(texts, language, default), asset=asset, branch=branch, boot=site.boot,
        script_words=embedded(script_words(room, language, _BASE)), embedded=embedded, own_names=OWN_NAMES,
        branch_name=pick(branch.name, language, default) if branch is not None else "Foleni", **values,
    )  # fmt: skip
    return HTMLResponse(body, status)


def fragment(template: str, language: str, /, **values: Any) -> str:
    """A part of a page in `language`, for a live picture. Templates have `t(…)`, `tn(…)` and `asset(path)`."""
    say = words(f"branch_server.web.{template.partition('/')[0]}", language, _BASE)
    return _environment().get_template(template).render(t=say, tn=say.n, language=language, asset=asset, **values)


def language_of(request: Request, offered: tuple[str, ...] = CONSOLE_LANGUAGES, chosen: str | None = None) -> str:
    """The language of a page: `?lang=`, else what the person chose, else their cookie, else what the browser asks for."""
    asked = [request.query_params.get("lang"), chosen, request.cookies.get("foleni_lang")]
    asked += [part.partition(";")[0].strip() for part in request.headers.get("accept-language", "").split(",")]
    return next((base for one in asked if one and (base := base_of(one)) in offered), offered[0])
