"""A customer's ticket page over HTTP: whoever holds the token may see, give up and rate this ticket, and nothing else."""

from collections.abc import Iterator

import pytest
import requests

from tests.support.client import Json
from tests.support.waiting import PATIENCE_S, until
from tests.support.web import POLITE_S, SETUP, WebBranch
from tests.support.web_hall import Hall, events_of, hall_of

FARTHEST_WEST = SETUP.replace("Africa/Kigali", "Etc/GMT+12")
"""Where a day begins last: nearly everywhere else it is later."""
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with WebBranch(tmp_path_factory.mktemp("tickets"), FARTHEST_WEST) as branch, hall_of(branch) as hall:
        yield hall


def post(hall: Hall, ticket: Json, act: str, body: str = "", *, origin: str | None = None, **headers: str) -> requests.Response:
    sent = {"Origin": origin or hall.branch.url, "Content-Type": FORM, **headers}
    url = f"{hall.branch.url}/t/{ticket['token']}/{act}"
    return requests.post(url, body.encode(), headers=sent, timeout=PATIENCE_S, allow_redirects=False)


def picture(hall: Hall, ticket: Json, language: str = "en") -> Json:
    answer = requests.get(f"{hall.branch.url}/t/{ticket['token']}/picture?lang={language}", timeout=PATIENCE_S)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


def test_a_waiting_ticket_shows_number_people_ahead_and_wait(hall: Hall) -> None:
    hall.join("enquiries")
    ticket = hall.join("enquiries")
    page = requests.get(hall.page_of(ticket), timeout=PATIENCE_S)
    assert page.status_code == 200
    assert f"<bdi>{ticket['number']}</bdi>" in page.text
    assert "person ahead" in page.text
    assert "at most" in page.text
    assert page.headers["referrer-policy"] == "same-origin"


def test_the_ticket_speaks_the_language_it_was_taken_in_and_any_other_that_is_chosen(hall: Hall) -> None:
    ticket = hall.join(language="fr")
    assert '<html lang="fr"' in requests.get(hall.page_of(ticket), timeout=PATIENCE_S).text
    assert '<html lang="hi" dir="ltr"' in requests.get(hall.page_of(ticket, lang="hi"), timeout=PATIENCE_S).text
    assert '<html lang="ar" dir="rtl"' in requests.get(hall.page_of(ticket, lang="ar"), timeout=PATIENCE_S).text


def test_its_stream_tells_of_the_call_and_of_the_end(hall: Hall) -> None:
    ticket = hall.join("cards")
    with requests.get(f"{hall.branch.url}/t/{ticket['token']}/stream", stream=True, timeout=PATIENCE_S) as answer:
        told = (told for name, told in events_of(answer) if name == "ticket")
        assert next(told)["tone"] == "calm"
        hall.call("c3", ticket)
        called = next(each for each in told if each["tone"] == "called")
        assert called["tone"] == "called"
        assert called["call"]
        assert called["sentence"] == "Please go to counter 3 now."
        hall.ask("complete", counter="c3")
        assert any(each["sentence"] == "Thank you for your visit." for each in told)


def test_what_is_no_news_for_a_ticket_is_not_sent_to_its_page(hall: Hall) -> None:
    ticket = hall.join("enquiries")
    with requests.get(f"{hall.branch.url}/t/{ticket['token']}/stream", stream=True, timeout=PATIENCE_S) as answer:
        told = (told for name, told in events_of(answer) if name == "ticket")
        newest = next(told)
        hall.join("cards")
        hall.join("enquiries")
        post(hall, ticket, "cancel")
        while newest["sentence"] != "This place was given up.":
            before, newest = newest, next(told)
            assert newest != before


def test_a_place_is_given_up_once_however_often_it_is_asked(hall: Hall) -> None:
    ticket = hall.join()
    first = post(hall, ticket, "cancel", Accept="application/json")
    assert (first.status_code, first.json()) == (200, {"ok": True})
    again = post(hall, ticket, "cancel", Accept="application/json")
    assert again.status_code == 409
    assert again.json()["error"]["message"] == "This ticket is no longer waiting, so it cannot be given up."
    assert "given up" in picture(hall, ticket)["face"]


def test_without_a_script_a_form_leads_back_to_the_page(hall: Hall) -> None:
    ticket = hall.join()
    assert 'id="sure" method="post"' in requests.get(hall.page_of(ticket, ask="cancel"), timeout=PATIENCE_S).text
    answer = post(hall, ticket, "cancel")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/t/{ticket['token']}"
    refused = post(hall, ticket, "cancel?lang=fr")
    assert refused.status_code == 409
    assert "on ne peut plus y renoncer" in refused.text


