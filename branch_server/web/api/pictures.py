"""Services, board and counters in the forms of the LAN's topics, drawn once for everybody who asks."""

import json

from branch_server.engine.view import View, view_of
from branch_server.web.follower import Follower
from foleni.messages.state import CounterStatus
from foleni.times import SECOND_US


class Pictures:
    """The newest picture of the branch; drawn anew where an event or a second has passed."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower
        self._drawn: tuple[tuple[int, int], View] | None = None

    def services(self) -> bytes:
        return self._view().services.to_wire()

    def board(self) -> bytes:
        return self._view().board.to_wire()

    def counters(self) -> bytes:
        """`{"seq": n, "counters": {"c1": {…as on its topic…}}}`."""
        view = self._view()
        counters = {name: status.model_dump(mode="json", exclude_unset=True) for name, status in view.counters.items()}
        return json.dumps({"seq": view.seq, "counters": counters}, ensure_ascii=False, separators=(",", ":")).encode()

    def counter(self, counter: str) -> CounterStatus | None:
        return self._view().counters.get(counter)

    def _view(self) -> View:
        now = self._follower.now()
        state = self._follower.state
        mark = (state.seq, now // SECOND_US)
        if self._drawn is None or self._drawn[0] != mark:
            self._drawn = (mark, view_of(state, self._follower.waits, now))
        return self._drawn[1]
