"""How this box is at the moment, asked of the kernel and of systemd."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from foleni.appliance.box import Box
from foleni.appliance.words import Standing

_PATIENCE_S = 20
_WITHOUT_ROUTER = "169.254."
_JOINING = "to join a branch"
"""What a program that belongs to no branch yet tells systemd."""


def look(box: Box) -> Standing:
    """How `box`, the machine that this runs on, is."""
    about = box.about()
    role = about.get("ROLE", "")
    unit = f"{about.get('PROGRAM', 'foleni-box')}.service"
    program = _unit(unit)
    links = _links(box.root / "sys/class/net")
    return Standing(
        title=about.get("TITLE", "box"),
        version=about.get("VERSION", ""),
        role=role,
        slot=box.slot,
        program=program.get("ActiveState", "inactive"),
        starts=int(program.get("NRestarts") or 0),
        told=_said_while_joining(unit) if program.get("StatusText") == _JOINING else "",
        addresses=_addresses(),
        has_cable=any(links),
        faults=tuple(box.faults()),
        is_storage_broken=box.is_storage_broken,
        failed=_failed(),
        code=_first_code(box, is_up=program.get("ActiveState") == "active") if role == "server" else "",
    )


def _unit(unit: str) -> dict[str, str]:
    asked = _asked("systemctl", "show", "--property=ActiveState,NRestarts,StatusText", unit)
    return dict(line.split("=", 1) for line in asked.splitlines() if "=" in line)


def _failed() -> tuple[str, ...]:
    listed = _asked("systemctl", "list-units", "--state=failed", "--no-legend", "--plain")
    return tuple(line.split()[0].removesuffix(".service") for line in listed.splitlines() if line.strip())


def _said_while_joining(unit: str) -> str:
    """What the program last told people, such as the code that it shows; its parts stand between bars."""
    said = _asked("journalctl", "--boot", f"--unit={unit}", r"--grep= \| ", "--output=cat", "--reverse", "--lines=1")
    return re.sub(r"^[a-z_.]+: ", "", said.strip())


def _first_code(box: Box, *, is_up: bool) -> str:
    """The code that a new branch told in its log; of no use any more when somebody has signed in with it."""
    kept = box.run / "first-code"
    if not kept.exists():
        said = _asked(
            "journalctl", "--unit=foleni-branch", "--grep=one-time code of admin", "--output=cat", "--reverse", "--lines=1"
        )
        found = re.search(r"one-time code of admin: ([0-9]{6})", said)
        if found is None and not is_up:
            return ""
        kept.write_text(found[1] if found else "")
    return kept.read_text().strip()


def _addresses() -> tuple[str, ...]:
    """Those that others on the LAN can use: given ones, IPv4 first, then the one that a box without a router gave itself."""
    try:
        links: list[dict[str, Any]] = json.loads(_asked("ip", "-json", "address", "show", "up") or "[]")
    except ValueError:
        return ()
    found = [info for link in links for info in link.get("addr_info", ()) if "local" in info]
    usable = [info for info in found if info.get("scope") == "global" or info["local"].startswith(_WITHOUT_ROUTER)]
    in_order = sorted(usable, key=lambda info: (info.get("scope") != "global", info.get("family") != "inet"))
    return tuple(info["local"] for info in in_order)


def _links(folder: Path) -> list[bool]:
    """For each network card of the box, whether its cable is plugged in."""
    return [_carrier(card) for card in sorted(folder.glob("*")) if (card / "device").exists()]


def _carrier(card: Path) -> bool:
    try:
        return (card / "carrier").read_text().strip() == "1"
    except OSError:
        return False  # the card is down


def _asked(*command: str) -> str:
    program = shutil.which(command[0])
    if program is None:
        return ""
    try:
        done = subprocess.run(  # noqa: S603 - fixed words
            [program, *command[1:]], capture_output=True, text=True, check=False, timeout=_PATIENCE_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
