"""The plan of shifts over HTTP: who may plan whom, what does not fit, and what a repeated request does."""

import sqlite3
import uuid
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import requests

from tests.support.client import Json
from tests.support.waiting import PATIENCE_S, until
from tests.support.web import POLITE_S, SETUP, Visitor, WebBranch
from tests.support.web_hall import events_of, hall_of

HOURS = """remote_issuer = "R"
hours = { week = { mon = ["08:00-12:30", "13:30-17:00"], tue = ["08:00-17:00"] } }
closures = [{ day = "%s", name = { en = "Founders' day", fr = "Fête" } }]
"""


def a_monday() -> date:
    """The Monday after next, which is no holiday."""
    today = date.today()  # noqa: DTZ011 - the week is far enough away for every time zone
    return today + timedelta(14 - today.weekday())


MONDAY = a_monday()
TUESDAY, SUNDAY = MONDAY + timedelta(1), MONDAY + timedelta(6)
CLOSED = MONDAY + timedelta(8)


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    setup = SETUP.replace('remote_issuer = "R"\n', HOURS % CLOSED)
    with WebBranch(tmp_path_factory.mktemp("shifts"), setup) as branch:
        yield branch


@pytest.fixture(scope="module")
def ada(branch: WebBranch) -> Visitor:
    return branch.person("ada")


@pytest.fixture(autouse=True)
def empty_plan(ada: Visitor) -> Iterator[None]:
    yield
    for day in (MONDAY, MONDAY + timedelta(7), date.today()):  # noqa: DTZ011
        ids = [shift["id"] for shift in week(ada, day)["shifts"]]
        if ids:
            assert ada.post("/api/v1/shifts/remove", {"ids": ids}).status_code == 200


def week(visitor: Visitor, day: date = MONDAY) -> Json:
    answer = visitor.get("/api/v1/shifts", day=day.isoformat())
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


def plan(
    visitor: Visitor,
    staff: str,
    counter: str,
    times: str = "08:00-12:00",
    *,
    day: date = MONDAY,
    note: str = "",
    shift: str = "",
) -> requests.Response:
    starts, ends = times.split("-")
    body = {"staff": staff, "counter": counter, "day": day.isoformat(), "starts": starts, "ends": ends, "note": note}
    return visitor.post(f"/api/v1/shifts/{shift or uuid.uuid4()}", body, method="PUT")


def conflicts(visitor: Visitor, *args: str, day: date = MONDAY) -> list[str]:
    answer = plan(visitor, *args, day=day)
    assert answer.status_code == 200, answer.text
    found: list[str] = answer.json()["shift"]["conflicts"]
    return found


def test_a_shift_is_planned_once_however_often_it_is_asked(ada: Visitor) -> None:
    name = str(uuid.uuid4())
    for _ in range(2):
        assert plan(ada, "eve", "c1", note="trains Ben", shift=name).status_code == 200
    [shift] = week(ada)["shifts"]
    assert (shift["staff"], shift["starts"], shift["ends"], shift["note"]) == ("eve", "08:00", "12:00", "trains Ben")
    assert shift["conflicts"] == []


def test_one_person_cannot_be_in_two_places(ada: Visitor) -> None:
    plan(ada, "eve", "c1", "08:00-12:00")
    assert conflicts(ada, "eve", "c2", "11:00-12:30") == ["Eve is also planned at counter 1, 08:00\u201312:00."]
    assert conflicts(ada, "eve", "c2", "13:30-17:00") == []


def test_two_people_do_not_fit_at_one_counter(ada: Visitor) -> None:
    plan(ada, "eve", "c1")
    assert conflicts(ada, "max", "c1", "11:45-12:30") == ["Eve is also planned at this counter, 08:00\u201312:00."]


def test_who_serves_nothing_of_a_counter_is_a_conflict(ada: Visitor) -> None:
    assert conflicts(ada, "ben", "c2") == ["Ben serves none of the services of this counter."]
    assert conflicts(ada, "ben", "c3", "13:30-17:00") == []


