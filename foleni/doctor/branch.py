"""The branch server's own parts: broker, web side, database, backups, and what it knows of the devices."""

import json
import re
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from foleni import __version__
from foleni.doctor.box import Box
from foleni.doctor.certificates import look_at_certificate
from foleni.doctor.finding import Finding, bad, ok, warn
from foleni.doctor.reaching import Answer, ReachError, get
from foleni.doctor.talking import ACCEPTED, WORDS, Talk, TalkError
from foleni.doctor.watching import WatchError, plain_listener

_ANSWER_S = 5.0
_OLD_BACKUP_H, _VERY_OLD_BACKUP_H = 36, 24 * 7
_PRINTER = re.compile(r'^foleni_printer\{device="([^"]+)",state="([^"]+)"\} 1(?:\.0)?$', re.MULTILINE)
_DEVICE = re.compile(r'^foleni_device_online\{device="([^"]+)",kind="[^"]+"\} ([01])(?:\.0)?$', re.MULTILINE)
_PRINTER_WORDS = {
    "paper_low": "has little paper left",
    "paper_out": "is out of paper",
    "cover_open": "has an open cover",
    "offline": "does not answer",
    "error": "says that it is broken",
}
_RENEWAL = "The branch server renews it by itself: restart it (systemctl restart foleni-branch) and look at its log."
_LOGS = "See why: journalctl -u {0} -n 30. Start it again: systemctl restart {0}."


def check_broker(box: Box) -> Iterator[Finding]:
    if not box.is_branch:
        return
    folder = box.branch_data / "mosquitto"
    try:
        host, port = plain_listener(folder)
        with Talk(socket.create_connection((host, port), _ANSWER_S)) as talk:
            code = talk.greet("foleni-doctor")
    except WatchError as error:
        yield bad(f"the broker was not started yet: {error}", _LOGS.format("foleni-broker"))
    except (OSError, TalkError) as error:
        yield bad(f"the broker does not answer: {error}", _LOGS.format("foleni-broker"))
    else:
        if code == ACCEPTED:
            yield bad("the broker lets strangers in", "Its configuration was changed by hand: systemctl restart foleni-broker.")
        elif code == 5:
            yield ok(f"the broker answers on port {port}")
        else:
            yield bad(f"the broker {WORDS.get(code, 'gives an answer that nobody understands')}", _LOGS.format("foleni-broker"))
    if (folder / "server.pem").exists():
        yield from look_at_certificate(folder / "server.pem", "the broker's certificate", _RENEWAL)
        yield from _tls_port(folder)


def _tls_port(folder: Path) -> Iterator[Finding]:
    try:
        port = int((folder / "lan-port").read_text("ascii"))
        socket.create_connection(("127.0.0.1", port), _ANSWER_S).close()
    except (OSError, ValueError) as error:
        yield bad(f"devices cannot reach the broker by TLS: {error}", _LOGS.format("foleni-broker"))
    else:
        yield ok(f"devices can reach the broker by TLS on port {port}")


def check_server(box: Box) -> Iterator[Finding]:
    if not box.is_branch:
        return
    if box.web is None:
        yield warn("the branch server has no consoles", "Set http in /etc/foleni/branch.toml.")
        return
    try:
        ready = ask(box, "/readyz").json
    except ReachError as error:
        yield bad(f"the branch server does not answer at {box.web}: {error}", _LOGS.format("foleni-branch"))
        return
    if ready.get("ready"):
        yield ok(f"the branch server answers and has written {ready.get('seq')} events")
    else:
        yield bad(
            f"the branch server is not ready: {'; '.join(map(str, ready.get('reasons', [])))}", _LOGS.format("foleni-branch")
        )
    yield from _version(box)


def _version(box: Box) -> Iterator[Finding]:
    """Whether what runs is what is installed."""
    try:
        running = ask(box, "/join/v1/branch").json.get("version")
    except ReachError:
        return
    if running and running != __version__:
        yield warn(
            f"version {running} runs, and {__version__} is installed",
            "Restart it: systemctl restart foleni-branch.",
        )


