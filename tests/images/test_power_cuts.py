"""A branch server whose power is cut again and again in the middle of its work: nothing that it answered is lost."""

import os
import threading
import uuid
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.images.support.machine import Machine
from tests.images.support.office import MQTT, WEB, Office

CUTS = int(os.environ.get("FOLENI_CUTS", "20"))
_CUSTOMERS = 4
_AT_LEAST = 8
"""So many answers are waited for after each start, before the cable is pulled in the middle of the next ones."""


class Crowd:
    """People who take tickets without a break, and remember what they were answered."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._take, daemon=True) for _ in range(_CUSTOMERS)]
        self.answered: dict[str, dict[str, Any]] = {}
        for thread in self._threads:
            thread.start()

    def _take(self) -> None:
        while not self._over.is_set():
            command = str(uuid.uuid4())
            try:
                answer = self._office.admin.post("/api/v1/tickets", {"service": "cash", "channel": "api"}, key=command)
            except requests.RequestException:
                return  # the power is gone
            if answer.status_code in {200, 201}:
                with self._lock:
                    self.answered[command] = answer.json()["result"]

    def leave(self) -> dict[str, dict[str, Any]]:
        self._over.set()
        for thread in self._threads:
            thread.join(120)
        return self.answered


@pytest.mark.timeout(CUTS * 400 + 900)
def test_nothing_answered_is_lost_when_the_power_is_cut(tmp_path: Path) -> None:
    server = Machine("server", tmp_path / "server", forwards=(WEB, MQTT))
    server.on()
    office = Office(server)
    try:
        office.until_open()
        office.found()
        answered: dict[str, dict[str, Any]] = {}
        for cut in range(CUTS):
            answered |= _cut_in_mid_load(server, office, _AT_LEAST + cut)
            server.on()
            office.until_open()
            _all_there(office, answered, cut)
        assert len(answered) >= CUTS * _AT_LEAST
    finally:
        server.cut_power()


def _cut_in_mid_load(server: Machine, office: Office, enough: int) -> dict[str, dict[str, Any]]:
    """What was answered up to the cut."""
    crowd = Crowd(office)
    server.until(lambda: len(crowd.answered) >= enough)
    server.cut_power()
    return crowd.leave()


def _all_there(office: Office, answered: dict[str, dict[str, Any]], cut: int) -> None:
    numbers = [told["number"] for told in answered.values()]
    assert len(set(numbers)) == len(numbers), "no number twice"
    for told in answered.values():
        kept = office.admin.get(f"/api/v1/tickets/{told['ticket']}")
        assert kept.status_code == 200, f"{told['number']} was answered, and is gone after cut {cut + 1}"
        assert kept.json()["number"] == told["number"]
