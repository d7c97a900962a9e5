"""What people are told here, in their language."""

from fastapi import Request

from branch_server.web.pages import language_of
from branch_server.web.people.choosing import Fault
from foleni.words.catalogue import Words, words

_ROOM = "branch_server.web.people"
_BASE = "branch_server.web.base"


def words_in(language: str) -> Words:
    """The words of this feature."""
    return words(_ROOM, language, _BASE)


def words_of(request: Request, language: str | None = None) -> Words:
    """The words of this feature in the language of a request, or of its person."""
    return words_in(language or language_of(request))


def wait_words(say: Words, wait_s: int) -> str:
    """When to try again after too many wrong tries."""
    if wait_s < 60:
        return say.n(
            "There were too many wrong tries. Please try again in {count} second.",
            "There were too many wrong tries. Please try again in {count} seconds.",
            wait_s,
        )
    return say.n(
        "There were too many wrong tries. Please try again in {count} minute, or ask an administrator.",
        "There were too many wrong tries. Please try again in {count} minutes, or ask an administrator.",
        -(-wait_s // 60),
    )


def fault_words(say: Words, fault: Fault) -> str:
    """Why a PIN or password cannot be taken, and what can."""
    match fault:
        case Fault.TOO_SHORT:
            return say("A PIN has at least 6 digits, a password at least 10 letters.")
        case Fault.TOO_LONG:
            return say("A password has at most 128 letters.")
        case Fault.TOO_EASY:
            return say("This is too easy to guess. Do not repeat digits, and do not count up or down.")
        case _:
            return say("Your own name is too easy to guess.")


def role_words(say: Words, role: str) -> str:
    """A role's name."""
    match role:
        case "admin":
            return say("Administrator")
        case "manager":
            return say("Manager")
        case "integration":
            return say("Integration")
        case _:
            return say("Staff")


def scope_words(say: Words) -> list[tuple[str, str, str]]:
    """Each scope, its name, and what it lets a token do."""
    return [
        ("read", say("Read"), say("See services, counters, the board and tickets.")),
        ("tickets", say("Tickets"), say("Give, cancel, check in and transfer tickets.")),
        ("counters", say("Counters"), say("Call the next customer, and all else that is done at a counter.")),
        ("services", say("Services"), say("Open, pause and close services.")),
        ("reports", say("Reports"), say("Read the reports.")),
        ("metrics", say("Metrics"), say("Read the figures for monitoring.")),
    ]


def outcome_words(say: Words, outcome: str) -> str:
    """What came of something."""
    match outcome:
        case "ok":
            return say("Done")
        case "wrong_pin":
            return say("Wrong PIN")
        case "not_allowed":
            return say("Not allowed")
        case "unavailable":
            return say("Could not be done")
        case _:
            return say("Refused")


def refusal_words(say: Words, status: int) -> tuple[str, str]:
    """The title of a page that cannot be shown, and what to do now."""
    match status:
        case 403:
            return say("This page is not for you"), say("Ask an administrator if you need it.")
        case 404:
            return say("There is no such page"), say("Perhaps the address has a typing mistake.")
        case 429:
            return say("Too much at once"), say("Please try again in a moment.")
        case _:
            return say("This page cannot be shown now"), say("Please try again in a moment.")
