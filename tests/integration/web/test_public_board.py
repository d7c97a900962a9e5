"""The public board: what everybody in the hall may see, over HTTP."""

from collections.abc import Iterator

import pytest
import requests

from tests.support.client import Json
from tests.support.waiting import PATIENCE_S, until
from tests.support.web import POLITE_S, SETUP, WebBranch
from tests.support.web_hall import Hall, events_of, hall_of

LANGUAGES = SETUP.replace('languages = ["en", "fr", "rw"]', 'languages = ["en", "fr", "rw", "ar", "hi"]')
MOST_BYTES = 60_000
HEADLINE = ["Free transfers until Friday", "Ask at Enquiries."]


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with WebBranch(tmp_path_factory.mktemp("board"), LANGUAGES) as branch, hall_of(branch) as hall:
        yield hall


def picture(hall: Hall) -> Json:
    answer = hall.branch.person().get("/display/picture")
    assert answer.status_code == 200
    told: Json = answer.json()
    return told


def test_the_picture_shows_the_newest_call_first_and_nobodys_name_or_phone(hall: Hall) -> None:
    first = hall.join(phone="+250788123456", name="Grace")
    second = hall.join("enquiries")
    hall.call("c1")
    hall.call("c2")
    until(lambda: [call["number"] for call in picture(hall)["calls"]] == [second["number"], first["number"]], every_s=POLITE_S)
    told = picture(hall)
    assert [call["label"] for call in told["calls"]] == ["2", "1"]
    text = str(told)
    assert "Grace" not in text
    assert "250788" not in text
    assert first["ticket"] not in text, "a ticket's id is nobody else's business"


def test_the_picture_speaks_every_language_of_the_branch(hall: Hall) -> None:
    hall.ask("pause_service", service="cards")
    until(lambda: picture(hall)["services"][2]["state"] == "paused", every_s=POLITE_S)
    words = picture(hall)["words"]
    assert list(words) == ["en", "fr", "rw", "ar", "hi"]
    assert words["fr"]["names"] == ["Caisse", "Renseignements", "Cartes"]
    assert words["fr"]["foot"] == ["Cartes : en pause."]
    assert words["ar"]["about"][2] == "متوقف"
    hall.ask("open_service", service="cards")


def test_a_notice_is_a_headline_and_what_follows(hall: Hall) -> None:
    hall.ask("announce", text={"en": "Free transfers until Friday. Ask at Enquiries."})
    until(lambda: picture(hall)["words"]["en"]["notice"] == HEADLINE, every_s=POLITE_S)
    hall.ask("announce", text={})
    until(lambda: picture(hall)["words"]["en"]["notice"] == ["", ""], every_s=POLITE_S)


def test_twenty_displays_hear_of_a_call_over_their_streams(hall: Hall) -> None:
    answers = [requests.get(f"{hall.branch.url}/display/stream", stream=True, timeout=PATIENCE_S) for _ in range(20)]
    streams = [events_of(answer) for answer in answers]
    hall.join("cards")
    number = hall.call("c3")["number"]
    for stream in streams:
        assert any(name == "board" and told["calls"][0]["number"] == number for name, told in stream)
    for answer in answers:
        answer.close()


def test_a_stream_tells_the_time_because_televisions_do_not_know_it(hall: Hall) -> None:
    with requests.get(f"{hall.branch.url}/display/stream", stream=True, timeout=PATIENCE_S) as answer:
        assert next(told["now"] for name, told in events_of(answer) if name == "time") > 1_700_000_000_000


def test_the_page_with_all_that_it_loads_is_small(hall: Hall) -> None:
    visitor = hall.branch.person()
    page = visitor.get("/display")
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    files = [part.split('"')[0] for part in page.text.split('="/static/')[1:]]
    assert len(files) >= 4
    total = len(page.content) + sum(len(visitor.get(f"/static/{file}").content) for file in files)
    assert total < MOST_BYTES


def test_without_a_script_the_page_still_lists_the_calls(hall: Hall) -> None:
    hall.join()
    number = hall.call("c1")["number"]
    visitor = hall.branch.person()
    until(lambda: f"<bdi>{number}</bdi> → <bdi>1</bdi>" in visitor.get("/display").text, every_s=POLITE_S)
    page = visitor.get("/display").text
    assert '<noscript><meta http-equiv="refresh"' in page


@pytest.mark.parametrize(("query", "language"), [("ar", "ar"), ("xx", "en"), ("fr,rw", "fr"), ("%3Cb%3E", "en"), ("", "en")])
def test_a_language_can_be_asked_for_and_nonsense_is_left_out(hall: Hall, query: str, language: str) -> None:
    page = hall.branch.person().get(f"/display?lang={query}&counter=%22%3E%3Cscript%3E")
    assert page.status_code == 200
    assert f'<html lang="{language}"' in page.text
    assert '"><script>' not in page.text