def test_hours_and_closures_are_kept_in_mind(ada: Visitor) -> None:
    assert conflicts(ada, "eve", "c1", "07:00-12:00") == ["Open only 08:00\u201312:30, 13:30\u201317:00."]
    assert conflicts(ada, "eve", "c1", "08:00-12:00", day=SUNDAY) == ["Nothing is open on this weekday."]
    assert conflicts(ada, "eve", "c1", "08:00-12:00", day=CLOSED) == ["The branch is closed on this day: Founders' day."]


def test_somebody_who_left_is_shown_as_a_conflict(branch: WebBranch, ada: Visitor) -> None:
    with hall_of(branch) as hall:
        hall.ask("save_staff", staff={"id": "zoe", "name": "Zoe", "role": "staff", "services": ["cash"]})
        until(lambda: plan(ada, "zoe", "c1").status_code == 200, every_s=POLITE_S)
        hall.ask("save_staff", staff={"id": "zoe", "name": "Zoe", "role": "staff", "services": ["cash"], "active": False})
        until(lambda: week(ada)["shifts"][0]["conflicts"] == ["Zoe is not active."], every_s=POLITE_S)
        hall.ask("remove_staff", staff="zoe")
        until(lambda: week(ada)["shifts"][0]["conflicts"] == ["zoe no longer works here."], every_s=POLITE_S)


