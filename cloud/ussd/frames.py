"""The screens, in the caller's language, from what is known."""

from dataclasses import replace

from cloud.ussd.layout import MOST_ITEMS, Foot, Sheet
from cloud.ussd.sentences import about, over, reason, ticket_line, ticket_name
from cloud.ussd.state import Frame, Item, Known, Place, Screen, ServiceFacts, State, Step, TicketFacts, Want, Wants
from foleni.words import Words, words
from foleni.words.catalogue import OWN_NAMES

ROOM = "cloud.ussd"
_NO_KEYS = Foot(back="", more="", menu="")


def sheet(state: State) -> Sheet:
    """The frame on top, laid out."""
    top = state.top
    if top.place is Place.LANGUAGE:
        return Sheet(top, Foot(back="", more=">", menu=""))
    say = words(ROOM, state.language)
    back = "" if top.place is Place.MENU else say("Back")
    return Sheet(top, Foot(back, say("More"), say("Menu") if len(state.frames) > 2 else ""))


def screen(state: State) -> Screen:
    """The screen of a state, the same each time."""
    return Screen(sheet(state).text(state.note))


def shown(state: State) -> Step:
    return state, screen(state)


def languages(offered: tuple[str, ...]) -> Frame:
    """Each in its own words: who reads none of the others finds theirs."""
    return Frame(Place.LANGUAGE, items=tuple(Item(language, OWN_NAMES[language]) for language in offered))


def menu(state: State, tickets: tuple[TicketFacts, ...]) -> Frame:
    """What one can do; a ticket that the caller has stands above it."""
    say = words(ROOM, state.language)
    items = (
        Item("join", say("Take a ticket")), Item("tickets", say("My ticket")), Item("language", say("Language")),
    )  # fmt: skip
    if not tickets:
        return Frame(Place.MENU, heading="Foleni", items=items)
    first = tickets[0]
    return Frame(Place.MENU, heading=ticket_name(say, first), extra=(ticket_line(say, first),), items=items)


def where(state: State) -> Frame:
    """How the branch is named; the one of the last time first."""
    say = words(ROOM, state.language)
    last = (Item("last", state.last_branch_name),) if state.last_branch else ()
    ways = (Item("code", say("By its number")), Item("name", say("By its name")), Item("list", say("From a list")))
    return Frame(Place.WHERE, heading=say("Which branch?"), items=last + ways)


def prompt(place: Place, language: str) -> Frame:
    say = words(ROOM, language)
    if place is Place.CODE:
        return Frame(place, heading=say("Type the number of the branch. It stands at its door."))
    return Frame(place, heading=say("Type the name of the branch, or a part of it."))


def services(state: State, branch: str, known: Known) -> Frame:
    say = words(ROOM, state.language)
    items = tuple(_service(say, service) for service in known.services[:MOST_ITEMS])
    extra = () if known.live else (say("No contact with the branch now."),)
    return Frame(Place.SERVICES, heading=known.heading, items=items, extra=extra, key=branch)


def confirm(state: State, item: Item) -> Frame:
    """The last question before a ticket is taken."""
    say = words(ROOM, state.language)
    chosen = (Item(item.key, say("Take a ticket")),)
    extra = (state.top.heading, *state.top.extra)
    return Frame(Place.CONFIRM, heading=item.name, body=(item.detail,), extra=extra, items=chosen, key=state.top.key)


def ticket(state: State, facts: TicketFacts) -> Frame:
    say = words(ROOM, state.language)
    waits = facts.status in {"asked", "waiting"}
    here = [Item("here", say("I am here"))] if facts.status == "waiting" and not facts.checked_in else []
    items = (*here, *([Item("cancel", say("Cancel it"))] if waits else []))
    return Frame(Place.TICKET, body=_ticket_body(say, facts), extra=_ticket_extra(say, facts), items=items, key=facts.id)


def cancel(state: State) -> Frame:
    say = words(ROOM, state.language)
    question = say("Give up your place?")
    return Frame(Place.CANCEL, heading=state.top.body[0], body=(question,), items=(Item("yes", say("Yes")),), key=state.top.key)


def answered(state: State, wants: Wants, known: Known) -> Step:
    """What follows when that which was wanted is known."""
    return _ANSWERED.get(wants.want, _named)(state, wants, known)


def refused(state: State, known: Known) -> Step:
    """It could not be done, and why."""
    say = words(ROOM, state.language)
    if known.tickets:
        said = say("You have a ticket here.")
        return shown(state.down_to(Place.MENU).opened(ticket(state, known.tickets[0])).saying(said))
    under = state.closed() if state.top.place in {Place.CONFIRM, Place.CANCEL} and len(state.frames) > 1 else state
    return shown(under.saying(reason(say, known.refusal)))


def mistake(state: State) -> str:
    """What helps who pressed something that means nothing here."""
    say = words(ROOM, state.language or "en")
    if state.top.place is Place.CODE:
        return say("Type only digits, such as 1042.")
    if state.top.place is Place.NAME:
        return say("Type two letters or more.")
    return say("Choose a number of the list.") if state.language else ""


