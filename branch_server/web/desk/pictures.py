"""The live pictures of the consoles. None carries the time of now: pages count waits by themselves."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from branch_server.domain.routing import choose_next
from branch_server.domain.state import Desk, State
from branch_server.web.desk.digest import Digests, Figures, wire
from branch_server.web.desk.story import details_of
from branch_server.web.desk.undoing import undo_of
from branch_server.web.lan import Heard
from branch_server.web.pages import CONSOLE_LANGUAGES
from branch_server.web.reports.alert_words import alert_text
from branch_server.web.site import Site
from foleni.messages.setup import Device, DeviceKind
from foleni.web.live import Draw
from foleni.words.catalogue import words

_ROOM = "branch_server.web.desk"
_STATIONS = frozenset({DeviceKind.KIOSK, DeviceKind.DISPLAY, DeviceKind.COUNTER})


class Pictures:
    """What consoles follow, by the names that the hub shares them by."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._digests = Digests(site.follower)

    def setup(self) -> tuple[str, Draw]:
        """What the branch is made of, as far as a console shows it."""
        return "setup", self._drawn(lambda: _setup(self._state))

    def hall(self) -> tuple[str, Draw]:
        """Counters, services and devices, and whether the queue answers."""
        return "hall", self._drawn(self._hall)

    def desk(self, counter: str) -> tuple[str, Draw]:
        """A counter with the ticket in its hand, and whom it would call next."""
        return f"desk:{counter}", self._drawn(lambda: self._desk(counter))

    def queue(self, services: Iterable[str]) -> tuple[str, Draw]:
        """Who waits for some services, is parked, or is expected."""
        chosen = sorted(services)
        return f"queue:{','.join(chosen)}", self._drawn(lambda: self._queue(frozenset(chosen)))

    def me(self, staff: str) -> tuple[str, Draw]:
        """One person's figures of the day."""
        return f"me:{staff}", self._drawn(lambda: self._me(staff))

    @property
    def _state(self) -> State:
        return self._site.follower.state

    def _drawn(self, picture: Callable[[], dict[str, Any]]) -> Draw:
        return lambda: json.dumps(picture(), ensure_ascii=False, separators=(",", ":")).encode()

    def _hall(self) -> dict[str, Any]:
        state, digest = self._state, self._digests.now()
        return {
            "live": self._site.lan.is_live,
            "day": state.day,
            "counters": [_counter(state, desk) for desk in state.desks.values()],
            "services": [
                {"id": queue.service.id, "state": str(queue.state), "waiting": queue.length, "full": queue.is_full,
                 "reopens_at": wire(queue.reopens_at), "reason": queue.reason,
                 "longest_since": wire(digest.longest.get(queue.service.id))}
                for queue in state.queues.values()
            ],
            "longest_since": wire(min(digest.longest.values(), default=None)),
            "alerts": [_alert(alert, message) for alert, message in sorted(state.alerts.items())],
            "devices": [_station(device, self._site.lan.devices.get(device.id)) for device in _stations(state)],
            "notice": state.notice,
        }  # fmt: skip

    def _desk(self, counter: str) -> dict[str, Any]:
        follower = self._site.follower
        desk = self._state.desks.get(counter)
        if desk is None:
            return {"counter": counter, "gone": True}
        held = self._state.hand(desk)
        choice = choose_next(self._state, desk, follower.now())
        return {
            "counter": counter, "label": desk.counter.label, "services": list(desk.counter.services),
            "routing": str(desk.counter.routing), "state": str(desk.state), "staff": desk.staff,
            "waiting": self._state.waiting_at(desk), "next": choice.ticket.id if choice is not None else None,
            "in_hand": details_of(follower, held) if held is not None else None, "undo": undo_of(follower, desk),
        }  # fmt: skip

    def _queue(self, services: frozenset[str]) -> dict[str, Any]:
        digest = self._digests.now()
        waiting = [row for service in services for row in digest.waiting.get(service, ())]
        counts = {name: queue.length for name, queue in self._state.queues.items() if name in services}
        waiting.sort(key=lambda row: (row["rank"], row["ticket"]))
        return {
            "waiting": waiting, "counts": counts,
            "parked": [row for row in digest.parked if row["service"] in services],
            "upcoming": [row for row in digest.upcoming if row["service"] in services],
        }  # fmt: skip

    def _me(self, staff: str) -> dict[str, Any]:
        figures = self._digests.now().figures.get(staff, Figures())
        return {"served": figures.served, "no_shows": figures.no_shows, "mean_s": figures.mean_s}


def _setup(state: State) -> dict[str, Any]:
    branch = state.branch
    return {
        "branch": {
            "time_zone": branch.time_zone, "wait_target_min": branch.wait_target_min, "outcomes": list(branch.outcomes),
            "park_reasons": list(branch.park_reasons), "languages": list(branch.languages),
        } if branch is not None else {},
        "services": [
            {"id": queue.service.id, "name": queue.service.name, "prefix": queue.service.prefix}
            for queue in state.queues.values()
        ],
        "counters": [
            {"id": desk.counter.id, "label": desk.counter.label, "services": list(desk.counter.services)}
            for desk in state.desks.values()
        ],
        "priorities": [
            {"id": priority.id, "name": priority.name, "credit_min": priority.credit_min}
            for priority in state.priorities.values()
        ],
        "devices": [
            {"id": device.id, "kind": str(device.kind), "name": device.name or {}} for device in state.devices.values()
        ],
        "staff": [{"id": staff.id, "name": staff.name} for staff in state.staff.values()],
    }  # fmt: skip


def _alert(alert: str, message: str) -> dict[str, Any]:
    """An alert that is up, in every language of the consoles."""
    texts = {language: alert_text(alert, message, words(_ROOM, language)) for language in CONSOLE_LANGUAGES}
    return {"alert": alert, "text": texts}


def _counter(state: State, desk: Desk) -> dict[str, Any]:
    held = state.hand(desk)
    return {
        "id": desk.counter.id, "state": str(desk.state), "staff": desk.staff, "waiting": state.waiting_at(desk),
        "number": held.number if held is not None else None,
    }  # fmt: skip


def _stations(state: State) -> list[Device]:
    return [device for device in state.devices.values() if device.kind in _STATIONS]


def _station(device: Device, heard: Heard | None) -> dict[str, Any]:
    """`trouble` says what is wrong: `unseen`, `offline`, or what its printer says; None where all is well."""
    if heard is None:
        trouble: str | None = "unseen"
    elif not heard.status.online:
        trouble = "offline"
    else:
        printer = heard.status.printer
        trouble = printer.state if printer is not None and printer.state != "ok" else None
    online = heard is not None and heard.status.online
    return {"id": device.id, "kind": str(device.kind), "online": online, "trouble": trouble}
