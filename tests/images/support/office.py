"""A branch office of machines: what an administrator does in its console, over HTTPS, from a PC on its network."""

import re
import socket
import ssl
import warnings
from pathlib import Path
from typing import Any

import requests
from urllib3.exceptions import InsecureRequestWarning

from tests.images.support.machine import BOOTS_WITHIN_S, Machine
from tests.support.waiting import until
from tests.support.web import Visitor

WEB, MQTT = 8443, 8883
PIN = "482913"
_SERVICES = {
    "cash": {"prefix": "A", "name": {"en": "Cash", "fr": "Caisse"}},
    "cards": {"prefix": "D", "name": {"en": "Cards", "fr": "Cartes"}},
}
_FIRST_CODE = re.compile(r"For the first sign-in as admin, once: ([0-9]{6})")
_BOX_CODE = re.compile(r"^([0-9]{3}) ([0-9]{3})\s*$", re.MULTILINE)
_PATIENCE_S = 60.0


class Office:
    """The console of a server's machine. `url` is how it is reached from here."""

    def __init__(self, server: Machine) -> None:
        self.server = server
        self.url = f"https://127.0.0.1:{server.port(WEB)}"
        self.ca = server.folder / "ca.pem"
        self.admin = Visitor(self.url)
        self.admin.http.trust_env = False
        self.admin.http.mount("https://", _Patient())

    def until_open(self, within_s: float = BOOTS_WITHIN_S) -> None:
        """Wait until the console answers; believe the authority that it names from then on."""
        self.server.until(self._answers, within_s)
        told = _unverified(f"{self.url}/join/v1/branch").json()
        self.ca.write_text(told["ca"])
        self.admin.http.verify = str(self.ca)

    def found(self) -> None:
        """The first sign-in, with the code on the server's screen; two services, a counter."""
        self.server.until(lambda: _FIRST_CODE.search(self.server.serial))
        code = _FIRST_CODE.findall(self.server.serial)[-1]
        assert self.admin.post("/api/v1/session", {"staff": "admin", "pin": code}).status_code == 200
        assert self.admin.post("/api/v1/session/pin", {"old": code, "new": PIN}).status_code == 200
        for name, value in _SERVICES.items():
            self._put(f"service/{name}", value)
            assert self.admin.post(f"/api/v1/services/{name}/open").status_code == 200
        self._put("counter/c1", {"label": "1", "services": list(_SERVICES)})

    def approve(self, code: str, device: str, **more: Any) -> None:
        """Type the code that a box shows, and let it in as `device`."""
        found = self.admin.post("/api/v1/joining/look", {"code": code})
        assert found.status_code == 200, found.text
        answer = self.admin.post(f"/api/v1/joining/{found.json()['request']}/approve", {"code": code, "id": device, **more})
        assert answer.status_code == 200, answer.text

    def is_online(self, device: str) -> bool:
        devices = {each["id"]: each for each in self.admin.get("/api/v1/devices").json()["devices"]}
        return bool(devices.get(device, {}).get("online"))

    def waiting(self) -> int:
        """How many people wait."""
        services = self.admin.get("/api/v1/services").json()["services"]
        return sum(int(each["waiting"]) for each in services)

    def _answers(self) -> bool:
        try:
            return _unverified(f"{self.url}/healthz").status_code == 200
        except requests.RequestException:
            return False

    def _put(self, path: str, value: dict[str, Any]) -> None:
        answer = self.admin.post(f"/api/v1/setup/{path}", {"value": value, "version": ""}, method="PUT")
        assert answer.status_code == 200, answer.text


def _unverified(url: str) -> requests.Response:
    """What somebody gets who does not know the branch's authority yet, and looks all the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InsecureRequestWarning)
        return requests.get(url, verify=False, timeout=_PATIENCE_S)


class _Patient(requests.adapters.HTTPAdapter):
    """A machine without hardware help takes its time."""

    def send(self, request: requests.PreparedRequest, **more: Any) -> requests.Response:  # type: ignore[override]
        return super().send(request, **{**more, "timeout": _PATIENCE_S})


def code_of(box: Machine, within_s: float = BOOTS_WITHIN_S) -> str:
    """The six digits that a box says on its serial line."""
    box.until(lambda: _BOX_CODE.search(box.said), within_s)
    return "".join(_BOX_CODE.findall(box.said)[-1])


def certificate_at(port: int, ca: Path, name: str) -> dict[str, Any]:
    """What the listener at `port` shows, verified against `ca` and `name`; a client without a certificate gets no further."""
    context = ssl.create_default_context(cafile=str(ca))
    with (
        socket.create_connection(("127.0.0.1", port), _PATIENCE_S) as plain,
        context.wrap_socket(plain, server_hostname=name) as secured,
    ):
        return dict(secured.getpeercert() or {})


def until_online(office: Office, device: str) -> None:
    until(lambda: office.is_online(device), BOOTS_WITHIN_S, every_s=1)
