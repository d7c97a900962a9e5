"""What the branch answered goes up, and is kept until the cloud has it."""

import threading

from branch_server.adapters.sync.address import TokenFile
from branch_server.adapters.sync.errors import CloudAwayError, CloudRefusedError
from branch_server.adapters.sync.standing import Standing
from branch_server.adapters.sync.wire import Wire
from branch_server.adapters.sync.worker import Worker

MOST_KEPT = 20_000
"""Beyond that the oldest go: the cloud asks again for what it has no answer to."""
_MOST_AT_ONCE = 200
_MOST_BYTES = 1_000_000
_LOOKS_S = 1.0
_READ_S = 30.0


class Replier(Worker):
    """Keeps replies by command, the newest of each. What is lost with the process is made again: the cloud repeats a command
    that it has no answer to, and the engine answers it as before.
    """

    def __init__(self, wire: Wire, standing: Standing, token: TokenFile) -> None:
        super().__init__("replier", wire, standing, token)
        self._lock = threading.Lock()
        self._bell = threading.Event()
        self._replies: dict[str, bytes] = {}
        self._most = _MOST_AT_ONCE

    def add(self, command: str, reply: bytes) -> None:
        """A reply as JSON. For any thread."""
        with self._lock:
            self._replies.pop(command, None)
            self._replies[command] = reply
            while len(self._replies) > MOST_KEPT:
                del self._replies[next(iter(self._replies))]
        self._bell.set()

    def end(self) -> None:
        super().end()
        self._bell.set()

    def turn(self) -> None:
        self._bell.clear()
        batch = self._next()
        if not batch:
            self._bell.wait(_LOOKS_S)
            return
        try:
            self._wire.post("replies", b'{"replies":[%s]}' % b",".join(batch.values()), _READ_S)
        except CloudRefusedError as error:
            self._refused(batch, error)
            return
        self._drop(batch)
        self._most = min(_MOST_AT_ONCE, self._most * 2)
        self._well()

    def _next(self) -> dict[str, bytes]:
        with self._lock:
            waiting = list(self._replies.items())[: self._most]
        batch: dict[str, bytes] = {}
        size_bytes = 0
        for command, reply in waiting:
            size_bytes += len(reply)
            if batch and size_bytes > _MOST_BYTES:
                break
            batch[command] = reply
        return batch

    def _refused(self, batch: dict[str, bytes], error: CloudRefusedError) -> None:
        """One reply that the cloud cannot take must not hold up the others: smaller and smaller parts find it, and it goes."""
        if error.is_about_the_token or error.status == 404:
            raise error
        if len(batch) > 1:
            self._most = len(batch) // 2
            raise CloudAwayError(f"it does not take {len(batch)} replies at once: {error}") from error
        self._drop(batch)
        self._standing.away(self.name, f"a reply was dropped, because it does not take it: {error}")

    def _drop(self, batch: dict[str, bytes]) -> None:
        """These are dealt with, but for those that there is a newer reply to."""
        with self._lock:
            for command, reply in batch.items():
                if self._replies.get(command) is reply:
                    del self._replies[command]
