"""Somebody joins from home by a real cloud and a real branch, and their phone gets what they need to know."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.client import Client
from tests.support.gateway import Gateway, SendingCloud, africastalking
from tests.support.synced import BRANCH, desk_of, synced_branch
from tests.support.waiting import PATIENCE_S, until

POLITE_S = 0.1
PHONE = "+250788000001"


@dataclass
class Town:
    gateway: Gateway
    cloud: SendingCloud
    desk: Client

    def told(self, phone: str = PHONE) -> list[str]:
        """What the phone got, the oldest first."""
        return [one["text"] for one in reversed(self.gateway.messages()) if one["recipient"] == phone]

    def until_told(self, words: str, phone: str = PHONE) -> str:
        until(lambda: [text for text in self.told(phone) if words in text], PATIENCE_S, POLITE_S)
        return next(text for text in self.told(phone) if words in text)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    for part in ("cloud", "branch"):
        (tmp_path / part).mkdir()
    with (
        Gateway(tmp_path) as gateway,
        SendingCloud(tmp_path / "cloud", None, africastalking(gateway.url)) as cloud,
        synced_branch(tmp_path / "branch", cloud.url, cloud.branch(BRANCH)) as branch,
        desk_of(branch) as desk,
    ):
        yield Town(gateway, cloud, desk)


def test_from_joining_to_the_call(town: Town) -> None:
    ada = town.cloud.person(PHONE)

    def joined() -> dict[str, Any] | None:
        answer = town.cloud.post(
            f"/api/v1/queues/{BRANCH}/join", {"service": "cash"}, ada, key="0198a0b0-0000-7000-8000-000000000001"
        )
        return answer.json() if answer.ok and not answer.json()["provisional"] else None

    until(joined, PATIENCE_S, POLITE_S)
    ticket = joined()
    assert ticket is not None
    told = town.until_told(f"your number is {ticket['number']}, Cash")
    assert told.endswith(ticket["url"])
    town.desk.ask({"type": "open_counter", "counter": "c1"})
    town.desk.ask({"type": "call_next", "counter": "c1"})
    assert town.until_told(f"{ticket['number']}: please go to counter 1 now.").endswith(ticket["url"])
    town.desk.ask({"type": "skip", "counter": "c1"})
    town.until_told(f"{ticket['number']}: you were called at Main Street and did not come.")
    assert len(town.told()) == 3, "and nothing twice, however often it was asked"
