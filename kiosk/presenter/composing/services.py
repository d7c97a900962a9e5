"""The pages on which a visitor chooses: start, services, phone number."""

from foleni.messages.setup import ServiceState
from foleni.times import Instant
from foleni.words import Words, day_and_time, time_of_day, wait_phrase, words
from kiosk.pages import Attract, ChooseService, EnterPhone, OutOfOrder, PriorityKey, ServiceCard
from kiosk.presenter.branch import BranchFacts
from kiosk.presenter.composing.frames import ROOM
from kiosk.presenter.knowledge import Knowledge, Offer
from kiosk.presenter.manners import Manners
from kiosk.presenter.phones import e164, spaced
from kiosk.presenter.stages import Phoning, Visit


def attract(facts: BranchFacts) -> Attract:
    """The invitation is in the branch's first language, the headlines in all of its languages."""
    headlines = tuple(say("Take a number here") for say in (words(ROOM, language) for language in facts.branch.languages))
    say = words(ROOM, facts.language)
    return Attract(headlines, say("Touch the screen to begin"))


def out_of_order(known: Knowledge, language: str) -> OutOfOrder:
    say = words(ROOM, language)
    if known.facts is None:
        text = say("This kiosk has not heard from its branch yet. It begins by itself as soon as it has. Please ask our staff.")
    else:
        text = say("This kiosk cannot keep a number safe, so it gives none. Please ask our staff for a number.")
    return OutOfOrder(say("Out of order"), text)


def choose(known: Knowledge, facts: BranchFacts, visit: Visit, now: Instant) -> ChooseService:
    say = words(ROOM, visit.language)
    cards = tuple(_card(known, facts, offer, say, now) for offer in known.offers(now))
    priorities = tuple(
        PriorityKey(each.id, facts.in_words(each.name, visit.language), each.id == visit.priority) for each in facts.priorities
    )
    empty = "" if cards else say("No services are offered here now. Please ask our staff.")
    return ChooseService(say("What do you need today?"), cards, priorities if cards else (), empty)


def enter_phone(visit: Visit, stage: Phoning, manners: Manners) -> EnterPhone:
    say = words(ROOM, visit.language)
    return EnterPhone(
        headline=say("Your phone number?"),
        hint=say("So that we can reach you when it is your turn. You can go on without it."),
        digits=spaced(stage.typed, manners.region),
        fault=say("This is not a complete phone number.") if stage.faulty else "",
        skip_word=say("Go on without"),
        go_word=say("Take a number"),
        can_go=e164(stage.typed, manners.region) is not None,
    )


def _card(known: Knowledge, facts: BranchFacts, offer: Offer, say: Words, now: Instant) -> ServiceCard:
    service = facts.service(offer.service)
    prefix = service.prefix if service is not None else ""
    state, line = _status(known, offer, say, now)
    can_be_chosen = offer.can_be_chosen and known.can_number
    name = facts.service_name(offer.service, say.language)
    return ServiceCard(offer.service, prefix, name, line, state, can_be_chosen)


def _status(known: Knowledge, offer: Offer, say: Words, now: Instant) -> tuple[str, str]:
    """What stands on a card: the state in red where it cannot be chosen, and the line behind it."""
    match offer.state:
        case ServiceState.PAUSED:
            return say("Paused."), why_and_until(known, offer, say, now)
        case ServiceState.CLOSED:
            return say("Closed."), why_and_until(known, offer, say, now)
    if offer.is_full:
        return say("Full."), say("All numbers of today are given.")
    return "", _queue(offer, say)


def why_and_until(known: Knowledge, offer: Offer, say: Words, now: Instant) -> str:
    """`Staff meeting. Open again at 14:00.`; empty where nobody knows."""
    reason = f"{offer.reason.rstrip('.')}." if offer.reason else ""
    return " ".join(part for part in (reason, _until(known, offer, say, now)) if part)


def _until(known: Knowledge, offer: Offer, say: Words, now: Instant) -> str:
    if offer.reopens_at is None:
        return ""
    if known.local(offer.reopens_at).date() == known.local(now).date():
        return say("Open again at {time}.", time=time_of_day(offer.reopens_at, known.zone, say.language))
    return say("Open again: {day}.", day=day_and_time(offer.reopens_at, known.zone, say.language))


def _queue(offer: Offer, say: Words) -> str:
    if offer.waiting is None:
        return say("Open")
    wait = wait_phrase(say.language, offer.wait_p50_s, offer.wait_p90_s)
    if offer.waiting:
        return f"{say.n('{count} waiting', '{count} waiting', offer.waiting)} · {wait}"
    if wait == wait_phrase(say.language, 0, 0):
        return say("Nobody waiting · your turn at once")
    return f"{say('Nobody waiting')} · {wait}"
