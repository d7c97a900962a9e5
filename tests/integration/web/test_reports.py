"""The history over HTTP: figures, filters, rights, refusals, and what is taken away."""

import csv
import io
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import openpyxl
import pypdf
import pytest

from branch_server.web.reports.rows import FIELDS
from tests.support.web import Visitor, WebBranch
from tests.support.web_reports import branch_with_past, today

LISTS = ("by-day", "by-hour", "by-weekday", "heatmap", "services", "counters", "staff", "channels")
PARTS = {"by-day": "days", "by-hour": "hours", "by-weekday": "weekdays"}
EXPORTS = ("report.pdf", "report.xlsx", "tickets.csv", "services.csv")
MONTH = {"from": (today() - timedelta(days=29)).isoformat(), "to": today().isoformat()}


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    with branch_with_past(tmp_path_factory.mktemp("reports")) as branch:
        yield branch


@pytest.fixture(scope="module")
def ada(branch: WebBranch) -> Visitor:
    return branch.person("ada")


@pytest.fixture(scope="module")
def max_(branch: WebBranch) -> Visitor:
    return branch.person("max")


def report(visitor: Visitor, path: str, **params: Any) -> dict[str, Any]:
    answer = visitor.get(f"/api/v1/reports/{path}", **{**MONTH, **params})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def refused(visitor: Visitor, path: str, **params: Any) -> tuple[int, str]:
    answer = visitor.get(path, **params)
    return answer.status_code, answer.json()["error"]["code"]


def test_every_list_adds_up_to_the_summary(ada: Visitor) -> None:
    summary = report(ada, "summary")["summary"]
    assert summary["issued"] > 300
    assert summary["issued"] == sum(summary[name] for name in ("served", "no_show", "abandoned", "active"))
    assert 0 < summary["idle_s"] <= summary["open_s"]
    for path in LISTS:
        rows = report(ada, path)[PARTS.get(path, path)]
        # who was never called has no counter and no person
        assert sum(row["served"] for row in rows) == summary["served"], path
        if path not in {"counters", "staff"}:
            assert sum(row["issued"] for row in rows) == summary["issued"], path


def test_filters_narrow_it_down(ada: Visitor) -> None:
    services = {row["service"]: row for row in report(ada, "services")["services"]}
    cash = report(ada, "summary", service="cash")["summary"]
    assert {name: cash[name] for name in services["cash"] if name in cash} == {
        name: value for name, value in services["cash"].items() if name != "service"
    }
    app = report(ada, "summary", channel="app")["summary"]
    assert 0 < app["issued"] < cash["issued"]
    assert "idle_s" not in app
    assert report(ada, "summary", counter="c9")["summary"]["issued"] == 0


def test_a_period_is_compared_with_another(ada: Visitor) -> None:
    yesterday = (today() - timedelta(days=1)).isoformat()
    first = (today() - timedelta(days=4)).isoformat()
    compared = report(ada, "summary", **{"from": first, "to": yesterday, "compare": "before"})
    before = compared["before"]["summary"]
    assert before == report(ada, "summary", **{"from": compared["before"]["from"], "to": compared["before"]["to"]})["summary"]
    expected = round((compared["summary"]["issued"] - before["issued"]) / before["issued"], 4)
    assert compared["change"]["issued"] == expected


def test_a_ticket_of_now_is_in_the_figures_of_today(ada: Visitor) -> None:
    day = MONTH["to"]
    had = report(ada, "summary", **{"from": day})["summary"]["issued"]
    live = report(ada, "live")["totals"]
    joined = ada.post("/api/v1/tickets", {"service": "cards", "channel": "staff", "phone": "+250788123456", "name": "Jean"})
    assert joined.status_code in {200, 201}, joined.text
    assert report(ada, "summary", **{"from": day})["summary"]["issued"] == had + 1
    assert report(ada, "live")["totals"]["waiting"] == live["waiting"] + 1
    row = report(ada, "tickets", **{"from": day, "service": "cards"})["tickets"][-1]
    assert tuple(row) == FIELDS
    assert (row["status"], row["channel"], row["wait_s"]) == ("waiting", "staff", None)


def test_pages_of_tickets_hold_every_ticket_once(ada: Visitor) -> None:
    found, after = [], None
    while page := report(ada, "tickets", limit=170, **({"after": after} if after else {})):
        found += [ticket["ticket"] for ticket in page["tickets"]]
        after = page["next"]
        if after is None:
            break
    assert len(found) == len(set(found)) == report(ada, "summary")["summary"]["issued"]


def test_a_manager_sees_their_own_services_only(ada: Visitor, max_: Visitor) -> None:
    assert {row["service"] for row in report(max_, "services")["services"]} == {"cash"}
    assert report(max_, "summary")["summary"]["issued"] == report(ada, "summary", service="cash")["summary"]["issued"]
    assert {row["counter"] for row in report(max_, "counters")["counters"] if "open_s" in row} <= {"c1", "c3"}
    assert {ticket["service"] for ticket in report(max_, "tickets")["tickets"]} == {"cash"}
    assert [row["service"] for row in report(max_, "live")["services"]] == ["cash"]
    assert refused(max_, "/api/v1/reports/summary", service="cards") == (403, "not_allowed")
    assert refused(max_, "/reports/export/report.pdf", service="cards") == (403, "not_allowed")


