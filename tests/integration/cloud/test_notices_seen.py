"""A code comes by SMS, and who manages a branch sees what its customers were sent; nobody else does."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from sqlalchemy import Connection, insert, select

from cloud.notices.occasions import Occasion
from cloud.site import wall_clock
from cloud.store.database import Database
from cloud.store.tables import branches, organizations, roles, users
from tests.support import notices
from tests.support.gateway import Gateway, SendingCloud, africastalking
from tests.support.waiting import PATIENCE_S, until

POLITE_S = 0.05


@dataclass
class Hall:
    gateway: Gateway
    cloud: SendingCloud
    database: Database

    def sign_in(self, phone: str, role: str | None = None, **where: str | None) -> dict[str, str]:
        """The headers of somebody who has signed in with the code in an SMS."""
        asked = requests.post(f"{self.cloud.url}/api/v1/auth/otp/request", json={"phone": phone}, timeout=PATIENCE_S)
        assert asked.status_code == 202, asked.text
        until(lambda: self._codes(phone), PATIENCE_S, POLITE_S)
        told = {"phone": phone, "code": self._codes(phone)[0]}
        answer = requests.post(f"{self.cloud.url}/api/v1/auth/otp/verify", json=told, timeout=PATIENCE_S)
        assert answer.status_code == 200, answer.text
        if role is not None:
            self.database.run_here(lambda c: self._give(c, phone, role, where))
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def sent(self, headers: dict[str, str], branch: str = "main-street", **query: Any) -> requests.Response:
        address = f"{self.cloud.url}/api/v1/branches/{branch}/notifications"
        return requests.get(address, headers=headers, params=query, timeout=PATIENCE_S)

    def _codes(self, phone: str) -> list[str]:
        mine = [one["text"] for one in self.gateway.messages() if one["recipient"] == phone]
        return [found.group(1) for text in mine if (found := re.search(r"\b(\d{6})\b", text))]

    def _give(self, c: Connection, phone: str, role: str, where: dict[str, str | None]) -> None:
        user = c.execute(select(users.c.id).where(users.c.phone == phone)).scalar_one()
        c.execute(insert(roles).values(id=f"role-{user}", user=user, role=role, created_at=0, **where))


def _other_bank(c: Connection) -> None:
    mine = c.execute(select(branches)).mappings().one()
    c.execute(insert(organizations).values(id="other", name="Other", is_active=True, created_at=0))
    c.execute(insert(branches).values({**mine, "id": "elsewhere", "code": 2}))


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    folder = tmp_path_factory.mktemp("seen")
    database = notices.opened(notices.sqlite_at(folder))
    with Gateway(folder) as gateway, SendingCloud(folder, notices.sqlite_at(folder), africastalking(gateway.url)) as cloud:
        database.run_here(_other_bank)
        for n in range(3):
            notices.put(database, Occasion.JOINED, f"joined:{n}", wall_clock(), ticket=f"t{n}")
        yield Hall(gateway, cloud, database)
    database.close()


def test_a_manager_sees_what_was_sent_and_no_phone_and_no_link(hall: Hall) -> None:
    manager = hall.sign_in("+250788000101", "manager", organization="bank", branch="main-street")
    until(lambda: [one["state"] for one in hall.sent(manager).json()["notifications"]] == ["sent"] * 3, PATIENCE_S, POLITE_S)
    answer = hall.sent(manager)
    told = answer.json()["notifications"]
    assert [one["ticket"] for one in told] == ["t2", "t1", "t0"]
    assert told[0]["text"] == "Main Street: your number is A042, Cash. Ahead of you: 3."
    assert (told[0]["recipient"], told[0]["provider"], told[0]["attempts"]) == ("+250…01", "africastalking", 1)
    assert notices.PHONE not in answer.text
    assert notices.LINK not in answer.text


def test_it_is_read_page_by_page_and_by_ticket(hall: Hall) -> None:
    admin = hall.sign_in("+250788000102", "admin", organization="bank", branch=None)
    first = hall.sent(admin, limit=2).json()
    rest = hall.sent(admin, limit=2, before=first["next"]).json()
    assert [one["ticket"] for page in (first, rest) for one in page["notifications"]] == ["t2", "t1", "t0"]
    assert rest["next"] is None
    assert [one["ticket"] for one in hall.sent(admin, ticket="t1").json()["notifications"]] == ["t1"]


@pytest.mark.parametrize(
    ("phone", "role", "where"),
    [
        ("+250788000103", None, {}),
        ("+250788000104", "staff", {"organization": "bank", "branch": "main-street"}),
        ("+250788000105", "manager", {"organization": "bank", "branch": "elsewhere"}),
        ("+250788000106", "admin", {"organization": "other", "branch": None}),
    ],
)
def test_nobody_else_sees_it(hall: Hall, phone: str, role: str | None, where: dict[str, str | None]) -> None:
    headers = hall.sign_in(phone, role, **where)
    for branch in ("main-street", "no-such-branch"):
        answer = hall.sent(headers, branch)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_allowed"), branch


def test_strangers_and_odd_questions_are_refused(hall: Hall) -> None:
    assert hall.sent({}).status_code == 401
    everywhere = hall.sign_in("+250788000107", "admin", organization=None, branch=None)
    assert hall.sent(everywhere, "no-such-branch").status_code == 404
    assert hall.sent(everywhere, limit=0).status_code == 422
    assert hall.sent(everywhere, "Not A Slug").status_code == 422
    assert hall.sent(everywhere, before="\x00").status_code == 422
