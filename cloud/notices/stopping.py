"""STOP and START: what people answer when they want no messages, or want them again."""

import re
import unicodedata
from enum import StrEnum

from sqlalchemy import Connection, delete, update

from cloud.notices.occasions import Channel, Occasion
from cloud.store.database import upserting
from cloud.store.tables import notifications, opt_outs
from foleni.times import Instant


class Wish(StrEnum):
    """What an answer asks for."""

    STOP = "stop"
    START = "start"


_STOP = (
    *("stop", "stopall", "unsubscribe", "end", "quit"),
    *("arret", "arreter", "desabonner", "desinscrire"),
    *("parar", "pare", "sair", "baja"),
    *("acha", "simama", "ondoa"),
    *("hagarika", "reka"),
    *("توقف", "ايقاف", "الغاء", "قف"),
    *("रोकें", "रोको", "बंद", "रुकें"),
)
_START = (
    *("start", "unstop", "subscribe"),
    *("reprendre", "commencer", "abonner"),
    *("iniciar", "comecar"),
    *("anza", "endelea"),
    *("tangira", "komeza"),
    *("ابدا", "اشترك", "تشغيل"),
    *("शुरू", "चालू"),
)


_QUOTES = "\"')]}\u00bb\u201d\u2019"


def wish(text: str) -> Wish | None:
    """What the first word asks for, whatever its accents and letters' size; None where it is another one."""
    found = re.match(r"[\s\W]*([^\s.,!?;:]+)", _plain(text))
    return _WORDS.get(found.group(1).rstrip(_QUOTES)) if found is not None else None


def _plain(text: str) -> str:
    """Without accents, and Arabic without its vowel signs; what carries meaning in other scripts stays."""
    apart = unicodedata.normalize("NFD", text[:200].casefold())
    return unicodedata.normalize(
        "NFC", "".join(letter for letter in apart if unicodedata.category(letter) != "Mn" or _is_indic(letter))
    )


def _is_indic(letter: str) -> bool:
    return "\u0900" <= letter <= "\u0dff"


_WORDS = {_plain(word): Wish.STOP for word in _STOP} | {_plain(word): Wish.START for word in _START}


def carry_out(c: Connection, wanted: Wish, phone: str, now: Instant) -> None:
    """From now on no SMS and no WhatsApp for this phone but one-time codes, or all again. Saying it twice is harmless."""
    if wanted is Wish.START:
        c.execute(delete(opt_outs).where(opt_outs.c.recipient == phone))
        return
    c.execute(upserting(c, opt_outs).values(recipient=phone, at=now).on_conflict_do_nothing())
    waiting = (
        notifications.c.recipient == phone,
        notifications.c.state == "queued",
        notifications.c.channel.in_([Channel.SMS.value, Channel.WHATSAPP.value]),
        notifications.c.kind != Occasion.OTP.value,
    )
    c.execute(update(notifications).where(*waiting).values(state="dropped", fault="wants no messages"))
