"""Sample tickets of this branch as pictures: what a template will look like on paper."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from threading import Lock

from branch_server.domain.state import State
from foleni.messages.setup import Template
from foleni.paper.layout import lay_out
from foleni.paper.preview import png
from foleni.paper.ticket import PaperTicket
from foleni.words.catalogue import pick

_AHEAD, _WAIT_P50_S, _WAIT_P90_S = 12, 18 * 60, 30 * 60
_AT = datetime.fromisoformat("2026-11-20T10:42Z")
_drawing = Lock()
"""One picture at a time: the engine on the same machine comes first."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A template's words in one language, and the branch that they stand for."""

    language: str
    width_px: int
    welcome: str
    follow: str
    footer: str
    note: str
    organization: str
    branch: str
    service: str
    number: str
    kiosk: str
    url: str


def sample_of(state: State, template: Template, language: str, url: str) -> Sample:
    """What `template` makes of the branch's first service in a language."""
    branch, default = state.branch, state.branch.languages[0] if state.branch is not None else "en"
    service = next((queue.service for queue in state.queues.values()), None)
    kiosk = next((device.id for device in state.devices.values() if device.kind == "kiosk"), "kiosk-1")
    return Sample(
        language=language,
        width_px=template.width_px,
        welcome=pick(template.texts.get("welcome", {}), language, default),
        follow=pick(template.texts.get("follow", {}), language, default),
        footer=pick(template.footer, language, default),
        note=template.note,
        organization=branch.organization if branch is not None else "",
        branch=pick(branch.name, language, default) if branch is not None else "",
        service=pick(service.name, language, default) if service is not None else "-",
        number=f"{service.prefix if service is not None else 'A'}042",
        kiosk=kiosk,
        url=url,
    )


@lru_cache(maxsize=64)
def picture_of(sample: Sample) -> bytes:
    """The ticket as a PNG file, a pixel a dot. Takes some 50 ms: not for the event loop's thread."""
    texts = {name: {sample.language: text} for name, text in (("welcome", sample.welcome), ("follow", sample.follow)) if text}
    template = Template(id="sample", width_px=sample.width_px, texts=texts, note=sample.note)
    ticket = PaperTicket(
        number=sample.number, service=sample.service, organization=sample.organization, branch=sample.branch,
        kiosk=sample.kiosk, issued_at=_AT, language=sample.language, ahead=_AHEAD, wait_p50_s=_WAIT_P50_S,
        wait_p90_s=_WAIT_P90_S, url=sample.url, footer=sample.footer,
    )  # fmt: skip
    with _drawing:
        return png(lay_out(ticket, template))
