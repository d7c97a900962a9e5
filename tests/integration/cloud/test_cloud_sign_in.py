"""Signing in with a phone: codes, tokens, cookies, and what a stranger learns: nothing."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from sqlalchemy import insert, select, update

from cloud.store import tables
from foleni.ids import uuid7
from tests.support import offices
from tests.support.cloud import CloudProcess, Person
from tests.support.gateway import Gateway, SendingCloud, africastalking
from tests.support.waiting import PATIENCE_S, until

A = "/api/v1"
THERE, ELSEWHERE = {"X-Forwarded-For": "198.51.100.7"}, {"X-Forwarded-For": "198.51.100.8"}
_numbers = itertools.count(100)


@pytest.fixture(name="gateway", scope="module")
def _gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gateway")) as gateway:
        yield gateway


@pytest.fixture(name="cloud", scope="module")
def _cloud(tmp_path_factory: pytest.TempPathFactory, gateway: Gateway) -> Iterator[SendingCloud]:
    with SendingCloud(
        tmp_path_factory.mktemp("sign-in"), None, africastalking(gateway.url), arguments=("--behind-proxy",)
    ) as cloud:
        offices.set_up(cloud)
        yield cloud


@pytest.fixture(name="phone")
def _phone() -> str:
    return f"+250788001{next(_numbers)}"


def post(cloud: CloudProcess, path: str, body: Any = None, **headers: str) -> requests.Response:
    """A request from an address of its own, unless one is named."""
    told = {"X-Forwarded-For": f"192.0.2.{next(_numbers) % 250}", **headers}
    return requests.post(cloud.url + A + path, json=body, headers=told, timeout=PATIENCE_S)


@dataclass
class Door:
    """Where somebody with a phone signs in."""

    cloud: CloudProcess
    gateway: Gateway
    phone: str

    def code(self) -> str:
        """A new code, as it comes by SMS."""
        before = len(offices.codes(self.gateway, self.phone))
        assert post(self.cloud, "/auth/otp/request", {"phone": self.phone}).status_code == 202
        until(lambda: len(offices.codes(self.gateway, self.phone)) > before)
        return offices.codes(self.gateway, self.phone)[0]

    def try_code(self, code: str) -> requests.Response:
        return post(self.cloud, "/auth/otp/verify", {"phone": self.phone, "code": code})

    def sign_in(self) -> requests.Response:
        answer = self.try_code(self.code())
        assert answer.status_code == 200, answer.text
        return answer


@pytest.fixture(name="door")
def _door(cloud: CloudProcess, gateway: Gateway, phone: str) -> Door:
    return Door(cloud, gateway, phone)


def person(answer: requests.Response) -> Person:
    told = answer.json()
    return Person(told["user"]["id"], told["user"]["phone"], told["access_token"])


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_a_code_by_sms_signs_in(cloud: CloudProcess, door: Door) -> None:
    answer = door.sign_in()
    assert answer.json()["expires_in"] == 900
    assert cloud.get(f"{A}/me", person(answer)).json()["phone"] == door.phone
    kept = cloud.run(lambda c: c.execute(select(tables.otps.c.hash).where(tables.otps.c.phone == door.phone)).scalar_one())
    assert len(kept) == 64


def test_a_code_is_good_once_and_the_newest_alone(door: Door) -> None:
    first = door.code()
    second = door.code()
    if first != second:
        assert door.try_code(first).status_code == 401
    assert door.try_code(second).status_code == 200
    assert door.try_code(second).status_code == 401


def test_after_five_tries_even_the_right_code_is_refused(door: Door) -> None:
    code = door.code()
    wrong = [door.try_code(other(code)) for _ in range(5)]
    assert {answer.json()["error"]["code"] for answer in wrong} == {"wrong_code"}
    assert door.try_code(code).status_code == 401


def test_a_code_is_over_after_five_minutes(cloud: CloudProcess, door: Door) -> None:
    code = door.code()
    cloud.run(lambda c: c.execute(update(tables.otps).where(tables.otps.c.phone == door.phone).values(expires_at=1)).rowcount)
    assert door.try_code(code).status_code == 401


def test_guessing_codes_of_one_phone_comes_to_an_end(door: Door) -> None:
    door.code()
    tries = [door.try_code(f"{n:06d}").status_code for n in range(25)]
    assert tries.count(200) == 0
    assert tries[-5:] == [429] * 5


def test_guessing_from_one_address_comes_to_an_end(cloud: CloudProcess) -> None:
    tries = [post(cloud, "/auth/otp/verify", {"phone": f"+2507880020{n:02d}", "code": "123456"}, **THERE) for n in range(61)]
    assert {answer.status_code for answer in tries[:60]} == {401}
    assert tries[60].status_code == 429


def test_a_phone_is_not_flooded_with_codes(cloud: CloudProcess, phone: str) -> None:
    answers = [post(cloud, "/auth/otp/request", {"phone": phone}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert int(answers[3].headers["Retry-After"]) > 0


def test_one_address_does_not_flood_many_phones(cloud: CloudProcess) -> None:
    answers = [post(cloud, "/auth/otp/request", {"phone": f"+2507880030{n:02d}"}, **ELSEWHERE) for n in range(21)]
    assert [answer.status_code for answer in answers] == [*[202] * 20, 429]


def test_known_unknown_and_shut_out_phones_are_answered_alike(cloud: CloudProcess, door: Door) -> None:
    known = person(door.sign_in())
    first = post(cloud, "/auth/otp/request", {"phone": door.phone})
    strange = post(cloud, "/auth/otp/request", {"phone": "+250788004001"})
    cloud.run(lambda c: c.execute(update(tables.users).where(tables.users.c.id == known.user).values(is_active=False)).rowcount)
    shut_out = post(cloud, "/auth/otp/request", {"phone": door.phone})
    assert {(one.status_code, one.text) for one in (first, strange, shut_out)} == {(202, first.text)}
    assert cloud.get(f"{A}/me", known).status_code == 401


@pytest.mark.parametrize("bad", ["", "0788123456", "+25078", "+250788000001x", "tel", 7, None, "+" + "1" * 60])
def test_what_is_no_phone_is_refused(cloud: CloudProcess, bad: object) -> None:
    assert post(cloud, "/auth/otp/request", {"phone": bad}).status_code == 422


def test_refresh_tokens_rotate_and_a_copy_ends_them(cloud: CloudProcess, door: Door) -> None:
    first = door.sign_in().json()
    second = post(cloud, "/auth/refresh", {"refresh_token": first["refresh_token"]}).json()
    again = post(cloud, "/auth/refresh", {"refresh_token": first["refresh_token"]}).json()
    assert again["refresh_token"] == second["refresh_token"] != first["refresh_token"]
    third = post(cloud, "/auth/refresh", {"refresh_token": second["refresh_token"]})
    assert third.status_code == 200
    assert post(cloud, "/auth/refresh", {"refresh_token": first["refresh_token"]}).status_code == 401
    assert post(cloud, "/auth/refresh", {"refresh_token": third.json()["refresh_token"]}).status_code == 401
    assert cloud.get(f"{A}/me", person(third)).status_code == 401


def test_the_cookie_refreshes_for_our_own_pages_only(cloud: CloudProcess, door: Door) -> None:
    answer = door.sign_in()
    cookie = next(one for one in answer.cookies if one.name == "foleni_session")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "samesite=strict" in answer.headers["set-cookie"].lower()
    sent = {"Cookie": f"foleni_session={cookie.value}"}
    assert post(cloud, "/auth/refresh", **sent).status_code == 403
    assert post(cloud, "/auth/refresh", **sent, Origin="https://evil.example").status_code == 403
    renewed = post(cloud, "/auth/refresh", **sent, Origin=cloud.url)
    assert renewed.status_code == 200
    thrown_out = post(cloud, "/auth/sign-out", Origin="https://evil.example")
    assert (thrown_out.status_code, "set-cookie" in thrown_out.headers) == (403, False)
    assert renewed.cookies["foleni_session"] != cookie.value


def test_signing_out_ends_the_access_token_too(cloud: CloudProcess, door: Door) -> None:
    here, there = door.sign_in(), door.sign_in()
    assert cloud.post(f"{A}/auth/sign-out", who=person(here)).status_code == 204
    assert [cloud.get(f"{A}/me", person(one)).status_code for one in (here, there)] == [401, 200]
    assert post(cloud, "/auth/refresh", {"refresh_token": here.json()["refresh_token"]}).status_code == 401
    assert cloud.post(f"{A}/auth/sign-out-everywhere", who=person(there)).status_code == 204
    assert cloud.get(f"{A}/me", person(there)).status_code == 401


def test_somebody_says_who_they_are_and_what_they_want(cloud: CloudProcess, door: Door) -> None:
    me = person(door.sign_in())
    wishes = {"channels": ["sms"], "silent": ["joined"]}
    body = {"name": " Ada ", "language": "rw", "email": "ada@example.org", "wishes": wishes}
    told = requests.patch(f"{cloud.url}{A}/me", json=body, headers=me.headers, timeout=PATIENCE_S).json()
    assert {name: told[name] for name in body} == {**body, "name": "Ada"}
    for bad in ({"language": "xx"}, {"email": "no"}, {"name": "x" * 65}, {"wishes": {"channels": ["pigeon"]}}):
        assert requests.patch(f"{cloud.url}{A}/me", json=bad, headers=me.headers, timeout=PATIENCE_S).status_code == 422
    assert cloud.get(f"{A}/me", me).json()["name"] == "Ada"


def test_erasing_me_leaves_nobody_in_tickets_and_events(cloud: CloudProcess, door: Door) -> None:
    me = person(door.sign_in())
    whose = {"phone": door.phone, "name": "Ada"}
    row = offices.ticket_row("main-street", "completed", "A900", user=me.user, channel="app", **whose)
    data = {"ticket": row["ticket"], "number": "A900", "service": "cash", **whose}
    event = {"branch": "main-street", "seq": 1, "id": uuid7(), "type": "ticket_joined", "at": row["joined_at"], "steady": 1,
             "day": "2026-11-21", "actor": "app", "data": json.dumps(data)}  # fmt: skip
    cloud.run(lambda c: c.execute(insert(tables.tickets).values(row)).rowcount)
    cloud.run(lambda c: c.execute(insert(tables.events).values(event)).rowcount)
    assert requests.delete(f"{cloud.url}{A}/me", headers=me.headers, timeout=PATIENCE_S).status_code == 204
    assert cloud.get(f"{A}/me", me).status_code == 401
    everything = cloud.run(lambda c: str([c.execute(select(table)).all() for name, table in tables.metadata.tables.items()]))
    assert door.phone not in everything
    assert person(door.sign_in()).user != me.user