def check_devices(box: Box) -> Iterator[Finding]:
    """What the branch server knows of its devices and their printers."""
    if not box.is_branch or box.web is None:
        return
    try:
        told = ask(box, "/metrics").body.decode("utf-8", errors="replace")
    except ReachError:
        return  # said already
    devices = dict(_DEVICE.findall(told))
    away = sorted(device for device, online in devices.items() if online != "1")
    if away:
        yield warn(
            f"{len(away)} of {len(devices)} devices are away: {', '.join(away)}",
            "Are they switched on, and is their cable in? Run foleni doctor on them.",
        )
    elif devices:
        yield ok(f"all {len(devices)} devices are there")
    for device, state in _PRINTER.findall(told):
        if state in {"paper_out", "cover_open", "offline", "error"}:
            yield bad(f"the printer of {device} {_PRINTER_WORDS[state]}", "Go to it: paper, cover, cable, switch.")
        elif state == "paper_low":
            yield warn(f"the printer of {device} {_PRINTER_WORDS[state]}", "Put a new roll beside it.")


def check_database(box: Box) -> Iterator[Finding]:
    if not box.is_branch:
        return
    path = box.branch_data / "branch.db"
    if not path.exists():
        yield bad("the branch has no database yet", "Start the branch server, and describe the branch in the console.")
        return
    restore = "Make no change. Keep a copy of the folder, and bring back the last backup: docs/replace.md."
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_ANSWER_S)) as database:
            said = [str(row[0]) for row in database.execute("PRAGMA quick_check(3)")]
    except sqlite3.OperationalError as error:
        yield bad(f"the database cannot be read: {error}", "Run the doctor as root. If you did: " + restore)
    except sqlite3.DatabaseError as error:
        yield bad(f"the database is damaged: {error}", restore)
    else:
        if said == ["ok"]:
            yield ok(f"the database is sound ({path.stat().st_size / (1 << 20):.1f} MB)")
        else:
            yield bad(f"the database is damaged: {'; '.join(said)}", restore)


def check_backup(box: Box) -> Iterator[Finding]:
    if not box.is_branch:
        return
    setting_up = "Set up a target and make one: docs/backup.md, then systemctl start foleni-backup."
    try:
        told = json.loads((box.branch_data / "backup/last-backup.json").read_bytes())
        good_at = told.get("good_at")
        age_h = None if good_at is None else (datetime.now(UTC) - datetime.fromisoformat(str(good_at))).total_seconds() / 3600
    except FileNotFoundError:
        yield warn("there has never been a backup", setting_up)
        return
    except (OSError, ValueError, AttributeError, TypeError) as error:
        yield warn(f"what the last backup came to cannot be read: {error}", setting_up)
        return
    if age_h is None:
        yield bad(f"no backup has ever reached a place: {_reason(told)}", setting_up)
    elif age_h > _VERY_OLD_BACKUP_H:
        yield bad(f"the last good backup is {age_h / 24:.0f} days old{_reason(told)}", setting_up)
    elif age_h > _OLD_BACKUP_H:
        yield warn(f"the last good backup is {age_h:.0f} hours old{_reason(told)}", "See why: journalctl -u foleni-backup.")
    else:
        yield ok(f"the last good backup is {age_h:.0f} hours old and was checked")
    for target in told.get("targets") or ():
        if target.get("fault"):
            yield warn(f"the backup did not reach {target.get('where')}{_reason(target)}", setting_up)


def _reason(told: dict) -> str:  # type: ignore[type-arg]
    words = told.get("words") or told.get("fault")
    return f" ({words})" if words else ""


def ask(box: Box, path: str) -> Answer:
    """What the branch server on this machine answers. Raises `ReachError`."""
    assert box.web is not None
    program = box.program("branch")
    settings = program.settings if program is not None else {}
    ca = box.branch_data / "tls/ca.pem"
    is_plain = settings.get("http_plain") or (box.web.host in {"127.0.0.1", "::1", "localhost"} and not _has_tls(settings))
    if settings.get("http_cert") is not None:
        ca = Path(str(settings["http_cert"]))
    return get(box.web, path, None if is_plain else ca)


def _has_tls(settings: object) -> bool:
    """Whether the web side has TLS though this machine reaches it on loopback."""
    assert isinstance(settings, dict)
    listens = str(settings.get("http", "")).rpartition(":")[0].strip("[]")
    return bool(settings.get("http_tls") or settings.get("http_cert") or listens not in {"127.0.0.1", "::1", "localhost"})
