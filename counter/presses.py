"""What people do to a button, and what that is to mean."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from foleni.messages.commands import (
    BreakCounter,
    CallNext,
    CloseCounter,
    Complete,
    CounterCommand,
    NoShow,
    OpenCounter,
    Park,
    Recall,
    Skip,
    Start,
)


class Gesture(StrEnum):
    """How a button was pressed."""

    SINGLE = "single"
    DOUBLE = "double"
    LONG = "long"


class Action(StrEnum):
    """What a press can mean at a counter."""

    NEXT = "next"
    RECALL = "recall"
    START = "start"
    COMPLETE = "complete"
    SKIP = "skip"
    NO_SHOW = "no_show"
    PARK = "park"
    OPEN = "open"
    CLOSE = "close"
    BREAK = "break"


COMMANDS: Mapping[Action, Callable[..., CounterCommand]] = {
    Action.NEXT: CallNext,
    Action.RECALL: Recall,
    Action.START: Start,
    Action.COMPLETE: Complete,
    Action.SKIP: Skip,
    Action.NO_SHOW: NoShow,
    Action.PARK: Park,
    Action.OPEN: OpenCounter,
    Action.CLOSE: CloseCounter,
    Action.BREAK: BreakCounter,
}

ONE_BUTTON: Mapping[Gesture, Action] = {
    Gesture.SINGLE: Action.NEXT,
    Gesture.DOUBLE: Action.RECALL,
    Gesture.LONG: Action.NO_SHOW,
}
"""How one button runs a counter, unless the settings say otherwise."""

KEYS: Mapping[str, Mapping[Gesture, Action]] = {
    "NEXT": ONE_BUTTON,
    "RECALL": {Gesture.SINGLE: Action.RECALL},
    "START": {Gesture.SINGLE: Action.START},
    "DONE": {Gesture.SINGLE: Action.COMPLETE},
    "SKIP": {Gesture.SINGLE: Action.SKIP},
    "NOSHOW": {Gesture.SINGLE: Action.NO_SHOW},
    "PARK": {Gesture.SINGLE: Action.PARK},
    "OPEN": {Gesture.SINGLE: Action.OPEN},
    "CLOSE": {Gesture.SINGLE: Action.CLOSE},
    "BREAK": {Gesture.SINGLE: Action.BREAK},
}
"""The keys of a unit by the names on the line."""
