"""What is said about a ticket and about a refusal: short enough for any screen."""

from cloud.ussd.state import TicketFacts
from foleni.words import Words, wait_short

_ENDED = frozenset({"completed", "no_show", "cancelled", "expired"})
_MINUTES_UP_TO_S = 75 * 60


def ticket_name(say: Words, facts: TicketFacts) -> str:
    return say("Ticket {number}", number=facts.number) if facts.number else say("Your ticket")


def ticket_line(say: Words, facts: TicketFacts) -> str:
    """How it stands with a ticket, in one sentence."""
    if facts.status == "waiting":
        return _waiting(say, facts)
    if facts.status == "called":
        return say("Go to counter {counter} now.", counter=facts.counter)
    if facts.status == "serving":
        return say("You are at counter {counter}.", counter=facts.counter)
    if facts.status == "parked":
        return say("You will be called again.")
    if facts.status == "refused":
        return say("The branch did not take it.")
    return say("It is over.") if facts.status in _ENDED else say("The number comes soon.")


def about(say: Words, wait_s: int) -> str:
    """A wait in few letters: minutes, or whole hours where it is long."""
    hours = round(wait_s / 3600)
    return wait_short(say.language, wait_s if wait_s <= _MINUTES_UP_TO_S else hours * 3600)


def over(say: Words, facts: TicketFacts) -> str:
    """After somebody gave up their place."""
    name = ticket_name(say, facts)
    if facts.status == "cancelled":
        return say("{ticket} is cancelled.", ticket=name)
    return say("{ticket} will be cancelled as soon as the branch hears of it.", ticket=name)


def reason(say: Words, code: str) -> str:
    """Why something could not be done."""
    said = {
        "service_closed": say("This is closed now."),
        "service_paused": say("This is paused now."),
        "service_full": say("No more tickets today."),
        "unknown_service": say("This is not offered now."),
        "unknown_ticket": say("You have no ticket."),
        "wrong_state": say("It is too late for that."),
    }
    return said.get(code) or say("Not possible now. Try again.")


def _waiting(say: Words, facts: TicketFacts) -> str:
    if facts.ahead is None:
        return say("Say when you are here.")
    if facts.ahead == 0:
        return say("You are next.")
    if facts.wait_s is None:
        return say.n("{count} ahead", "{count} ahead", facts.ahead)
    wait = about(say, max(60, facts.wait_s))
    return say.n("{count} ahead, about {wait}", "{count} ahead, about {wait}", facts.ahead, wait=wait)