@pytest.mark.parametrize(
    "body",
    [
        {"starts": "12:00", "ends": "08:00"}, {"starts": "08:00", "ends": "08:10"}, {"starts": "8:00"}, {"ends": "25:00"},
        {"day": "tomorrow"}, {"day": "2026-02-30"}, {"day": "9999-12-31"}, {"day": 20261123}, {"staff": "nobody"},
        {"staff": "Eve; DROP TABLE"}, {"note": "x" * 201}, {"starts": None},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_nothing_is_planned(ada: Visitor, body: Json) -> None:
    whole = {"staff": "eve", "counter": "c1", "day": MONDAY.isoformat(), "starts": "08:00", "ends": "12:00", **body}
    answer = ada.post(f"/api/v1/shifts/{uuid.uuid4()}", whole, method="PUT")
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "invalid"
    assert answer.json()["error"]["message"]
    assert week(ada)["shifts"] == []


def test_unknown_counters_and_names_that_are_no_ids_are_refused(ada: Visitor) -> None:
    assert plan(ada, "eve", "c9").status_code == 404
    assert plan(ada, "eve", "c1", shift="not-a-uuid").status_code == 422
    assert ada.get("/api/v1/shifts", day="soon").status_code == 422


def test_an_end_at_midnight_is_the_end_of_the_day(ada: Visitor) -> None:
    assert plan(ada, "eve", "c1", "20:00-00:00").status_code == 200
    assert week(ada)["shifts"][0]["ends"] == "24:00"


def test_a_manager_plans_only_people_and_counters_of_his_services(branch: WebBranch, ada: Visitor) -> None:
    boss = branch.person("max")
    assert plan(boss, "eve", "c1").status_code == 200
    assert plan(boss, "ben", "c3").status_code == 403
    assert plan(boss, "eve", "c2").status_code == 403
    assert plan(ada, "ben", "c3").status_code == 200
    seen = week(boss)
    assert [shift["staff"] for shift in seen["shifts"]] == ["eve"]
    assert {person["id"] for person in seen["people"]} == {"max", "eve"}
    bens = next(shift["id"] for shift in week(ada)["shifts"] if shift["staff"] == "ben")
    assert boss.post(f"/api/v1/shifts/{bens}", method="DELETE").status_code == 403
    assert plan(boss, "eve", "c1", shift=bens).status_code == 403, "nobody takes over a shift that is not theirs"


@pytest.mark.parametrize("staff", ["eve", None])
def test_staff_and_strangers_plan_nothing(branch: WebBranch, staff: str | None) -> None:
    visitor = branch.person(staff)
    wanted = {403} if staff else {401}
    assert plan(visitor, "eve", "c1").status_code in wanted
    assert visitor.get("/api/v1/shifts").status_code in wanted
    assert visitor.get("/api/v1/shifts/now").status_code in wanted
    assert visitor.post("/api/v1/shifts/copy", {"from": MONDAY.isoformat(), "to": TUESDAY.isoformat()}).status_code in wanted


def test_what_was_taken_away_can_be_put_back(ada: Visitor) -> None:
    plan(ada, "eve", "c1", note="keys")
    [shift] = week(ada)["shifts"]
    [removed] = ada.post(f"/api/v1/shifts/{shift['id']}", method="DELETE").json()["removed"]
    assert week(ada)["shifts"] == []
    body = {name: removed[name] for name in ("staff", "counter", "day", "starts", "ends", "note")}
    assert ada.post(f"/api/v1/shifts/{removed['id']}", body, method="PUT").status_code == 200
    assert week(ada)["shifts"] == [shift]
    assert ada.post(f"/api/v1/shifts/{uuid.uuid4()}", method="DELETE").json() == {"removed": []}


def test_a_week_is_copied_once_and_what_is_there_stays(ada: Visitor) -> None:
    plan(ada, "eve", "c1", "08:00-12:00")
    plan(ada, "ben", "c3", "09:00-15:00", day=TUESDAY)
    plan(ada, "eve", "c1", "08:00-12:00", day=MONDAY + timedelta(7))
    asked = {"from": TUESDAY.isoformat(), "to": (MONDAY + timedelta(9)).isoformat()}
    first = ada.post("/api/v1/shifts/copy", asked).json()
    assert (len(first["made"]), first["left_out"]) == (1, 1)
    assert ada.post("/api/v1/shifts/copy", asked).json() == {"made": [], "left_out": 2}
    assert len(week(ada, MONDAY + timedelta(7))["shifts"]) == 2
    [copied] = [shift for shift in week(ada, MONDAY + timedelta(7))["shifts"] if shift["id"] in first["made"]]
    plan(ada, "ben", "c3", "10:00-16:00", day=TUESDAY + timedelta(7), shift=copied["id"])
    assert ada.post("/api/v1/shifts/copy", asked).json() == {"made": [], "left_out": 2}, "what was moved since then stays"
    same = ada.post("/api/v1/shifts/copy", {"from": MONDAY.isoformat(), "to": SUNDAY.isoformat()})
    assert same.status_code == 422


def test_other_open_pages_hear_of_a_change(branch: WebBranch, ada: Visitor) -> None:
    with ada.http.get(f"{branch.url}/api/v1/shifts/stream", stream=True, timeout=PATIENCE_S) as answer:
        versions = (told["version"] for name, told in events_of(answer) if name == "shifts")
        before = next(versions)
        plan(ada, "eve", "c1")
        assert next(versions) == before + 1


def test_who_should_be_here_now_and_is_not(branch: WebBranch, ada: Visitor) -> None:
    today = date.fromisoformat(week(ada)["today"])
    for staff, counter in (("eve", "c1"), ("ben", "c3")):
        assert plan(ada, staff, counter, "00:00-24:00", day=today).status_code == 200
    with hall_of(branch) as hall:
        hall.ask("open_counter", counter="c2", staff="eve")
        until(lambda: ada.get("/api/v1/shifts/now").json()["here"] == 1, every_s=POLITE_S)
        told = ada.get("/api/v1/shifts/now").json()
        hall.ask("close_counter", counter="c2")
    assert told["planned"] == 2
    assert [(each["name"], each["counter_label"], each["since"]) for each in told["missing"]] == [("Ben", "3", "00:00")]


def test_every_change_is_in_the_audit_log(ada: Visitor, branch: WebBranch) -> None:
    plan(ada, "eve", "c1")
    page = ada.get("/admin/shifts")
    assert page.status_code == 200
    assert '"staff":"eve"' not in page.text, "the page opens at this week"
    ada.post("/api/v1/shifts/remove", {"ids": [shift["id"] for shift in week(ada)["shifts"]]})
    with sqlite3.connect(branch.data / "web.db") as opened:
        actions = [
            row[0] for row in opened.execute("SELECT action FROM audit WHERE action LIKE '%shift%' ORDER BY n DESC LIMIT 2")
        ]
    assert actions == ["remove_shift", "save_shift"]
