"""Calls: from the press to the board that shows the number."""

from benchmarks.branch import SERVICES, Size
from benchmarks.load import Account
from benchmarks.report import Row
from benchmarks.rigging import FLOOR_SYNC, Rig
from benchmarks.stats import p50, p99
from benchmarks.talk import Talk, console, open_with_tickets
from foleni.sim.client import Poller

COUNTER = "c1"


def run(rig: Rig) -> list[Row]:
    """Each call is followed by one round trip of the echo that syncs."""
    rounds = rig.scaled(1000, 150)
    poller = Poller()
    shown_ms, floors_ms = [], []
    with rig.branch_server(size=Size(kiosks=1)) as server:
        talk = console(poller, server)
        floor = Talk(poller, Account("desk", rig.mqtt), FLOOR_SYNC, "talk-floor")
        open_with_tickets(talk, COUNTER, rounds, SERVICES)
        for _ in range(rounds):
            shown_ms.append(talk.call(COUNTER)[1])
            floors_ms.append(floor.ask(type="call_next", counter=COUNTER)[1])
        poller.close()
    return [
        Row("call to board p50 (floor: echo + fsync)", p50(shown_ms), "ms", p50(floors_ms)),
        Row("call to board p99 (floor: echo + fsync)", p99(shown_ms), "ms", p99(floors_ms)),
    ]
