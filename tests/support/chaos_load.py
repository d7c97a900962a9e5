"""The load of a small branch: kiosks join, consoles call, serve, skip, park and hand on, whatever happens to the server."""

import random
import threading
from typing import Self

from tests.support.chaos import CONSOLES, KIOSKS, ChaosBranch, Party, join, press
from tests.support.client import Json
from tests.support.waiting import until

_KIOSK_PAUSE_S = 0.04
_CONSOLE_PAUSE_S = 0.02
_SERVED_S = 60.0


class Load:
    """One thread for each device. What it asks it repeats until it is answered, so at the end nothing is open."""

    def __init__(self, branch: ChaosBranch, seed: int) -> None:
        self.answered: dict[str, tuple[Party, Json]] = {}
        self._parties = [branch.party(device) for device in (*KIOSKS, *CONSOLES)]
        self._chance = random.Random(seed)
        self._ending = threading.Event()
        self._giving_up = threading.Event()
        self._faults: list[BaseException] = []
        self._threads = [threading.Thread(target=self._run, args=(party,), daemon=True) for party in self._parties]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._giving_up.set()
        for party in self._parties:
            party.disconnect()

    def wait_for(self, answers: int) -> None:
        """Returns when so many more commands were answered."""
        aim = len(self.answered) + answers
        until(lambda: len(self.answered) >= aim or self._faults, _SERVED_S)
        self._check()

    def finish(self) -> None:
        """Returns when everything that was asked is answered."""
        self._ending.set()
        for thread in self._threads:
            thread.join(_SERVED_S)
            assert not thread.is_alive(), "a command was never answered"
        self._check()

    def ask_again(self, most: int) -> None:
        """Asks for the latest answers once more, under the same ids."""
        for party, command in list(self.answered.values())[-most:]:
            party.insist(command)

    def payloads(self) -> dict[str, set[bytes]]:
        """Every reply that counted, by command id."""
        return {command: payloads for party in self._parties for command, payloads in party.payloads().items()}

    def _check(self) -> None:
        if self._faults:
            raise AssertionError("a device of the load failed") from self._faults[0]

    def _run(self, party: Party) -> None:
        chance = random.Random(self._chance.random())
        try:
            if party.device in CONSOLES:
                self._ask(party, press("open_counter", CONSOLES[party.device]))
                while not self._ending.wait(_CONSOLE_PAUSE_S * 2 * chance.random()):
                    self._serve(party, CONSOLES[party.device], chance)
            else:
                while not self._ending.wait(_KIOSK_PAUSE_S * 2 * chance.random()):
                    self._ask(party, join(chance.choice(["cash", "mess"])))
        except BaseException as fault:  # noqa: BLE001 - told to the test's own thread
            self._faults.append(fault)

    def _serve(self, party: Party, counter: str, chance: random.Random) -> None:
        called = self._ask(party, press("call_next", counter))
        if called is None or not called["ok"] or called["result"]["in_hand"] is None:
            return
        ticket = called["result"]["in_hand"]["ticket"]
        deed = chance.choice(["complete", "skip", "park", "no_show", "start", "recall", "transfer", "nothing"])
        if deed == "transfer":
            self._ask(party, {**join(), "type": "transfer", "ticket": ticket, "to_service": "mess"})
        elif deed == "park":
            self._ask(party, press("park", counter))
            self._ask(party, press("unpark", counter, ticket=ticket))
        elif deed != "nothing":
            self._ask(party, press(deed, counter))

    def _ask(self, party: Party, command: Json) -> Json | None:
        reply = party.insist(command, self._giving_up)
        if reply is not None:
            self.answered[command["id"]] = (party, command)
        return reply
