"""The machine itself: memory, heat, and the programs as systemd sees them."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from foleni.doctor.box import Box
from foleni.doctor.finding import Finding, bad, ok, warn

_LITTLE, _VERY_LITTLE = 0.12, 0.04
_WARM_C, _HOT_C = 80, 95
_MANY_STARTS = 3
_ASK_S = 10.0
_UNITS = {"branch": ("foleni-broker", "foleni-branch"), "kiosk": ("foleni-kiosk",), "display": ("foleni-display",)}


def check_memory(box: Box) -> Iterator[Finding]:
    told = _numbers(box.places.proc / "meminfo")
    whole, free = told.get("MemTotal:", 0), told.get("MemAvailable:", 0)
    if whole:
        share, text = free / whole, f"{free // 1024} MB of {whole // 1024} MB memory are free"
        if share < _VERY_LITTLE:
            yield bad(f"{text}: soon programs are ended", "See which is large: systemd-cgtop -m. Restart the box.")
        elif share < _LITTLE:
            yield warn(text, "See which is large: systemd-cgtop -m.")
        else:
            yield ok(text)
    killed = _numbers(box.places.proc / "vmstat").get("oom_kill", 0)
    if killed:
        yield warn(
            f"{killed} programs were ended for want of memory since the box was switched on",
            "See which: journalctl -k -g 'Out of memory|oom'. A box needs 2 GB for each of branch server, kiosk and display.",
        )


def check_heat(box: Box) -> Iterator[Finding]:
    warmest = max((_celsius(file) for file in (box.places.sys / "class/thermal").glob("thermal_zone*/temp")), default=0.0)
    if warmest >= _HOT_C:
        yield bad(f"the box is {warmest:.0f} °C hot and will switch itself off", "Free its vents, move it out of the sun.")
    elif warmest >= _WARM_C:
        yield warn(f"the box is {warmest:.0f} °C warm", "Free its vents, move it out of the sun.")
    elif warmest > 0:
        yield ok(f"the box is {warmest:.0f} °C warm")


def check_units(box: Box) -> Iterator[Finding]:
    names = [f"{unit}.service" for program in box.programs for unit in _UNITS.get(program.role, ())]
    names += sorted(_listed("foleni-counter@*.service"))
    try:
        for name in names:
            yield from unit_finding(name, _shown(name))
        failed = [name for name in _listed("--state=failed") if name not in names]
    except (OSError, subprocess.SubprocessError):
        yield warn("systemd cannot be asked how the programs are", "Run the doctor on the box itself, as root.")
        return
    for name in failed:
        yield warn(f"{name} has failed", f"See why: journalctl -u {name} -n 30. Then: systemctl restart {name}.")


def unit_finding(name: str, told: dict[str, str]) -> Iterator[Finding]:
    """What properties of a unit mean, as `systemctl show` tells them."""
    look = f"See why: journalctl -u {name} -n 30."
    starts = int(told.get("NRestarts") or 0)
    match told.get("LoadState"), told.get("ActiveState"):
        case "loaded", "active":
            if starts >= _MANY_STARTS:
                yield warn(f"{name} runs, and had to be started again {starts} times", look)
            else:
                yield ok(f"{name} runs")
        case (("not-found" | "masked"), _):
            yield bad(f"{name} is not installed, though the box has settings for it", "Run systemd/install again.")
        case _, "activating":
            why = told.get("Result", "")
            if starts:
                yield bad(f"{name} does not stay up ({why}, {starts} starts)", look)
            else:
                yield warn(f"{name} is starting", "Wait a minute and ask again.")
        case _:
            yield bad(f"{name} does not run ({told.get('Result', '')})", f"{look} Start it: systemctl start {name}.")


def _shown(name: str) -> dict[str, str]:
    wanted = "--property=LoadState,ActiveState,NRestarts,Result"
    return dict(line.split("=", 1) for line in _systemctl("show", wanted, name) if "=" in line)


def _listed(*wanted: str) -> list[str]:
    with suppress(OSError, subprocess.SubprocessError):
        lines = _systemctl("list-units", "--plain", "--no-legend", "--all", *wanted)
        return [line.split()[0] for line in lines if line.split()]
    return []


def _systemctl(*arguments: str) -> Sequence[str]:
    done = subprocess.run(  # noqa: S603 - our own arguments
        ["systemctl", "--no-pager", *arguments],  # noqa: S607 - the system's own
        capture_output=True, text=True, errors="replace", timeout=_ASK_S, check=True,
    )  # fmt: skip
    return done.stdout.splitlines()


def _numbers(file: Path) -> dict[str, int]:
    with suppress(OSError):
        rows = (line.split() for line in file.read_text("ascii", errors="replace").splitlines())
        return {row[0]: int(row[1]) for row in rows if len(row) > 1 and row[1].isdigit()}
    return {}


def _celsius(file: Path) -> float:
    with suppress(OSError, ValueError):
        return int(file.read_text("ascii")) / 1000
    return 0.0
