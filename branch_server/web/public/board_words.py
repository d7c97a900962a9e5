"""The words of the board's own script, in each language that it shows."""

from typing import Any

from branch_server.web.public.board import ROOM
from foleni.words import Words, words


def script_words(languages: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """By language, what the script says by itself. Fields in braces are filled by the script."""
    return {language: _said(words(ROOM, language)) for language in languages}


def _said(say: Words) -> dict[str, Any]:
    return {
        "rtl": say.right_to_left,
        "serving": say("Now serving"),
        "not_live": say("Not live"),
        "not_live_since": say("Not live since {time}"),
        "missing": say("Newer calls are missing here. Please listen for your number, or ask at a counter."),
        "ticket": say("Ticket"), "counter": say("Counter"), "before": say("Called before"),
        "waiting": say("Waiting"), "next": say("Next"), "people": say("People"), "about": say("About"),
        "welcome": say("Welcome"),
        "empty": [say("Your number appears here"), say("Take a ticket and have a seat.")],
        "no_branch": [
            say("Waiting for the branch"),
            say("Numbers appear here as soon as this screen hears from it. Please listen for your number."),
        ],
        "open": say("Open"), "closed": say("Closed"), "break": say("On a break"),
        "call": say("Ticket {number}, counter {counter}"),
        "sound": say("Touch for sound"),
        "silent": say("There is no sound just now. Please watch this screen."),
    }  # fmt: skip
