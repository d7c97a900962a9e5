"""A visit from touch to ticket, as the visitor sees it."""

import pytest

from foleni.messages.replies import Code
from foleni.station.station import Reach
from kiosk.pages import (
    Asking,
    Attract,
    ChooseService,
    EnterPhone,
    Key,
    OutOfOrder,
    Paper,
    Refused,
    ShowTicket,
)  # fmt: skip
from kiosk.presenter.manners import Manners
from kiosk.presenter.news import NO_SERIES, AskFor, Denied, Given, PaperNews, Resuming, Stock
from tests.unit.kiosk.hall import Visitor, config, entry, services, summary


def test_a_touch_and_a_service_are_enough_for_a_ticket() -> None:
    visitor = Visitor()
    assert visitor.body == Attract(
        ("Take a number here", "Prenez un numéro ici", "Fata nimero hano"), "Touch the screen to begin"
    )  # fmt: skip
    visitor.choose()
    assert visitor.wishes == [AskFor(1, "cash", "normal", "en", None)]
    visitor.sees(Asking)
    visitor.hear(Given(1, entry(), Paper.PRINTING))
    shown = visitor.sees(ShowTicket)
    assert (shown.number, shown.caption, shown.paper) == ("A042", "Your number · Cash", Paper.PRINTING)
    assert shown.facts == (("12", "people ahead"), ("18 min", "at most 30 min"))
    assert shown.qr == "https://queue.example/t/abc"


def test_a_printed_ticket_is_shown_for_eight_whole_seconds() -> None:
    visitor = Visitor().hold(paper=Paper.PRINTING).wait(3)
    visitor.hear(PaperNews("0190", Paper.PRINTED))
    seen = []
    while isinstance(body := visitor.body, ShowTicket):
        seen.append((body.left_s, body.of_s))
        visitor.wait(1)
    assert seen == [(left, 8) for left in range(8, 0, -1)]
    visitor.sees(Attract)


@pytest.mark.parametrize("paper", [Paper.FAILED, Paper.UNSURE])
def test_a_number_without_sure_paper_stays_for_thirty_seconds_and_can_be_taken_along(paper: Paper) -> None:
    visitor = Visitor().hold(paper=Paper.PRINTING, url=None).hear(PaperNews("0190", paper)).wait(29)
    body = visitor.sees(ShowTicket)
    assert body.advice
    assert body.qr.startswith("A042\nCash\nDemo Bank\n")
    visitor.wait(1).sees(Attract)


def test_news_of_another_tickets_paper_change_nothing() -> None:
    visitor = Visitor().hold(paper=Paper.PRINTING)
    before = visitor.body
    assert visitor.hear(PaperNews("another", Paper.FAILED)).body == before


def test_a_double_tap_makes_one_ticket() -> None:
    visitor = Visitor().choose()
    for _ in range(3):
        visitor.hit(Key.SERVICE, "cash").tap(Key.SERVICE, "loans")
    assert len(visitor.wishes) == 1
    visitor.hear(Given(1, entry(), Paper.PRINTED)).hit(Key.SERVICE, "cash").hit(Key.DONE)
    visitor.sees(ShowTicket)  # the second half of a double tap must not send the number away


def test_a_tap_on_a_page_that_is_gone_is_ignored() -> None:
    visitor = Visitor()
    old = visitor.page.turn
    visitor.tap(Key.BEGIN).wait(1)
    visitor.hit(Key.SERVICE, "cash", turn=old)
    assert not visitor.wishes
    visitor.hit(Key.SERVICE, "cash", turn=visitor.page.turn)
    assert len(visitor.wishes) == 1


def test_the_second_half_of_a_double_tap_on_the_start_chooses_nothing() -> None:
    visitor = Visitor().tap(Key.BEGIN)
    assert not visitor.wait(0.2).hit(Key.SERVICE, "cash").wishes


def test_half_a_minute_without_a_touch_ends_a_visit() -> None:
    visitor = Visitor().tap(Key.BEGIN).wait(20).hit(Key.PRIORITY, "priority").wait(29)
    visitor.sees(ChooseService)
    visitor.wait(1.1).sees(Attract)


def test_what_a_visitor_chose_for_himself_is_gone_with_him() -> None:
    visitor = Visitor().tap(Key.LANGUAGE, "fr").tap(Key.ACCESS, "large").tap(Key.ACCESS, "contrast").tap(Key.ACCESS, "contrast")
    frame = visitor.page.frame
    assert (frame.language, frame.access.large, frame.access.contrast) == ("fr", True, False)
    assert [chip.code for chip in frame.chips if chip.chosen] == ["fr"]
    visitor.sees(ChooseService)  # a language chosen at the start begins the visit
    frame = visitor.wait(31).page.frame
    assert (frame.language, frame.access.large) == ("en", False)


