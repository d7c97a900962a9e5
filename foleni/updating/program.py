"""`foleni update`: one round of the agent on this box. A timer starts it every quarter of an hour."""

import contextlib
import fcntl
import ipaddress
import json
import logging
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from foleni import logs
from foleni.joining.membership import MEMBERSHIP, Membership
from foleni.settings import HostPort
from foleni.updating.agent import Agent
from foleni.updating.asking import BranchServer, Place
from foleni.updating.errors import UpdateError
from foleni.updating.rauc import RaucBox

_log = logging.getLogger(__name__)

_HURRY_S = 120
_STAYS_S = 1200.0

OWN = "branch/updates/own.json"
"""What the branch server leaves for its own box."""


def run(state: Path, folder: Path) -> int:
    """The exit status: 0 where there is nothing more to do now, 1 for a fault. Programs keep their data below `state`, bundles
    are fetched to `folder`.
    """
    logs.set_up("info")
    try:
        place = place_of(state)
        if place is None:
            _tell("this box belongs to no branch yet: nobody offers it an update")
            return 0
        with _alone(folder):
            _tell(_rounds(Agent(RaucBox(), BranchServer(place), folder)))
    except UpdateError as error:
        _tell(str(error))
        return 1
    return 0


def _rounds(agent: Agent) -> str:
    """Rounds while the branch is in a hurry, a short while at most; then how things stand."""
    until_s = time.monotonic() + _STAYS_S
    record = agent.round()
    while agent.again_s < _HURRY_S and record.offer is not None and time.monotonic() < until_s:
        time.sleep(agent.again_s)
        record = agent.round()
    return f"{record.step}{f' {record.offer.version}' if record.offer is not None else ''}"


def place_of(state: Path) -> Place | None:
    """Whom this box asks, by what its programs have kept below `state`; None where it has not joined. Raises `UpdateError`."""
    own = state / OWN
    if own.exists():
        return _own_place(own)
    for path in sorted([*state.glob(f"*/{MEMBERSHIP}"), *state.glob(f"*/*/{MEMBERSHIP}")]):
        with _readable(path):
            member = Membership.model_validate_json(path.read_bytes())
        if not member.cut_off:
            return Place(member.server, member.account, member.password, member.ca, member.server_name)
    return None


def _own_place(path: Path) -> Place:
    """The branch server on this very box. Its certificate may be the organization's: on loopback it is not asked for."""
    with _readable(path):
        kept = json.loads(path.read_bytes())
        place = Place(HostPort.parse(kept["at"]), str(kept["account"]), str(kept["password"]), plain=not kept["tls"])
        if not ipaddress.ip_address(place.at.host).is_loopback:
            raise ValueError("the address is not this machine's own")
        return place


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValidationError, ValueError, KeyError, TypeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is damaged"
        raise UpdateError(f"{path} cannot be used: {reason}") from error


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two rounds never go at once."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
    except BlockingIOError as error:
        raise UpdateError("another round is under way") from error
    except OSError as error:
        raise UpdateError(f"{folder} cannot be used: {error.strerror}") from error


def _tell(line: str) -> None:
    print(f"foleni update: {line}", file=sys.stderr, flush=True)  # noqa: T201 - for the journal
