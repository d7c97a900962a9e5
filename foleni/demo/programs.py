"""The command lines of a whole branch, and what each program says when it is ready."""

import sys
from pathlib import Path

from foleni.demo.clouds import Sky
from foleni.demo.desk import Account
from foleni.demo.house import KIOSK, SERVER, TV, Folders
from foleni.demo.keeper import Program
from foleni.demo.screen import Screen

_HABITS = ("--ask-phone", "--staff-code", "2580")
"""The demo shows all pages that a kiosk has."""


def server(folders: Folders, setup: Path, mqtt_listen: str | None, http: str | None, sky: Sky | None) -> Program:
    listen = () if mqtt_listen is None else ("--mqtt-listen", mqtt_listen)
    consoles = () if http is None else ("--http", http)
    above = () if sky is None else ("--cloud", sky.url, "--cloud-token-file", str(sky.token_file))
    where = ("--data", str(folders.data), "--mqtt", "managed", "--setup", str(setup))
    command = _python("branch_server", *where, *listen, *consoles, *above)
    return Program(SERVER, command, folders.logs / "server.log", "foleni-branch: ready")


def kiosk(folders: Folders, account: Account, screen: Screen, printer: str) -> Program:
    size = ("--size", screen.kiosk.size)
    command = _python("kiosk", *_who(account), "--data", str(folders.kiosk), "--printer", printer, *size, *_HABITS)
    told = {"FOLENI_KIOSK_KEYS": str(folders.shown)}
    return Program(
        KIOSK, command, folders.logs / "kiosk.log", "foleni-kiosk: ready", {**_where(account), **screen.environment, **told}
    )


def tv(folders: Folders, account: Account, screen: Screen) -> Program:
    sound = "alsa" if screen.is_seen else f"file:{folders.spoken}"
    command = _python("display", *_who(account), "--size", screen.tv.size, "--sound", sound)
    return Program(TV, command, folders.logs / "tv.log", "foleni-display: ready", {**_where(account), **screen.environment})


def counter(folders: Folders, account: Account, config: Path) -> Program:
    command = _python("counter", *_who(account), "--config", str(config))
    return Program("counter", command, folders.logs / "counter.log", "foleni-counter: ready", _where(account))


def _who(account: Account) -> tuple[str, ...]:
    return ("--branch", account.branch, "--device", account.device)


def _where(account: Account) -> dict[str, str]:
    """The address holds the password: the environment hides it from those who list processes."""
    return {"FOLENI_MQTT": account.mqtt}


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *arguments)