def test_a_language_chosen_while_the_kiosk_is_out_of_order_is_gone_after_half_a_minute_too() -> None:
    visitor = Visitor().hear(Stock(broken=True)).tap(Key.LANGUAGE, "fr")
    assert visitor.page.frame.language == "fr"
    assert visitor.wait(31).page.frame.language == "en"


def test_the_priority_key_can_be_set_and_taken_back() -> None:
    visitor = Visitor().tap(Key.BEGIN)
    body = visitor.sees(ChooseService)
    assert [key.name for key in body.priorities] == ["Elderly, pregnant, disabled"], "nobody claims to be a VIP"
    visitor.tap(Key.PRIORITY, "priority").tap(Key.PRIORITY, "priority").tap(Key.PRIORITY, "vip").tap(Key.PRIORITY, "priority")
    visitor.tap(Key.SERVICE, "cash")
    assert visitor.asked().priority == "priority"


def test_cards_tell_how_many_wait_and_how_long() -> None:
    visitor = Visitor().tap(Key.BEGIN)
    visitor.hear(services(summary("cash", waiting=12, wait_p50_s=1080, wait_p90_s=1800), summary("loans")))
    body = visitor.sees(ChooseService)
    assert [card.line for card in body.cards] == ["12 waiting · about 18 min, at most 30", "Nobody waiting · your turn at once"]


def test_a_paused_service_says_why_and_until_when_and_cannot_be_chosen() -> None:
    paused = summary("cash", state="paused", reopens_at="2026-11-20T12:00:00Z", reason="Staff meeting")
    closed = summary("loans", state="closed", reopens_at="2026-11-21T06:30:00Z")
    visitor = Visitor().hear(services(paused, closed)).choose()
    body = visitor.sees(ChooseService)
    assert [(card.state, card.line, card.can_be_chosen) for card in body.cards] == [
        ("Paused.", "Staff meeting. Open again at 14:00.", False),
        ("Closed.", "Open again: 21 Nov 2026 · 08:30.", False),
    ]
    assert not visitor.wishes


def test_a_service_that_was_to_open_meanwhile_can_be_chosen_without_the_server() -> None:
    visitor = Visitor().hear(services(summary("cash", state="paused", reopens_at="2026-11-20T09:59:00Z")), Reach.NO_SERVER)
    assert visitor.choose().asked().service == "cash"


def test_a_full_service_says_so_and_cannot_be_chosen_while_the_branch_counts() -> None:
    visitor = Visitor().hear(services(summary("cash", full=True), summary("loans"))).choose()
    body = visitor.sees(ChooseService)
    assert [(card.state, card.can_be_chosen) for card in body.cards] == [("Full.", False), ("", True)]
    assert not visitor.wishes
    assert visitor.hear(Reach.NO_SERVER).choose().asked().service == "cash", "a paper beyond the limit is taken in"


def test_the_last_number_given_to_somebody_else_meanwhile_is_told() -> None:
    body = Visitor().choose().hear(Denied(1, Code.SERVICE_FULL)).sees(Refused)
    assert body.headline == "All numbers of today are given"


def test_who_has_a_number_already_is_told_which() -> None:
    visitor = Visitor().choose().hear(Denied(1, Code.ALREADY_QUEUED, "A007"))
    body = visitor.sees(Refused)
    assert "A007" in body.headline
    visitor.tap(Key.DONE).sees(Attract)


@pytest.mark.parametrize("code", [*Code, NO_SERIES])
@pytest.mark.parametrize("language", ["en", "fr", "rw"])
def test_every_refusal_is_a_sentence_and_ends_by_itself(code: str, language: str) -> None:
    visitor = Visitor().tap(Key.LANGUAGE, language).tap(Key.SERVICE, "cash").hear(Denied(1, code))
    body = visitor.sees(Refused)
    assert body.headline
    assert body.text
    visitor.wait(12).sees(Attract)


def test_a_refusal_for_somebody_who_left_is_not_shown_to_the_next() -> None:
    visitor = Visitor().choose().wait(6)
    visitor.sees(Refused)
    visitor.tap(Key.DONE).choose().hear(Denied(1, Code.SERVICE_CLOSED))
    visitor.sees(Asking)


def test_a_phone_number_may_be_given_and_is_checked() -> None:
    visitor = Visitor(Manners(ask_phone=True)).choose()
    visitor.type("0788123")
    body = visitor.tap(Key.GO).sees(EnterPhone)
    assert body.fault
    assert not body.can_go
    visitor.type("456")
    body = visitor.sees(EnterPhone)
    assert (body.digits, body.fault, body.can_go) == ("0788 123 456", "", True)
    assert visitor.tap(Key.GO).asked().phone == "+250788123456"


def test_a_foreign_phone_number_begins_with_a_plus() -> None:
    visitor = Visitor(Manners(ask_phone=True)).choose().type("+33612345678").tap(Key.GO)
    assert visitor.asked().phone == "+33612345678"


