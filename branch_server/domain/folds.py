"""Which function folds which event into the state."""

from collections.abc import Callable
from typing import Any

from branch_server.domain.events import Event
from branch_server.domain.state import State
from foleni.times import Instant

Fold = Callable[[State, Any, Instant], None]
_folds: dict[type[Event], Fold] = {}


def folds(event: type[Event]) -> Callable[[Fold], Fold]:
    """Registers the decorated function as the fold of `event`."""

    def register(fold: Fold) -> Fold:
        _folds[event] = fold
        return fold

    return register


def fold_of(event: type[Event]) -> Fold | None:
    """How `event` changes the state; None where it changes nothing."""
    return _folds.get(event)