def _end(*lines: str, extra: tuple[str, ...] = ()) -> Screen:
    return Screen(Sheet(Frame(Place.TICKET, body=lines, extra=extra), _NO_KEYS).text(), ends=True)


def _service(say: Words, service: ServiceFacts) -> Item:
    if service.block:
        why = reason(say, service.block)
        again = say("Open again at {time}.", time=service.reopens) if service.reopens else why
        return Item(service.id, f"{service.name}: {_short(say, service.block)}", service.name, block=again)
    if service.wait_s is None:
        label, detail = service.name, say.n("{count} waiting", "{count} waiting", service.waiting)
    else:
        wait = about(say, max(60 if service.waiting else 0, service.wait_s))
        label = f"{service.name}: {wait}"
        detail = say.n("{count} waiting, about {wait}", "{count} waiting, about {wait}", service.waiting, wait=wait)
    return Item(service.id, label, service.name, say("Nobody waiting") if service.waiting == 0 else detail)


def _short(say: Words, block: str) -> str:
    if block == "service_paused":
        return say("paused")
    return say("full") if block == "service_full" else say("closed")


def _ticket_body(say: Words, facts: TicketFacts) -> tuple[str, ...]:
    return (ticket_name(say, facts), ticket_line(say, facts))


def _ticket_extra(say: Words, facts: TicketFacts) -> tuple[str, ...]:
    away = () if facts.live else (say("No contact with the branch now."),)
    return (facts.service, facts.branch, *away)


def _menu(state: State, _wants: Wants, known: Known) -> Step:
    return shown(state.opened(menu(state, known.tickets)))


def _cancelled(state: State, _wants: Wants, known: Known) -> Step:
    return replace(state, frames=(), note=""), _end(over(words(ROOM, state.language), known.tickets[0]))


def _checked_in(state: State, _wants: Wants, known: Known) -> Step:
    said = words(ROOM, state.language)("Thank you. It is passed on.")
    told = replace(known.tickets[0], checked_in=True)
    return shown(state.down_to(Place.TICKET).opened(ticket(state, told)).saying(said))


def _tickets(state: State, wants: Wants, known: Known) -> Step:
    say = words(ROOM, state.language)
    wanted = [one for one in known.tickets if one.id == wants.value] if wants.value else list(known.tickets)
    if len(wanted) == 1:
        return shown(state.opened(ticket(state, wanted[0])))
    if not known.tickets:
        return shown(replace(state, frames=(menu(state, ()),), note=say("You have no ticket.")))
    items = tuple(Item(one.id, f"{ticket_name(say, one)}, {one.branch}") for one in known.tickets[:MOST_ITEMS])
    return shown(state.opened(Frame(Place.TICKETS, heading=say("Which ticket?"), items=items)))


def _services(state: State, wants: Wants, known: Known) -> Step:
    if known.services:
        return shown(state.opened(services(state, wants.value, known)))
    below = state if state.frames else state.opened(where(state))
    return shown(below.saying(words(ROOM, state.language)("No queue is open there.")))


def _joined(state: State, wants: Wants, known: Known) -> Step:
    say = words(ROOM, state.language)
    facts = known.tickets[0]
    again = say("Dial again to see your place.")
    ended = replace(state, frames=(), note="", last_branch=wants.branch, last_branch_name=facts.branch)
    return ended, _end(*_ticket_body(say, facts), again, extra=_ticket_extra(say, facts))


def _named(state: State, wants: Wants, known: Known) -> Step:
    """Branches or organizations by their names: one is chosen by itself."""
    say = words(ROOM, state.language)
    if not known.named:
        return _none(state, wants)
    if len(known.named) == 1:
        one = known.named[0].id
        return state, Wants(Want.BRANCHES_OF if wants.want is Want.ORGANIZATIONS else Want.SERVICES, one)
    items = tuple(Item(one.id, one.name, one.name) for one in known.named[:MOST_ITEMS])
    if wants.want is Want.ORGANIZATIONS:
        return shown(state.opened(Frame(Place.ORGANIZATIONS, heading=say("Choose, or type a branch's name."), items=items)))
    heading = say("Many: type more letters.") if known.wider else known.heading or say("Choose the branch.")
    key = wants.value if wants.want is Want.BRANCHES_OF else wants.branch
    return shown(state.opened(Frame(Place.BRANCHES, heading=heading, items=items, key=key)))


def _none(state: State, wants: Wants) -> Step:
    say = words(ROOM, state.language)
    by_number = wants.want is Want.BRANCH_BY_CODE
    said = say("No branch has this number.") if by_number else say("No branch found.")
    below = state if state.frames else state.opened(prompt(Place.CODE, state.language))
    return shown(below.saying(said))


_ANSWERED = {
    Want.MENU: _menu,
    Want.TICKETS: _tickets,
    Want.SERVICES: _services,
    Want.JOIN: _joined,
    Want.CANCEL: _cancelled,
    Want.CHECK_IN: _checked_in,
}
