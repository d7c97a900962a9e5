"""The feature's routes, and the thread that sends."""

import asyncio
import logging
from contextlib import suppress
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, FastAPI
from py_vapid import Vapid  # type: ignore[import-untyped]

from cloud.notices import hooks, sent
from cloud.notices.occasions import Channel
from cloud.notices.outbox import TOPIC
from cloud.notices.providers.africastalking import AfricasTalking
from cloud.notices.providers.provider import Provider
from cloud.notices.providers.twilio import Twilio
from cloud.notices.providers.vapid import key_pair, public_key
from cloud.notices.providers.web_push import WebPush
from cloud.notices.reminders import Reminders
from cloud.notices.sending import Sender
from cloud.notices.settings import AfricasTalkingSettings, ProviderSettings, TwilioSettings, parsed
from cloud.site import Site, site_of
from foleni.messages.base import Message
from foleni.web.safety import is_loopback

_log = logging.getLogger(__name__)

_LISTEN_S = 30.0
_PUSH_KEY = "push_key"


class PushKey(Message):
    """`applicationServerKey` of a browser's subscription, in base64url."""

    key: str


def install(app: FastAPI, site: Site) -> None:
    """Adds the feature."""
    given = parsed(site.settings.provider)
    key: Vapid = site.database.run_here(key_pair)
    site.notes["notices"] = {one.name: one for one in given}
    site.notes[_PUSH_KEY] = public_key(key)
    push = WebPush(key, site.settings.push_contact, also_here=is_loopback(urlsplit(site.url).hostname or ""))
    providers = [*(_provider(one, site.url) for one in given), push]
    if not any(Channel.SMS in provider.channels for provider in providers):
        _log.warning("no provider sends SMS: nobody can sign in, and phones without the app get no messages")
    sender = Sender(site.database, providers, site.now)
    site.parts.append(("notices", sender))
    _wake(site, sender)
    site.ticks.append(Reminders(site).tick)
    for routes in (router, hooks.router, sent.router):
        app.include_router(routes)


def _provider(one: ProviderSettings, url: str) -> Provider:
    match one:
        case AfricasTalkingSettings():
            return AfricasTalking(one)
        case TwilioSettings():
            return Twilio(one, f"{url}/hooks/{one.name}/{one.secret}/reports" if one.secret else None)
        case _:
            from cloud.notices.providers.by_apprise import ByApprise  # noqa: PLC0415 - it is large; most clouds do without

            return ByApprise(one)


def _wake(site: Site, sender: Sender) -> None:
    """Whoever rings has committed a message."""
    tasks: list[asyncio.Task[None]] = []

    async def listen() -> None:
        with site.bus.listening(TOPIC) as bell:
            while True:
                if await bell.heard(_LISTEN_S):
                    sender.wake()

    def closed() -> None:
        with suppress(IndexError):
            tasks.pop().cancel()

    site.opening.append(lambda: tasks.append(asyncio.create_task(listen(), name="notices")))
    site.closing.append(closed)


router = APIRouter(prefix="/api/v1/push", tags=["push"])


@router.get("/key", summary="The key with which a browser allows this installation to send it push messages")
async def _key(site: Annotated[Site, Depends(site_of)]) -> PushKey:
    return PushKey(key=str(site.notes[_PUSH_KEY]))