def test_a_phone_number_may_be_skipped_and_gone_back_from() -> None:
    visitor = Visitor(Manners(ask_phone=True)).choose().tap(Key.BACK)
    visitor.sees(ChooseService)
    visitor.tap(Key.SERVICE, "loans").type("07").tap(Key.ERASE).tap(Key.SKIP)
    assert visitor.wishes == [AskFor(1, "loans", "normal", "en", None)]


@pytest.mark.parametrize(
    ("printer", "words"),
    [
        ("paper_out", "no paper"),
        ("cover_open", "open"),
        ("offline", "does not answer"),
        ("error", "fault"),
        ("paper_low", "low"),
    ],
)
def test_printer_trouble_is_told_in_the_band(printer: str, words: str) -> None:
    visitor = Visitor().hear(printer)  # type: ignore[arg-type]
    band = visitor.page.frame.band
    assert band is not None
    assert words in band.text
    assert band.calm is (printer == "paper_low")
    assert visitor.hear("ok").page.frame.band is None


@pytest.mark.parametrize("reach", [Reach.NO_SERVER, Reach.NO_LINK])
def test_a_server_that_is_away_is_told_when_it_stays_away_and_tickets_still_work(reach: Reach) -> None:
    visitor = Visitor().hear(reach)
    assert visitor.page.frame.band is None
    band = visitor.wait(2).page.frame.band
    assert band is not None
    assert "You still get a number" in band.text
    body = visitor.tap(Key.BEGIN).sees(ChooseService)
    assert [(card.line, card.can_be_chosen) for card in body.cards] == [("Open", True), ("Open", True)]
    assert visitor.hear(Reach.LIVE).page.frame.band is None


def test_without_server_and_without_a_letter_of_its_own_a_kiosk_offers_nothing() -> None:
    visitor = Visitor().hear(config(issuer=None), Reach.NO_SERVER).choose().wait(2)
    body, band = visitor.sees(ChooseService), visitor.page.frame.band
    assert not any(card.can_be_chosen for card in body.cards)
    assert band is not None
    assert "ask our staff" in band.text
    assert not visitor.wishes


def test_a_kiosk_that_never_heard_from_its_branch_says_so_and_begins_by_itself() -> None:
    visitor = Visitor(is_open=False).tap(Key.BEGIN)
    visitor.sees(OutOfOrder)
    visitor.hear(config()).sees(Attract)


def test_a_kiosk_that_cannot_store_gives_no_number_and_recovers() -> None:
    visitor = Visitor().tap(Key.BEGIN).hear(Stock(broken=True)).tap(Key.SERVICE, "cash")
    visitor.sees(OutOfOrder)
    assert not visitor.wishes
    visitor.hear(Stock(broken=False)).wait(30).sees(Attract)


def test_a_configuration_that_cannot_be_read_leaves_the_one_before() -> None:
    visitor = Visitor().hear(
        config(branch={"id": "No Such"}), config(services=({"id": "?"}, {"id": "x", "prefix": "A", "name": "X"}))
    )
    body = visitor.tap(Key.BEGIN).sees(ChooseService)
    assert [card.service for card in body.cards] == ["x"]


def test_a_configuration_of_a_newer_server_can_be_read() -> None:
    newer = config().branch | {"a_new_field": 1}
    Visitor(is_open=False).hear(config(branch=newer)).sees(Attract)


def test_a_ticket_from_before_a_crash_is_asked_for_in_front_of_the_customer() -> None:
    visitor = Visitor().hear(Resuming("cash", "fr"))
    visitor.sees(Asking)
    visitor.hear(Given(0, entry(language="fr"), Paper.UNSURE))
    body = visitor.sees(ShowTicket)
    assert (body.number, body.caption) == ("A042", "Votre numéro · Caisse")


def test_a_link_without_an_address_is_no_code_to_scan() -> None:
    branch = config().branch | {"url": None}
    visitor = Visitor().hear(config(branch=branch)).hold()
    body = visitor.sees(ShowTicket)
    assert body.qr == ""


def test_one_person_ahead_is_one_person() -> None:
    body = Visitor().hold(ahead=1, wait_p50_s=0, wait_p90_s=30).sees(ShowTicket)
    assert body.facts == (("1", "person ahead"), ("at once", "your turn"))


def test_a_number_of_the_own_series_has_no_guesses_beside_it() -> None:
    body = Visitor().hold("AX01", ahead=None, wait_p50_s=None, wait_p90_s=None, url=None, own=True).sees(ShowTicket)
    assert (body.facts, body.qr) == ((), "")


def test_the_clock_is_that_of_the_branch() -> None:
    visitor = Visitor()
    assert visitor.page.frame.clock == "12:00"
    assert visitor.wait(60).page.frame.clock == "12:01"
