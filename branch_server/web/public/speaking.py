"""Which languages customers' pages speak."""

from starlette.requests import Request

from foleni.messages.setup import Branch
from foleni.words.catalogue import base_of

SPOKEN = ("en", "fr", "rw", "ar", "hi")
"""The languages that these pages have words in."""


def languages_of(branch: Branch | None) -> tuple[str, ...]:
    """The branch's languages that these pages speak, the leading one first; English where there is none."""
    told = (base_of(language) for language in branch.languages) if branch is not None else ()
    return tuple(dict.fromkeys(language for language in told if language in SPOKEN)) or ("en",)


def offered_by(branch: Branch | None) -> tuple[str, ...]:
    """What a customer can choose from: the branch's languages, then the others that these pages speak."""
    return tuple(dict.fromkeys((*languages_of(branch), *SPOKEN)))


def asked_for(request: Request, spoken: tuple[str, ...]) -> tuple[str, ...]:
    """The languages that `?lang=fr,ar` names, else all of `spoken`; what these pages do not speak is left out."""
    asked = (base_of(part.strip()) for part in request.query_params.get("lang", "").split(",") if part.strip())
    return tuple(dict.fromkeys(language for language in asked if language in SPOKEN)) or spoken
