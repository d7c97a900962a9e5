"""The administration's first page: how the branch is, and what is still missing before its first ticket."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from branch_server.adapters.db.tables import tickets
from branch_server.adapters.setup.first import NEW_NAME
from branch_server.domain.state import CounterState, State
from branch_server.web.admin.kinds import fields_of
from branch_server.web.joining.joining import joining_at
from branch_server.web.lan import Heard
from branch_server.web.site import Site
from branch_server.web.store.tables import audit
from foleni import __version__
from foleni.messages.setup import Device, DeviceKind
from foleni.times import to_wire

TEST_TICKET = "print_test"
"""What the audit log calls a test ticket that was printed from here; from the devices' page it is an order."""
_TESTS = (TEST_TICKET, "order_print")
_GIVEN = "admin: a ticket was given"
_TESTED = "admin: a test ticket was printed"
_FINE = frozenset({"ok"})


def overview_of(site: Site) -> dict[str, Any]:
    """The picture of the page. It has no time of now in it: the page counts by itself."""
    state = site.follower.state
    return {
        "day": state.day,
        "branch": fields_of(state.branch) if state.branch is not None else None,
        "waiting": sum(queue.length for queue in state.queues.values()),
        "staffed": sum(1 for desk in state.desks.values() if desk.state is not CounterState.CLOSED),
        "counts": {
            "services": len(state.queues), "counters": len(state.desks), "priorities": len(state.priorities),
            "people": len(state.staff), "devices": len(state.devices),
        },
        "services": list(_services(state)),
        "alerts": [{"alert": alert, "message": message} for alert, message in sorted(state.alerts.items())],
        "devices": [_device(device, site.lan.devices.get(device.id)) for device in state.devices.values()],
        "asking": _asking(site),
        "queue_answers": site.lan.is_live,
        "version": __version__,
        "steps": steps_of(site),
        "in_use": bool(state.queues and state.desks) and _is_known(site, _GIVEN, select(tickets.c.id).limit(1)),
    }  # fmt: skip


def steps_of(site: Site) -> list[dict[str, Any]]:
    """What leads an empty branch to its first ticket, in order, and whether it is done."""
    state = site.follower.state
    branch = state.branch
    named = branch is not None and branch.name != {"en": NEW_NAME} and branch.hours is not None
    tested = select(audit.c.n).where(audit.c.action.in_(_TESTS), audit.c.outcome == "ok").limit(1)
    done = {
        "branch": named,
        "service": bool(state.queues),
        "counter": bool(state.desks),
        "kiosk": any(device.kind is DeviceKind.KIOSK for device in state.devices.values()),
        "people": len(state.staff) > 1,
        "test": _is_known(site, _TESTED, tested),
    }
    return [{"key": key, "done": is_done} for key, is_done in done.items()]


def _services(state: State) -> Iterator[dict[str, Any]]:
    for queue in state.queues.values():
        yield {
            "id": queue.service.id, "name": queue.service.name, "state": str(queue.state), "waiting": queue.length,
            "reopens_at": to_wire(queue.reopens_at) if queue.reopens_at is not None else None,
        }  # fmt: skip


def _device(device: Device, heard: Heard | None) -> dict[str, Any]:
    status = heard.status if heard is not None else None
    printer = status.printer.state if status is not None and status.printer is not None else None
    online = status is not None and status.online
    return {
        "id": device.id, "name": device.name, "kind": str(device.kind), "online": online,
        "printer": str(printer) if printer is not None else None, "version": status.version if status is not None else None,
        "trouble": not online or (printer is not None and str(printer) not in _FINE),
    }  # fmt: skip


def _asking(site: Site) -> int:
    """How many boxes would like to join."""
    joining = joining_at(site)
    return len(joining.book.waiting(joining.now)) if joining is not None else 0


def _is_known(site: Site, note: str, asked: Any) -> bool:
    """Whether the question finds anything. A yes stays a yes, and is not asked again."""
    if site.notes.get(note):
        return True
    engine = site.branch_db if note == _GIVEN else site.store.engine
    with engine.connect() as connection:
        found = connection.execute(asked).first() is not None
    site.notes[note] = found
    return found
