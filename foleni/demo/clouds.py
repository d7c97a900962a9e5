"""The public side of the demo: a cloud on this machine, and a gateway that shows the messages instead of sending them."""

import json
import os
import secrets
import subprocess
import sys
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from foleni.demo.crew import Crew
from foleni.demo.house import CLOUD, GATEWAY, Folders, House
from foleni.demo.keeper import Program, StartError

ADMIN_PHONE = "+250788100100"
"""Who administers the demo's organization, and reads the code on the messages' page."""
_ORGANIZATION = "demo"
_PROVIDER = "demo"
_SETTING_UP_S = 60


@dataclass(frozen=True, slots=True)
class Sky:
    """The cloud as the branch finds it, and the page of its messages."""

    url: str
    token_file: Path
    messages: str
    dials: str = "*384*1#"
    """What a phone dials for this branch: the first one of its cloud."""


def open_cloud(house: House, crew: Crew, setup: Path, http: str, gateway: str) -> Sky | None:
    """Starts gateway and cloud at these addresses; None, and a sentence in what is missing, where this machine has not what it
    takes. Raises `StartError`.
    """
    if find_spec("cloud") is None or find_spec("redis") is None:
        house.missing.append("the cloud needs its packages: pip install foleni[cloud]")
        return None
    folder = house.folders.cloud
    folder.mkdir(parents=True, exist_ok=True)
    database = f"sqlite:///{(folder / 'cloud.db').absolute()}"
    token = _token_file(house.folders, database, _branch_in(setup))
    secret = _secret(folder / "hooks.secret")
    config = _config(folder / "cloud.toml", database, http, gateway, secret)
    hooks = f"http://{http}/hooks/{_PROVIDER}/{secret}"
    crew.wait_up(crew.start(_gateway(house.folders, gateway, hooks), _cloud(house.folders, config)))
    return Sky(f"http://{http}", token, f"http://{gateway}/")


def _branch_in(setup: Path) -> dict[str, Any]:
    """What the setup says of the branch; a wrong one is left for the server to tell."""
    with suppress(OSError, UnicodeError, tomllib.TOMLDecodeError):
        branch = tomllib.loads(setup.read_text(encoding="utf-8")).get("branch")
        if isinstance(branch, dict):
            return branch
    return {}


def _token_file(folders: Folders, database: str, branch: dict[str, Any]) -> Path:
    """The branch's token; the first time the branch is made known to the cloud for it. Raises `StartError`."""
    file = folders.cloud / "branch.token"
    if file.exists():
        return file
    name = branch.get("name", "Demo")
    shown = name.get("en") or next(iter(name.values()), "Demo") if isinstance(name, dict) else name
    _administer(database, "organization", "add", _ORGANIZATION, str(branch.get("organization", "Demo")))
    _administer(database, "admin", "add", ADMIN_PHONE, "--name", "Demo")
    token = _administer(
        database, "branch", "add", str(branch.get("id", "demo")), "--organization", _ORGANIZATION, "--name", str(shown)
    )
    return _kept(file, token)


def _secret(file: Path) -> str:
    """By which the gateway is known to the cloud; made once."""
    if not file.exists():
        _kept(file, secrets.token_urlsafe(16))
    return file.read_text(encoding="utf-8").strip()


def _kept(file: Path, secret: str) -> Path:
    """The file with a secret for our own programs; it is there whole or not at all."""
    written = file.with_suffix(".new")
    with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as open_file:
        open_file.write(f"{secret}\n")
    written.replace(file)
    return file


def _administer(database: str, *asked: str) -> str:
    """The last line that the cloud's administration says. Raises `StartError`."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "cloud.admin", "--database", database, *asked],
        capture_output=True, text=True, check=False, timeout=_SETTING_UP_S,
    )  # fmt: skip
    if done.returncode:
        raise StartError(f"the cloud cannot be set up: {done.stderr.strip() or done.stdout.strip()}")
    said = done.stdout.strip().splitlines()
    return said[-1] if said else ""


def _config(path: Path, database: str, http: str, gateway: str, secret: str) -> Path:
    """The cloud's settings: everything is sent to the demo's own gateway."""
    text = f"""\
http = {json.dumps(http)}
database = {json.dumps(database)}
simulator = true

[[provider]]
name = "{_PROVIDER}"
kind = "africastalking"
url = {json.dumps(f"http://{gateway}")}
username = "demo"
key = "demo"
secret = {json.dumps(secret)}

[[gateway]]
name = "demo"
kind = "africastalking"
secret = {json.dumps(secret)}
"""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    return path


def _gateway(folders: Folders, address: str, hooks: str) -> Program:
    told = ("--reports", f"{hooks}/reports", "--inbound", f"{hooks}/inbound")
    command = (sys.executable, "-m", "foleni.sim.gateway", "--http", address, *told)
    return Program(GATEWAY, command, folders.logs / "messages.log", "foleni-gateway: ready")


def _cloud(folders: Folders, config: Path) -> Program:
    command = (sys.executable, "-m", "cloud", "--config", str(config))
    return Program(CLOUD, command, folders.logs / "cloud.log", "foleni-cloud: ready")
