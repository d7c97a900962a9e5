"""What stands on a ticket."""

import pytest

from foleni.paper.layout import Cut, Layout, Line, Logo, Number, Part, Qr, Rule, Size, Space, Weight, lay_out
from foleni.words.checking import untranslated, unused
from tests.support.tickets import LANGUAGES, WIDTHS, template, ticket


def _words(layout: Layout) -> list[str]:
    return [part.text for part in layout.parts if isinstance(part, Line)]


def _order(layout: Layout) -> list[type[Part]]:
    return [type(part) for part in layout.parts if not isinstance(part, Space)]


def test_the_order_is_that_of_the_drawing() -> None:
    layout = lay_out(ticket(), template(footer="Thank you", note="Room 4"))
    assert _order(layout) == [Line, Line, Rule, Line, Number, Line, Line, Qr, Line, Rule, Line, Line, Line, Cut]
    assert _words(layout) == [
        *("Demo Bank", "Main Street", "Cash", "12 people ahead", "about 18 min, at most 30"),
        *("Follow your place on your phone", "20 Nov 2026 · 10:42 · kiosk 1", "Room 4", "Thank you"),
    ]


def test_one_number_stands_above_all() -> None:
    layout = lay_out(ticket(number="AXX9999"), template())
    assert [part.text for part in layout.parts if isinstance(part, Number)] == ["AXX9999"]
    assert layout.parts[-1] == Cut()


def test_a_logo_comes_first() -> None:
    logo = Logo(8, 1, b"\xff")
    assert lay_out(ticket(), template(), logo).parts[0] == logo


@pytest.mark.parametrize("width", WIDTHS)
def test_the_template_gives_the_width(width: int) -> None:
    assert lay_out(ticket(), template(width)).width == width


def test_an_offline_ticket_promises_no_wait_and_says_that_it_counts() -> None:
    layout = lay_out(ticket(number="AX01", ahead=None, wait_p50_s=None, wait_p90_s=None, url=None), template())
    assert "You are in the queue. We will call this number." in _words(layout)
    assert not any("ahead" in text or "min" in text for text in _words(layout))
    assert Qr not in _order(layout)


def test_without_a_link_there_are_no_words_about_a_phone() -> None:
    assert not any("phone" in text for text in _words(lay_out(ticket(url=None), template())))


def test_where_only_the_wait_is_unknown_the_people_ahead_are_told() -> None:
    assert "12 people ahead" in _words(lay_out(ticket(wait_p50_s=None, wait_p90_s=None), template()))


@pytest.mark.parametrize(("ahead", "words"), [(0, "Nobody ahead of you"), (1, "1 person ahead"), (2, "2 people ahead")])
def test_people_ahead_are_counted_in_words(ahead: int, words: str) -> None:
    assert words in _words(lay_out(ticket(ahead=ahead), template()))


def test_a_copy_says_that_it_is_one() -> None:
    assert Line("Copy", weight=Weight.BOLD) in lay_out(ticket(copy=True), template()).parts
    assert "Copy" not in _words(lay_out(ticket(), template()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_words_of_its_own(language: str) -> None:
    layout = lay_out(ticket(language, copy=True), template())
    english = _words(lay_out(ticket("en", copy=True), template()))
    shared = {"Demo Bank"} if language != "en" else set(english)
    assert set(_words(layout)) & set(english) <= shared
    assert layout.right_to_left is (language == "ar")


def test_the_branch_may_have_words_of_its_own() -> None:
    texts = {"welcome": {"en": "Ground floor", "fr": "Rez-de-chaussée"}, "follow": {"fr": "Scannez-moi"}}
    french = _words(lay_out(ticket("fr"), template(texts=texts, footer={"en": "Thank you", "fr": "Merci"})))
    assert {"Rez-de-chaussée", "Scannez-moi", "Merci"} <= set(french)
    assert "Follow your place on your phone" in _words(lay_out(ticket("en"), template(texts={"follow": {}})))


def test_the_ticket_s_own_footer_goes_before_the_template_s() -> None:
    words = _words(lay_out(ticket(footer="See you\nsoon"), template(footer="Thank you")))
    assert words[-2:] == ["See you", "soon"]
    assert "Thank you" not in words


def test_the_time_is_the_branch_s_own() -> None:
    assert "20 Nov 2026 · 10:42 · kiosk 1" in _words(lay_out(ticket(), template()))


def test_number_and_names_are_large_and_the_rest_is_not() -> None:
    large = [part.text for part in lay_out(ticket(), template()).parts if isinstance(part, Line) and part.size is Size.LARGE]
    assert large == ["Demo Bank", "Cash", "12 people ahead"]


@pytest.mark.parametrize("language", ["fr", "rw", "ar", "hi"])
def test_everything_that_a_ticket_says_is_translated_and_nothing_else(language: str) -> None:
    assert untranslated("foleni.paper", language) == []
    assert unused("foleni.paper", language) == []


def test_a_trial_promises_no_place_in_the_queue() -> None:
    layout = lay_out(ticket(number="TEST", ahead=None, wait_p50_s=None, wait_p90_s=None, url=None, trial=True), template())
    assert "You are in the queue. We will call this number." not in _words(layout)
