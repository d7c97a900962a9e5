"""Tickets as tests print them."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from foleni.messages.setup import Template
from foleni.paper.ticket import PaperTicket

NAMES = {
    "en": ("Cash", "Main Street"),
    "fr": ("Crédit à l\u2019été", "Rue Principale"),
    "rw": ("Amafaranga", "Umuhanda Mukuru"),
    "ar": ("الصندوق", "الشارع الرئيسي"),
    "hi": ("नकद", "मुख्य सड़क"),
}
LANGUAGES = tuple(NAMES)
WIDTHS = (576, 384)
_TICKET = PaperTicket(
    number="A042",
    service="Cash",
    organization="Demo Bank",
    branch="Main Street",
    kiosk="kiosk 1",
    issued_at=datetime(2026, 11, 20, 10, 42, tzinfo=ZoneInfo("Africa/Kigali")),
    language="en",
    ahead=12,
    wait_p50_s=18 * 60,
    wait_p90_s=30 * 60,
    url="https://branch.example/t/0198f3a2-7c1e",
)


def ticket(language: str = "en", **changes: Any) -> PaperTicket:
    """An ordinary ticket in a language."""
    service, branch = NAMES[language]
    return replace(_TICKET, language=language, **{"service": service, "branch": branch, **changes})


def template(width: int = 576, **changes: Any) -> Template:
    return Template.model_validate({"id": "ticket", "width_px": width, **changes})
