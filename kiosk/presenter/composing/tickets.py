"""The number, what became of its paper, and the facts that are printed on it."""

from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from foleni.messages.orders import GivenTicket
from foleni.paper.ticket import PaperTicket
from foleni.times import Instant, from_wire, to_datetime
from foleni.words import Words, day_and_time, pick, wait_short, words
from kiosk.ledger.entries import Entry
from kiosk.pages import Asking, Paper, ShowTicket
from kiosk.presenter.branch import BranchFacts
from kiosk.presenter.composing.frames import ROOM
from kiosk.presenter.stages import Holding

_AT_ONCE_S = 60


def asking(language: str) -> Asking:
    say = words(ROOM, language)
    return Asking(say("One moment"))


def show(facts: BranchFacts, stage: Holding, left_s: int) -> ShowTicket:
    """The number large, in the language in which it was asked for."""
    entry = stage.entry
    say = words(ROOM, entry.language)
    sentence, advice = _on_paper(stage.paper, say)
    lost = stage.paper in {Paper.FAILED, Paper.UNSURE}
    url = link_of(facts, entry)
    return ShowTicket(
        caption=say("Your number · {service}", service=facts.service_name(entry.service, entry.language)),
        number=entry.number or "",
        facts=_facts(entry, say),
        paper=stage.paper,
        sentence=sentence,
        advice=advice,
        qr=url or (_memo(facts, entry) if lost else ""),
        qr_headline=say("Take your number with you.") if lost else say("Follow it on your phone."),
        qr_text=say("Scan it, or take a photo.") if lost else say("Scan, and wait where you like."),
        left_s=left_s,
        of_s=stage.of_s,
        done_word=say("Done"),
    )


def paper_of(facts: BranchFacts, entry: Entry, *, copy: bool = False) -> PaperTicket:
    """What is printed; `copy` for one that staff print again."""
    footer = facts.template.footer if facts.template is not None else {}
    return PaperTicket(
        number=entry.number or "",
        service=facts.service_name(entry.service, entry.language),
        organization=facts.branch.organization,
        branch=facts.in_words(facts.branch.name, entry.language),
        kiosk=facts.device,
        issued_at=to_datetime(entry.given_at or entry.asked_at).astimezone(ZoneInfo(facts.branch.time_zone)),
        language=entry.language,
        ahead=entry.ahead,
        wait_p50_s=entry.wait_p50_s,
        wait_p90_s=entry.wait_p90_s,
        url=link_of(facts, entry),
        footer=pick(footer, entry.language, facts.language),
        copy=copy,
    )


def given_paper(facts: BranchFacts, given: GivenTicket, language: str, *, copy: bool = False) -> PaperTicket:
    """A ticket that somebody else has given, as this kiosk prints its own. Raises `ValueError` for what no ticket can be."""
    if facts.service(given.service) is None:
        raise ValueError(f"This kiosk does not know the service {given.service!r}.")
    entry = Entry(
        given.ticket or given.number, given.service, from_wire(given.joined_at), language=language, number=given.number,
        ahead=given.ahead, wait_p50_s=given.wait_p50_s, wait_p90_s=given.wait_p90_s, url=given.url,
    )  # fmt: skip
    return paper_of(facts, entry, copy=copy)


def trial_paper(facts: BranchFacts | None, language: str, now: Instant) -> PaperTicket:
    """A page that shows that the printer prints, and is no ticket."""
    say, zone = words(ROOM, language), facts.branch.time_zone if facts is not None else "UTC"
    return PaperTicket(
        number="TEST",
        service=say("This is no ticket"),
        organization=facts.branch.organization if facts is not None else "",
        branch=facts.in_words(facts.branch.name, language) if facts is not None else "",
        kiosk=facts.device if facts is not None else "",
        issued_at=to_datetime(now).astimezone(ZoneInfo(zone)),
        language=language,
        trial=True,
    )


def link_of(facts: BranchFacts, entry: Entry) -> str | None:
    """The ticket's link where it can be opened: the server may give a path only, which belongs below the branch's address."""
    if not entry.url:
        return None
    whole = urljoin(facts.branch.url or "", entry.url)
    return whole if urlsplit(whole).scheme in {"http", "https"} else None


def _facts(entry: Entry, say: Words) -> tuple[tuple[str, str], ...]:
    if entry.ahead is None:
        return ()
    ahead = (str(entry.ahead), say.n("person ahead", "people ahead", entry.ahead))
    if entry.wait_p50_s is None or entry.wait_p90_s is None:
        return (ahead,)
    if entry.wait_p90_s < 2 * _AT_ONCE_S:
        return ahead, (wait_short(say.language, 0), say("your turn"))
    return ahead, (
        wait_short(say.language, max(_AT_ONCE_S, entry.wait_p50_s)),
        say("at most {wait}", wait=wait_short(say.language, entry.wait_p90_s)),
    )


def _on_paper(paper: Paper, say: Words) -> tuple[str, str]:
    match paper:
        case Paper.PRINTING:
            return say("Your ticket is being printed"), ""
        case Paper.PRINTED:
            return say("Please take your ticket"), ""
        case Paper.UNSURE:
            return (
                say("A ticket may have come out: please look"),
                say("With paper or without, this is your number and it counts. Please remember it or take a photo."),
            )
        case Paper.FAILED:
            return (
                say("There is no paper this time"),
                say("Your number counts all the same. Please remember it or take a photo."),
            )


def _memo(facts: BranchFacts, entry: Entry) -> str:
    """The number as plain words, for a phone's camera."""
    when = day_and_time(entry.given_at or entry.asked_at, facts.branch.time_zone, entry.language)
    return f"{entry.number}\n{facts.service_name(entry.service, entry.language)}\n{facts.branch.organization}\n{when}"
