"""Has the box joined a branch, does it still count there, and does it reach it?"""

import socket
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from foleni import __version__
from foleni.doctor.box import Box
from foleni.doctor.certificates import look_at_certificate
from foleni.doctor.finding import Finding, bad, ok, warn
from foleni.doctor.reaching import ReachError, get
from foleni.settings import HostPort

_ANSWER_S = 5.0
_SKEW_S = 120
_REACH = (
    "Is the branch server on, and in the same network? Run foleni doctor on it. After a change of its address wait a minute."
)
_RENEWAL = "It is renewed by itself when the box reaches its branch: see the lines about the network."
_JOIN = "In the console open Devices, Add a device, and type the code that the box shows."
_AGAIN = "On the box's screen ask it to join again, and approve it in the console under Devices."


def check_membership(box: Box) -> Iterator[Finding]:
    for home in box.homes:
        try:
            member = box.membership(home)
        except PermissionError:
            yield warn(f"the membership in {home} may be read by root only", "Run the doctor as root: sudo foleni doctor.")
            continue
        except (OSError, ValueError) as error:
            yield bad(f"the membership in {home} is damaged: {error}", _AGAIN)
            continue
        if member is None:
            if "mqtt" not in _settings(box, home):
                yield warn(
                    f"{home.name} has not joined a branch",
                    _JOIN,
                )
            continue
        yield from _standing(home, member)


def _standing(home: Path, member: Mapping[str, Any]) -> Iterator[Finding]:
    who = f"{member.get('device')} of branch {member.get('branch')}"
    if member.get("cut_off"):
        yield bad(f"{who} was cut off: it is no longer part of this branch", _AGAIN)
        return
    yield ok(f"this box is {who}")
    yield from look_at_certificate(home / "device.pem", f"the certificate of {member.get('device')}", _RENEWAL)


def check_server_reach(box: Box) -> Iterator[Finding]:
    """Whether the branch server is reached, and is what this box knows."""
    for home in box.homes:
        try:
            member = box.membership(home)
        except (OSError, ValueError):
            continue  # said already
        if member is not None and not member.get("cut_off"):
            yield from _reach(member)


def _reach(member: Mapping[str, Any]) -> Iterator[Finding]:
    try:
        server = HostPort.parse(str(member.get("server")))
        mqtt = HostPort(server.host, int(member.get("mqtt_port", 0)))
    except ValueError as error:
        yield bad(f"the address of the branch server is damaged: {error}", _AGAIN)
        return
    try:
        answer = get(server, "/join/v1/branch", str(member.get("ca")))
        told = answer.json
    except ReachError as error:
        yield bad(f"the branch server does not answer at {server}: {error}", _REACH)
        return
    try:
        socket.create_connection((mqtt.host, mqtt.port), _ANSWER_S).close()
    except OSError as error:
        yield bad(f"the broker does not answer at {mqtt}: {error}", _REACH)
    else:
        yield ok(f"the branch server answers at {server}, the broker at {mqtt}")
    if answer.at is not None and abs((datetime.now(UTC) - answer.at).total_seconds()) > _SKEW_S:
        yield warn(f"by the branch server's clock it is {answer.at:%Y-%m-%d %H:%M} UTC, by this one not", "Set the wrong one.")
    yield from skew(__version__, str(told.get("version", "")))


def skew(own: str, server: str) -> Iterator[Finding]:
    """Versions that differ by more than one release are not tried together."""
    ours, theirs = _release(own), _release(server)
    if ours is None or theirs is None or ours == theirs:
        return
    if ours[0] != theirs[0] or abs(ours[1] - theirs[1]) > 1:
        yield bad(f"this box has version {own}, the server {server}: too far apart", "Update the older one: docs/updates.md.")
    else:
        yield warn(f"this box has version {own}, the branch server {server}", "It works so; update the older one.")


def _release(version: str) -> tuple[int, int] | None:
    parts = version.split(".")
    try:
        return int(parts[0]), int(parts[1])
    except (IndexError, ValueError):
        return None


def _settings(box: Box, home: Path) -> Mapping[str, Any]:
    program = box.program(home.name)
    return program.settings if program is not None else {}
