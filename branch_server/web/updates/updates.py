"""What the routes of boxes and those of the console share: the shelf, the board, and who may ask."""

import hmac
import json
import logging
import secrets
import uuid
from base64 import b64decode
from pathlib import Path

from fastapi import Request

from branch_server.adapters.mqtt.device_files import DeviceFiles
from branch_server.web.errors import WebError
from branch_server.web.people.current import now_us
from branch_server.web.site import Site
from branch_server.web.updates import offering
from branch_server.web.updates.offering import Here
from branch_server.web.updates.plans import Board, BoardFile, Known, Plan, When, Window
from branch_server.web.updates.shelf import Shelf, Stored
from foleni.files import write_whole
from foleni.messages.updates import SERVER, Answer, Report
from foleni.settings import HostPort
from foleni.times import Instant, to_wire
from foleni.updating.versions import is_older
from foleni.web.safety import is_loopback

_log = logging.getLogger(__name__)

_NOTE = "updates"
_TOKEN_BYTES = 24
_OWN_HOSTS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where it listens, not where it asks


class PlanError(Exception):
    """A plan that cannot be made, or needs one word more; `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def updates_of(site: Site) -> "Updates":
    found = site.notes[_NOTE]
    assert isinstance(found, Updates)
    return found


class Updates:
    """Updates of one branch. For the loop's thread; what blocks longer is in `shelf`."""

    def __init__(self, site: Site) -> None:
        folder = site.data / "updates"
        self.shelf = Shelf(folder)
        self.is_receiving = False
        self._site = site
        self._file = BoardFile(folder / "plans.json")
        self._kept = self._file.load()
        self._own_password = secrets.token_urlsafe(_TOKEN_BYTES)
        self._own = folder / "own.json"
        self._devices = DeviceFiles(site.settings.branch, site.data / "devices")
        site.notes[_NOTE] = self

    @property
    def board(self) -> Board:
        """What is planned, and the boxes that are the branch's now."""
        return self._kept.only(frozenset([*self._site.follower.state.devices, SERVER]))

    def open_for_own_box(self, at: HostPort) -> None:
        """Tells the agent on this very machine where it asks, and with which password; where it could only ask over the LAN it
        does not.
        """
        host = _OWN_HOSTS.get(at.host, at.host)
        if not is_loopback(host):
            self._own.unlink(missing_ok=True)
            _log.info("this machine is not updated by itself: its web side listens on %s only", at.host)
            return
        at = HostPort(host, at.port)
        own = {"at": str(at), "tls": self._site.settings.is_tls, "account": SERVER, "password": self._own_password}
        write_whole(self._own, json.dumps(own).encode())

    def device_of(self, request: Request) -> str:
        """The box that asks. Raises `WebError` 401, and 403 where the branch does not know it any more."""
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        name, _, password = _decoded(given).partition(":") if kind.lower() == "basic" else ("", "", "")
        if name == SERVER:
            expected: str | None = self._own_password
        elif name in self._site.follower.state.devices:
            expected = self._devices.password(name)
        elif name:
            raise WebError(403, "not_allowed", "This box is no device of the branch.")
        else:
            expected = None
        if expected is None or not hmac.compare_digest(expected.encode(), password.encode(errors="replace")):
            raise WebError(401, "not_signed_in", "This is not the password of a box.", {"WWW-Authenticate": "Basic"})
        return name

    def heard(self, device: str, report: Report) -> Answer:
        """What a box is answered that tells how it stands."""
        board, answer = offering.heard(self.board, device, Known(report=report, heard_at=now_us()), self.here())
        self._keep(board)
        return answer

    def here(self) -> Here:
        state = self._site.follower.state
        zone = state.branch.time_zone if state.branch is not None else "UTC"
        is_quiet = not state.in_hands() and not any(queue.length for queue in state.queues.values())
        return Here(Instant(now_us()), zone, is_quiet)

    def plan_bundle(self, stored: Stored, when: When, by: str, *, downgrade: bool, again: bool) -> Plan:
        """All boxes of the bundle's kind should have it. Raises `PlanError` with `older` where that needs saying twice."""
        known = self.board.plans.get(stored.compatible)
        if known is not None and known.sha256 == stored.sha256 and not again:
            return self._planned(known.model_copy(update={"when": when}))
        running = [box.report.version for box in self._boxes(stored.compatible)]
        is_back = any(is_older(stored.version, version) for version in running)
        if is_back and not downgrade:
            raise PlanError("older", f"{stored.version} is older than what runs: {', '.join(sorted(set(running)))}.")
        plan = Plan(
            id=str(uuid.uuid4()), compatible=stored.compatible, version=stored.version, sha256=stored.sha256,
            size=stored.size, when=when, downgrade=is_back, by=by, at=_now(),
        )  # fmt: skip
        return self._planned(plan)

    def plan_way_back(self, compatible: str, version: str, when: When, by: str) -> Plan:
        """All boxes of a kind go back to the version in their other slot. Raises `PlanError` where none has it."""
        if not any(box.report.other == version for box in self._boxes(compatible)):
            raise PlanError("not_there", f"No box has {version} in its other slot any more.")
        plan = Plan(id=str(uuid.uuid4()), compatible=compatible, version=version, when=when, by=by, at=_now())
        return self._planned(plan)

    def drop_plan(self, compatible: str) -> None:
        self._keep(self.board.without(compatible))

    def set_window(self, window: Window) -> None:
        self._keep(self.board.model_copy(update={"window": window}))

    def is_planned(self, stored: Stored) -> bool:
        return any(plan.sha256 == stored.sha256 for plan in self.board.plans.values())

    def _boxes(self, compatible: str) -> list[Known]:
        return [box for box in self.board.known.values() if box.report.compatible == compatible]

    def _planned(self, plan: Plan) -> Plan:
        self._keep(self.board.planned(plan))
        return plan

    def _keep(self, board: Board) -> None:
        self._file.keep(board)
        self._kept = board
        self._site.hub.changed()


def _decoded(given: str) -> str:
    try:
        return b64decode(given, validate=True).decode()
    except ValueError:
        return ""


def _now() -> str:
    return to_wire(Instant(now_us()))


def path_of(updates: Updates, sha256: str) -> Path:
    """Where a bundle lies. Raises `WebError` 404."""
    stored = updates.shelf.find(sha256)
    if stored is None:
        raise WebError(404, "not_found", "There is no such bundle.")
    return updates.shelf.path(stored)
