"""Everything that Apprise can send by: e-mail, WhatsApp, and the SMS of many more companies."""

from typing import Any
from urllib.parse import quote

import apprise

from cloud.notices.occasions import Channel
from cloud.notices.providers.provider import Letter, TroubleError
from cloud.notices.settings import TO, AppriseSettings


class ByApprise:
    """The adapter. Apprise says whether it worked, and neither why not nor how it goes on."""

    def __init__(self, settings: AppriseSettings) -> None:
        self.name, self.at_once = settings.name, settings.at_once
        self.channels = frozenset({settings.channel})
        self._settings = settings

    def send(self, letter: Letter) -> str | None:
        settings = self._settings
        one = instance(settings.url.get_secret_value(), letter.recipient, settings.timeout_s)
        is_mail = letter.channel is Channel.EMAIL
        text = f"{letter.text}\n\n{letter.link}" if is_mail and letter.link else letter.text
        if one is None or not one.notify(body=text, title=letter.title if is_mail else "", body_format="text"):
            raise TroubleError("Apprise could not send it")
        return None


def instance(url: str, recipient: str, timeout_s: float) -> Any:
    """What Apprise makes of a URL; None where it does not understand it."""
    whole = url.replace(TO, quote(recipient, safe="@"))
    one = apprise.Apprise.instantiate(whole, suppress_exceptions=True)
    if one is not None:
        one.socket_connect_timeout = one.socket_read_timeout = timeout_s
    return one
