"""When the branch needs a person: the rules of its alerts, decided without clocks or wires."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from branch_server.domain.days import local_time
from branch_server.domain.state import State
from branch_server.web.lan import Heard
from branch_server.web.reports.alert_words import COVER_OPEN, DEVICE_GONE, NO_PAPER, PRINTER_FAULT, WAITS_LONG
from branch_server.web.reports.live import longest_of
from foleni.messages.setup import AlertRules, Branch, Device, DeviceKind
from foleni.times import MINUTE_US, SECOND_US, Instant
from foleni.words.catalogue import pick

CALM_SHARE = 0.8
"""A wait must fall below this share of its limit before its alert goes: people come and go at the limit."""
CALM_US = 60 * SECOND_US
PRINTER_US = 5 * SECOND_US
"""A cover that is opened and closed again is somebody's work, and nobody's trouble."""
_OURS = ("wait:", "paper:", "device:", "backup")
_PRINTERS = {"paper_out": NO_PAPER, "cover_open": COVER_OPEN, "offline": PRINTER_FAULT, "error": PRINTER_FAULT}


@dataclass(frozen=True, slots=True)
class Condition:
    """How one thing is now. Between `is_bad` and `is_calm` nothing changes. `bad_for` is how long it must be bad before the
    alert is raised, `bad_since` since when it surely is, where that can be told.
    """

    message: str
    is_bad: bool
    is_calm: bool
    bad_for: int
    calm_for: int
    bad_since: int | None = None


@dataclass(slots=True)
class Troubles:
    """Remembers since when things are bad or calm. What is raised is the state's to say, so a restart forgets nothing."""

    _bad: dict[str, int] = field(default_factory=dict)
    _calm: dict[str, int] = field(default_factory=dict)

    def due(self, conditions: Mapping[str, Condition], raised: Iterable[str], now: int) -> tuple[dict[str, str], list[str]]:
        """The alerts to raise, with their messages, and those to clear."""
        up = {alert for alert in raised if alert.startswith(_OURS)}
        to_raise: dict[str, str] = {}
        to_clear = [alert for alert in sorted(up) if alert not in conditions]
        for alert, condition in conditions.items():
            bad_since, calm_since = self._since(alert, condition, now)
            if alert not in up and bad_since is not None and now - bad_since >= condition.bad_for:
                to_raise[alert] = condition.message
            elif alert in up and calm_since is not None and now - calm_since >= condition.calm_for:
                to_clear.append(alert)
        return to_raise, to_clear

    def _since(self, alert: str, condition: Condition, now: int) -> tuple[int | None, int | None]:
        for known, holds in ((self._bad, condition.is_bad), (self._calm, condition.is_calm)):
            if holds:
                known.setdefault(alert, now)
            else:
                known.pop(alert, None)
        bad = self._bad.get(alert)
        if bad is not None and condition.bad_since is not None:
            bad = self._bad[alert] = min(bad, condition.bad_since)
        return bad, self._calm.get(alert)


def conditions_of(state: State, devices: Mapping[str, Heard], now: Instant) -> dict[str, Condition]:
    """How everything is that the branch's rules speak of."""
    branch = state.branch
    if branch is None:
        return {}
    rules = branch.alerts
    found: dict[str, Condition] = {}
    if rules.wait_min is not None:
        found |= {f"wait:{name}": _wait(state, branch, name, rules.wait_min, now) for name in state.queues}
    for device in state.devices.values():
        heard = devices.get(device.id)
        if heard is not None and device.kind is not DeviceKind.CONSOLE:
            found |= _device(branch, rules, device, heard, now)
    return found


def _wait(state: State, branch: Branch, service: str, limit_min: int, now: Instant) -> Condition:
    queue = state.queues[service]
    since = longest_of(state, queue)
    limit = limit_min * MINUTE_US
    waited = now - since if since is not None else 0
    name = pick(queue.service.name, "en", branch.languages[0])
    return Condition(
        WAITS_LONG.format(name=name, limit=limit_min), waited > limit, waited < limit * CALM_SHARE,
        branch.alerts.for_min * MINUTE_US, CALM_US, since + limit if since is not None else None,
    )  # fmt: skip


def _device(branch: Branch, rules: AlertRules, device: Device, heard: Heard, now: Instant) -> dict[str, Condition]:
    found: dict[str, Condition] = {}
    online = heard.status.online
    name = pick(device.name or {}, "en", branch.languages[0]) or device.id
    if rules.device_gone_min is not None:
        message = DEVICE_GONE.format(name=name, time=local_time(branch, heard.at, now))
        gone_for = rules.device_gone_min * MINUTE_US
        found[f"device:{device.id}"] = Condition(message, not online, online, gone_for, PRINTER_US)
    if rules.paper and device.kind is DeviceKind.KIOSK:
        printer = heard.status.printer
        sentence = _PRINTERS.get(printer.state) if printer is not None and online else None
        message = (sentence or PRINTER_FAULT).format(name=name)
        is_calm = online and sentence is None
        found[f"paper:{device.id}"] = Condition(message, sentence is not None, is_calm, PRINTER_US, PRINTER_US)
    return found
