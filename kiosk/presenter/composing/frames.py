"""What surrounds every page: title, clock, languages, accessibility keys, and the band that tells trouble."""

from foleni.station.station import Reach
from foleni.words import OWN_NAMES, Words, msgid, time_of_day, words
from kiosk.pages import Access, Band, Chip, Frame
from kiosk.presenter.knowledge import Knowledge
from kiosk.presenter.news import Now
from kiosk.presenter.stages import AtDesk, Choosing, Phoning, Stage, Visit

ROOM = "kiosk"
_WITHOUT_PAPER = {
    "paper_out": msgid("The printer has no paper. You get your number on the screen."),
    "cover_open": msgid("The printer is open. You get your number on the screen."),
    "offline": msgid("The printer does not answer. You get your number on the screen."),
    "error": msgid("The printer has a fault. You get your number on the screen."),
}


def frame_of(known: Knowledge, visit: Visit, stage: Stage, now: Now, *, calm_link: bool) -> Frame:
    """`calm_link`: the branch server is there, or away for so short a time that nobody needs to know."""
    say = words(ROOM, visit.language)
    return Frame(
        title=_title(known, visit.language),
        clock=time_of_day(now.wall, known.zone, visit.language),
        language=visit.language,
        right_to_left=say.right_to_left,
        chips=_chips(known, visit.language),
        access=access_of(say, visit),
        band=_band(known, say, calm_link=calm_link),
        back=say("Back") if isinstance(stage, Phoning | Choosing | AtDesk) else None,
    )


def access_of(say: Words, visit: Visit) -> Access:
    return Access(
        large="large" in visit.switches,
        contrast="contrast" in visit.switches,
        low_reach="low_reach" in visit.switches,
        large_word=say("Large type"),
        contrast_word=say("High contrast"),
        low_reach_word=say("Low reach"),
    )


def _title(known: Knowledge, language: str) -> str:
    if known.facts is None:
        return ""
    branch = known.facts.branch
    return f"{branch.organization} · {known.facts.in_words(branch.name, language)}"


def _chips(known: Knowledge, chosen: str) -> tuple[Chip, ...]:
    """One for each language of the branch; none where there is no choice."""
    languages = known.facts.branch.languages if known.facts is not None else ()
    return tuple(Chip(code, OWN_NAMES.get(code, code), code == chosen) for code in languages) if len(languages) > 1 else ()


def _band(known: Knowledge, say: Words, *, calm_link: bool) -> Band | None:
    if known.facts is None or known.stock.broken:
        return None
    told = []
    if not calm_link and known.reach is not Reach.LIVE:
        told.append(_away(known, say))
    if known.printer in _WITHOUT_PAPER:
        told.append(say(_WITHOUT_PAPER[known.printer]))
    if told:
        return Band(" ".join(told))
    if known.printer == "paper_low":
        return Band(say("The printer is low on paper. Please tell our staff."), calm=True)
    return None


def _away(known: Knowledge, say: Words) -> str:
    if known.can_number:
        return say("The branch computer does not answer. You still get a number, and it counts.")
    return say("The branch computer does not answer. Please ask our staff for a number.")
