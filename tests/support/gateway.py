"""The message gateway that is none, and a cloud that sends by it, as processes of their own."""

import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import requests

from tests.support.cloud import CloudProcess
from tests.support.waiting import PATIENCE_S, until

_ROOT = Path(__file__).resolve().parents[2]
_ADDRESS = re.compile(r"ready: (https?://[^\s,]+)")
_START_S = 60.0
SECRET = "not-to-be-guessed-1"
ACCOUNT = "AC0123456789"


class Gateway:
    """`python -m foleni.sim.gateway` on a free port."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "gateway.log"
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> Self:
        """Returns when it is ready; fails with its own words where it ends before."""
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "foleni.sim.gateway", "--http", "127.0.0.1:0"],
                cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        until(lambda: _ADDRESS.search(self._said) or _has_ended(self._process), _START_S, every_s=0.02)
        found = _ADDRESS.search(self._said)
        assert found is not None, self._said
        self.url = found.group(1)
        return self

    def stop(self) -> int:
        """End it in good order; its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(_START_S)

    def kill(self) -> None:
        """End it like a power cut. Nothing happens where it does not run."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_START_S)

    @property
    def _said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def messages(self, text: str = "", company: str = "") -> list[dict[str, Any]]:
        """What it has taken that contains `text`, the newest first."""
        found = requests.get(f"{self.url}/messages", timeout=PATIENCE_S).json()["messages"]
        return [one for one in found if text in one["text"] and company in one["company"]]

    def control(self, **orders: Any) -> None:
        answer = requests.post(f"{self.url}/control", json=orders, timeout=PATIENCE_S)
        assert answer.status_code == 200, answer.text

    def write(self, phone: str, text: str, company: str = "africastalking") -> None:
        """Somebody writes back."""
        told = {"company": company, "phone": phone, "text": text}
        answer = requests.post(f"{self.url}/answers", json=told, timeout=PATIENCE_S)
        assert answer.status_code == 200, answer.text

    def is_well_for(self, cloud: "SendingCloud") -> None:
        """From now on it works, and tells this cloud what there is to tell."""
        inbound = {company: f"{cloud.url}/hooks/{company}/{SECRET}/inbound" for company in ("africastalking", "twilio")}
        self.control(mode="well", reports=f"{cloud.url}/hooks/africastalking/{SECRET}/reports", inbound=inbound)


def _has_ended(process: subprocess.Popen[bytes] | None) -> bool:
    return process is not None and process.poll() is not None


class SendingCloud(CloudProcess):
    """A cloud whose providers are those of `providers`, TOML text."""

    def __init__(self, folder: Path, database: str | None, providers: str, arguments: Sequence[str] = ()) -> None:
        config = folder / "cloud.toml"
        config.write_text(providers, encoding="utf-8")
        super().__init__(folder, database, arguments=["--config", str(config), *arguments])


def africastalking(url: str, **more: object) -> str:
    """A provider's table."""
    return _table(
        "africastalking", {"username": "sandbox", "key": "k", "sender": "FOLENI", "url": url, "secret": SECRET, **more}
    )


def twilio(url: str, **more: object) -> str:
    given = {"account": ACCOUNT, "token": "t", "sender": "+15550001111", "whatsapp_sender": "+15550002222", "url": url,
             "secret": SECRET, **more}  # fmt: skip
    return _table("twilio", given)


def apprise(channel: str, url: str) -> str:
    return _table("apprise", {"channel": channel, "url": url, "name": f"apprise-{channel}"})


def _table(kind: str, fields: dict[str, object]) -> str:
    lines = [f"{name} = {value!r}".replace("'", '"') for name, value in fields.items()]
    return "\n".join(["[[provider]]", f'kind = "{kind}"', *lines, ""])
