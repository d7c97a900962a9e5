"""`foleni doctor`: all checks at once, then what they found in a fixed order, for people or as JSON."""

import argparse
import json
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from pathlib import Path
from typing import TextIO

from foleni.doctor.belonging import check_membership, check_server_reach
from foleni.doctor.box import Box, Places
from foleni.doctor.branch import check_backup, check_broker, check_database, check_devices, check_server
from foleni.doctor.finding import Check, Finding, Level, bad
from foleni.doctor.machine import check_heat, check_memory, check_units
from foleni.doctor.setting import check_settings
from foleni.doctor.storage import check_disk
from foleni.doctor.surroundings import check_network, check_printer
from foleni.doctor.timekeeping import check_clock

CHECKS: Mapping[str, Check] = {
    "settings": check_settings,
    "disk": check_disk,
    "clock": check_clock,
    "memory": check_memory,
    "heat": check_heat,
    "network": check_network,
    "programs": check_units,
    "broker": check_broker,
    "server": check_server,
    "database": check_database,
    "backup": check_backup,
    "devices": check_devices,
    "membership": check_membership,
    "reach": check_server_reach,
    "printer": check_printer,
}
_PATIENCE_S = 60.0
_STATUS = {Level.OK: 0, Level.WARN: 1, Level.BAD: 2}
_WORDS = {Level.OK: "ok", Level.WARN: "look", Level.BAD: "BAD"}
_COLOURS = {Level.OK: "32", Level.WARN: "33", Level.BAD: "1;31"}

Found = Mapping[str, Sequence[Finding]]


def main(argv: Sequence[str]) -> int:
    """The exit status: 0 where all is well, 1 where something should be looked at, 2 where something does not work."""
    given = _parser().parse_args(argv)
    found = examine(Box(Places(etc=given.etc, state=given.state)), {name: CHECKS[name] for name in given.only or CHECKS})
    if given.json:
        json.dump(as_json(found), sys.stdout, indent=1, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        tell(found, sys.stdout, colours=sys.stdout.isatty())
    return max((_STATUS[finding.level] for finding in _all(found)), default=0)


def examine(box: Box, checks: Mapping[str, Check]) -> Found:
    """Every check side by side; one that fails or hangs is itself a finding."""
    asked = {name: _begun(check, box) for name, check in checks.items()}
    return {name: _answer(future) for name, future in asked.items()}


def _begun(check: Check, box: Box) -> "Future[list[Finding]]":
    """A check in a thread that this program does not wait for at its end, unlike those of a pool."""
    future: Future[list[Finding]] = Future()

    def look() -> None:
        try:
            future.set_result(list(check(box)))
        except Exception as error:  # noqa: BLE001 - told where the answer is asked for
            future.set_exception(error)

    threading.Thread(target=look, daemon=True).start()
    return future


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="foleni doctor", description="Looks at this box and says what is wrong and what to do."
    )
    parser.add_argument("--json", action="store_true", help="for programs: one JSON object")
    parser.add_argument("--only", choices=CHECKS, action="append", help="this check; can be given several times")
    parser.add_argument("--etc", type=Path, default=Path("/etc/foleni"), help="folder of the settings (default: %(default)s)")
    parser.add_argument(
        "--state", type=Path, default=Path("/var/lib/foleni"), help="folder of the programs' data (default: %(default)s)"
    )
    return parser


def _answer(future: "Future[list[Finding]]") -> Sequence[Finding]:
    report = "Report this with what stands here: it is a fault of the doctor."
    try:
        return future.result(_PATIENCE_S)
    except FutureTimeoutError:
        return [bad("this could not be looked at: something hangs", "A disk or the network does not answer. Restart the box.")]
    except Exception as error:  # noqa: BLE001 - the other checks go on
        return [bad(f"this could not be looked at: {type(error).__name__}: {error}", report)]


def tell(found: Found, out: TextIO, *, colours: bool) -> None:
    """For people: the line, and below it what to do."""
    width = max((len(name) for name in found), default=0)
    for name, findings in found.items():
        for finding in findings:
            word = f"{_WORDS[finding.level]:4}"
            shown = f"\033[{_COLOURS[finding.level]}m{word}\033[0m" if colours else word
            out.write(f"{shown}  {name:{width}}  {finding.says}\n")
            if finding.do:
                out.write(f"{'':{width + 8}}-> {finding.do}\n")
    out.write(f"\n{summary(_all(found))}\n")


def summary(findings: Iterable[Finding]) -> str:
    levels = [finding.level for finding in findings]
    wrong, doubtful = levels.count(Level.BAD), levels.count(Level.WARN)
    if not wrong and not doubtful:
        return "All is well."
    parts = [f"{wrong} not working" if wrong else "", f"{doubtful} to look at" if doubtful else ""]
    return f"{', '.join(part for part in parts if part)}."


def as_json(found: Found) -> Mapping[str, object]:
    """`level` is ok, warn or bad."""
    rows = [
        {"check": name, "level": finding.level.value, "says": finding.says, "do": finding.do}
        for name, findings in found.items()
        for finding in findings
    ]
    worst = max((finding.level for finding in _all(found)), key=lambda level: _STATUS[level], default=Level.OK)
    return {"level": worst.value, "findings": rows}


def _all(found: Found) -> list[Finding]:
    return [finding for findings in found.values() for finding in findings]