def test_stars_and_words_are_kept_and_can_be_changed(hall: Hall) -> None:
    ticket = hall.served()
    assert post(hall, ticket, "rate", "stars=2&text=Slow").status_code == 303
    assert post(hall, ticket, "rate", "stars=5&text=Kind+%3Cpeople%3E").status_code == 303
    acts = picture(hall, ticket)["acts"]
    assert 'value="5" checked' in acts
    assert "Kind &lt;people&gt;" in acts


@pytest.mark.parametrize("body", ["", "stars=6", "stars=0", "stars=five", "text=hello", "stars=%F0", "stars=" + "1" * 100])
def test_a_rating_without_one_to_five_stars_is_refused_in_words(hall: Hall, body: str) -> None:
    answer = post(hall, hall.served(), "rate", body, Accept="application/json")
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "invalid"


def test_too_many_words_are_refused_and_not_cut(hall: Hall) -> None:
    ticket = hall.served()
    answer = post(hall, ticket, "rate", "stars=4&text=" + "x" * 501, Accept="application/json")
    assert (answer.status_code, answer.json()["error"]["message"]) == (422, "Please write at most 500 letters.")
    assert post(hall, ticket, "rate", "stars=4&text=" + "x" * 9000).status_code == 413


def test_a_ticket_that_was_not_served_cannot_be_rated(hall: Hall) -> None:
    answer = post(hall, hall.join(), "rate", "stars=4", Accept="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "wrong_state")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_a_form_of_another_site_does_nothing(hall: Hall, origin: str) -> None:
    ticket = hall.join()
    assert post(hall, ticket, "cancel", origin=origin).status_code == 403
    assert picture(hall, ticket)["tone"] == "calm"


def test_one_ticket_cannot_ask_without_end(hall: Hall) -> None:
    ticket, answers = hall.join(), list[requests.Response]()

    def is_held() -> bool:
        answers.append(post(hall, ticket, "rate", "stars=9"))
        return answers[-1].status_code == 429

    until(is_held)
    assert answers[-1].headers["retry-after"]
    assert [answer.status_code for answer in answers[:10]] == [422] * 10


def test_a_link_that_leads_nowhere_is_a_calm_page(hall: Hall) -> None:
    page = requests.get(f"{hall.branch.url}/t/AAAAAAAAAAAAAAAAAAAA", timeout=PATIENCE_S)
    assert page.status_code == 404
    assert "We do not know this ticket." in page.text
    stream = requests.get(f"{hall.branch.url}/t/AAAAAAAAAAAAAAAAAAAA/stream", timeout=PATIENCE_S)
    assert (stream.status_code, stream.json()["error"]["code"]) == (404, "unknown_ticket")


def test_reasons_and_ends_are_said_to_the_customer(hall: Hall) -> None:
    ticket = hall.join("cards")
    hall.call("c3", ticket)
    hall.ask("park", counter="c3", reason="copy of the ID")
    until(lambda: picture(hall, ticket)["sentence"] == "On hold: copy of the ID", every_s=POLITE_S)
    hall.ask("unpark", counter="c3", ticket=ticket["ticket"])
    hall.ask("no_show", counter="c3")
    until(lambda: picture(hall, ticket)["sentence"] == "We called this number and nobody came.", every_s=POLITE_S)


def test_a_service_that_rests_keeps_the_places(hall: Hall) -> None:
    ticket = hall.join("cards")
    hall.ask("pause_service", service="cards")
    until(lambda: "Cards rests for a while. Your place is kept." in picture(hall, ticket)["face"], every_s=POLITE_S)
    hall.ask("open_service", service="cards")
    until(lambda: "rests" not in picture(hall, ticket)["face"], every_s=POLITE_S)


def test_a_ticket_of_another_day_is_known_and_said_to_be_over(hall: Hall) -> None:
    ticket = hall.join()
    with requests.get(f"{hall.branch.url}/t/{ticket['token']}/stream", stream=True, timeout=PATIENCE_S) as answer:
        told = (told for name, told in events_of(answer) if name == "ticket")
        assert next(told)["tone"] == "calm"
        east = {
            "id": "main-street",
            "name": {"en": "Main Street"},
            "time_zone": "Pacific/Kiritimati",
            "languages": ["en", "fr"],
        }
        hall.ask("save_branch", branch=east)
        assert any(each.get("gone") for each in told), "an open page hears that the day has turned"
    page = requests.get(hall.page_of(ticket, lang="fr"), timeout=PATIENCE_S)
    assert page.status_code == 410
    assert "Ce ticket est d" in page.text
    assert f"<bdi>{ticket['number']}</bdi>" in page.text
    assert post(hall, ticket, "cancel").status_code == 404
