"""The devices as pages show them: what is set up, and what each said of itself."""

import json
from typing import Any

from branch_server.web.admin.kinds import fields_of, version_of
from branch_server.web.lan import Heard
from branch_server.web.site import Site
from foleni.messages.setup import Device
from foleni.messages.state import DeviceStatus
from foleni.times import to_wire


def devices_of(site: Site) -> list[dict[str, Any]]:
    """All devices in the order of the setup. Times stand still while nothing happens: pages count from them."""
    return [shown(device, site) for device in site.follower.state.devices.values()]


def shown(device: Device, site: Site) -> dict[str, Any]:
    """One device: `value` and `version` for its form, and how it is. `seen_at` is when it went, `since` when it came."""
    state, heard = site.follower.state, site.lan.devices.get(device.id)
    desk = state.desks.get(device.counter or "")
    return {
        "id": device.id,
        "kind": device.kind.value,
        "name": device.name or {},
        "counter_label": desk.counter.label if desk is not None else None,
        "value": fields_of(device),
        "version": version_of(device),
        **_status(heard),
    }


def drawn(site: Site) -> bytes:
    """The devices as a live picture."""
    picture = {"devices": devices_of(site), "hears": site.lan.is_live}
    return json.dumps(picture, ensure_ascii=False, separators=(",", ":")).encode()


def notice_drawn(site: Site) -> bytes:
    """The notice of the hall as a live picture."""
    return json.dumps({"text": site.follower.state.notice}, ensure_ascii=False, separators=(",", ":")).encode()


def _status(heard: Heard | None) -> dict[str, Any]:
    status = heard.status if heard is not None else DeviceStatus(online=False)
    went_at = heard is not None and not status.online and not heard.from_before
    return {
        "heard": heard is not None,
        "online": status.online,
        "since": status.since if status.online else None,
        "seen_at": to_wire(heard.at) if heard is not None and went_at else None,
        "software": status.version,
        "printer": status.printer.state if status.printer is not None else None,
        "sound": status.sound,
    }