def test_staff_have_their_own_figures_and_no_reports(branch: WebBranch, ada: Visitor) -> None:
    eve = branch.person("eve")
    for path in ("summary", *LISTS, "tickets", "live", "live/stream"):
        assert refused(eve, f"/api/v1/reports/{path}") == (403, "not_allowed"), path
    for path in ("figures", *(f"export/{name}" for name in EXPORTS)):
        assert refused(eve, f"/reports/{path}") == (403, "not_allowed"), path
    mine = report(eve, "mine", staff="ben")
    theirs = {row["staff"]: row for row in report(ada, "staff")["staff"]}
    assert mine["summary"]["served"] == theirs["eve"]["served"] > 0


def test_nobody_sees_nothing(branch: WebBranch) -> None:
    nobody = branch.person()
    for path in ("summary", *LISTS, "tickets", "live", "mine", "live/stream"):
        assert refused(nobody, f"/api/v1/reports/{path}") == (401, "not_signed_in"), path
    assert refused(nobody, "/reports/export/tickets.csv") == (401, "not_signed_in")
    assert nobody.get("/reports").headers["location"].startswith("/sign-in")


@pytest.mark.parametrize(
    "params",
    [{"from": "yesterday"}, {"from": "2026-02-30"}, {"from": "2026-11-21", "to": "2026-11-20"}, {"from": "1999-01-01"},
     {"to": "0001-01-01"}, {"from": "9999-12-31", "to": "9999-12-31"}, {"service": "Cash; DROP TABLE"}, {"counter": "x" * 33},
     {"channel": "pigeon"}, {"compare": "2026-01-01"}, {"compare": "2026-01-02..2026-01-01"}, {"staff": "é"},
     {"to": "0001-01-01", "compare": "before"}],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_words(ada: Visitor, params: dict[str, str]) -> None:
    for path in ("/api/v1/reports/summary", "/api/v1/reports/tickets", "/reports/figures", "/reports/export/report.xlsx"):
        assert refused(ada, path, **params) == (422, "invalid"), path


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": 501}, {"limit": "many"}, {"after": "here"}])
def test_a_page_of_tickets_that_cannot_be_is_refused(ada: Visitor, params: dict[str, Any]) -> None:
    assert refused(ada, "/api/v1/reports/tickets", **params) == (422, "invalid")


def test_csv_is_what_the_api_says(ada: Visitor) -> None:
    answer = ada.get("/reports/export/services.csv", **MONTH)
    assert answer.headers["content-disposition"].endswith(f'"main-street-services-{MONTH["from"]}-{MONTH["to"]}.csv"')
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    told = report(ada, "services")["services"]
    assert [(row["service"], row["issued"]) for row in rows] == [
        ({"cash": "Cash", "cards": "Cards", "enquiries": "Enquiries"}[row["service"]], str(row["issued"])) for row in told
    ]


def test_csv_of_tickets_has_a_line_each_and_nobodys_name(ada: Visitor) -> None:
    text = ada.get("/reports/export/tickets.csv", **MONTH).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == report(ada, "summary")["summary"]["issued"]
    assert tuple(rows[0]) == FIELDS
    assert rows[0]["joined_at"].endswith("+02:00")
    assert "Jean" not in text
    assert "+250788123456" not in text


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_workbook_opens_with_its_figures_and_charts(ada: Visitor, language: str) -> None:
    answer = ada.get("/reports/export/report.xlsx", lang=language, compare="before", **MONTH)
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert len(book.sheetnames) == 8
    days = book.worksheets[1]
    assert [row[1] for row in days.iter_rows(min_row=2, values_only=True) if row[1] is not None] == [
        row["issued"] for row in report(ada, "by-day")["days"]
    ]
    charts: list[Any] = list(book.worksheets[1:])
    assert all(len(sheet._charts) == 1 for sheet in charts)
    assert bool(days.sheet_view.rightToLeft) == (language == "ar")


@pytest.mark.parametrize(("language", "word"), [("en", "Main Street"), ("fr", "Rue Principale"), ("ar", "2026")])
def test_a_pdf_opens_with_branch_and_period(ada: Visitor, language: str, word: str) -> None:
    answer = ada.get("/reports/export/report.pdf", lang=language, **MONTH)
    assert answer.headers["content-type"] == "application/pdf"
    pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    text = pages[0].extract_text()
    assert word in text
    fonts = {str(font.get_object()["/BaseFont"]) for font in pages[0]["/Resources"]["/Font"].values()}  # type: ignore[index]
    assert all("Foleni" in font for font in fonts), fonts


def test_every_export_is_in_the_audit_log(branch: WebBranch, ada: Visitor) -> None:
    ada.get("/reports/export/channels.csv", **MONTH)
    with sqlite3.connect(branch.data / "web.db") as store:
        lines = store.execute(
            "SELECT who, subject FROM audit WHERE action = 'export_report' ORDER BY n DESC LIMIT 1"
        ).fetchall()
    assert lines == [("ada", f"main-street-channels-{MONTH['from']}-{MONTH['to']}.csv")]


def test_there_is_no_other_export(ada: Visitor) -> None:
    for name in ("report.exe", "summary.csv", "..%2Freports.db", "heatmap.csv"):
        assert refused(ada, f"/reports/export/{name}") == (404, "not_found"), name
