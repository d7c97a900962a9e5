"""A device's orders: each is handed over once, and what came of it is answered as often as it is asked."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import ValidationError

from foleni.messages.orders import KNOWN_TYPES, Came, KnownOrder, Order, Outcome, known_orders

logger = logging.getLogger(__name__)

_MOST_REMEMBERED = 64

Answer = Callable[[Came, str], object]
"""Tells what came of an order, from any thread; the sentence is for people. A later answer stands for the one before."""
_GOOD = frozenset({Came.DONE, Came.LATER, Came.PRINTED})


def unknown(order: KnownOrder, answer: Answer) -> None:
    """What a device does with an order that it has no use for."""
    answer(Came.UNKNOWN, f"This device cannot {order.type}.")


@dataclass(slots=True)
class Orders:
    """Reads orders and remembers the last ones. `say` sends an outcome; `on_order` gets each order that can be read, on the
    thread that calls `take`.
    """

    say: Callable[[Outcome], object]
    on_order: Callable[[KnownOrder, Answer], object] = unknown
    _known: dict[str, Outcome | None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, payload: bytes) -> None:
        """An order came in. Raises `ValidationError` for what has no readable id, which nobody can be answered about."""
        envelope = Order.model_validate_json(payload)
        if not self._is_new(envelope.id):
            return
        if envelope.type not in KNOWN_TYPES:
            self._answer(envelope.id, Came.UNKNOWN, f"This device does not know the order {envelope.type[:32]!r}.")
            return
        try:
            order = known_orders.validate_json(payload)
        except ValidationError as error:
            fault = error.errors(include_input=False, include_url=False)[0]
            self._answer(envelope.id, Came.INVALID, f"The order cannot be read: {fault['msg']}")
            return
        logger.info("was ordered to %s", order.type)
        self.on_order(order, lambda came, message: self._answer(order.id, came, message))

    def _is_new(self, order: str) -> bool:
        """Whether it was not heard before; the outcome of one that was is said again."""
        with self._lock:
            if order not in self._known:
                self._known[order] = None
                while len(self._known) > _MOST_REMEMBERED:
                    self._known.pop(next(iter(self._known)))
                return True
            outcome = self._known[order]
        if outcome is not None:
            self.say(outcome)
        return False

    def _answer(self, order: str, came: Came, message: str) -> None:
        outcome = Outcome(order=order, ok=came in _GOOD, message=message, code=came)
        with self._lock:
            if order in self._known:
                self._known[order] = outcome
        self.say(outcome)
