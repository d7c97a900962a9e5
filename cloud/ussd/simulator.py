"""A page with a drawn phone, for those who have no telephone company at hand."""

from typing import get_args

from fastapi import APIRouter, Request
from starlette.responses import Response

from cloud.pages import PHONE_LANGUAGES, language_of, page
from cloud.ussd.trust import Kind

KINDS: tuple[Kind, ...] = get_args(Kind)
_NAMES = {"africastalking": "Africa's Talking", "hubtel": "Hubtel", "nalo": "Nalo", "arkesel": "Arkesel"}
_KEYS = (("1", ""), ("2", "ABC"), ("3", "DEF"), ("4", "GHI"), ("5", "JKL"), ("6", "MNO"), ("7", "PQRS"), ("8", "TUV"),
         ("9", "WXYZ"), ("*", ""), ("0", "+"), ("#", ""))  # fmt: skip


def routes() -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/ussd/simulator")
    async def _simulator(request: Request) -> Response:
        language = language_of(request, PHONE_LANGUAGES)
        kinds = tuple((kind, _NAMES[kind]) for kind in KINDS)
        return page(request, "ussd/simulator.html", language, keys=_KEYS, kinds=kinds, languages=PHONE_LANGUAGES)

    return router
