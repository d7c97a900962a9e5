"""What the display says: in the branch's languages, in its time zone, and whether the picture is true."""

import pytest

from display.picture import Light, Photo, Poster, Tone
from display.presenter import LANGUAGE_S, PANEL_S
from foleni.messages.state import DeviceConfig
from foleni.station.station import Reach
from foleni.words.checking import untranslated, unused
from tests.unit.display.branch import START, Screen, call, config, service, services


@pytest.mark.parametrize("language", ["fr", "rw", "ar", "hi"])
def test_everything_that_is_said_is_translated(language: str) -> None:
    assert untranslated("display", language) == []
    assert unused("display", language) == []


def test_the_header_names_the_branch_and_tells_its_time() -> None:
    header = Screen().picture.header
    assert (header.title, header.clock) == ("Demo Bank · Main Street", "10:42")
    assert (header.light, header.state) == (Light.LIVE, "Now serving")


def test_the_screen_speaks_one_language_after_the_other_the_first_one_first() -> None:
    screen = Screen("fr", "en")
    heard = [screen.picture.headings.counter, *(screen.waits(LANGUAGE_S).headings.counter for _ in range(3))]
    assert heard == ["Guichet", "Counter", "Guichet", "Counter"]


def test_a_change_of_languages_starts_with_the_first_one() -> None:
    screen = Screen("en")
    screen.waits(LANGUAGE_S * 3.5)
    screen.presenter.hear_config(config("rw", "en"), screen.now)
    assert screen.picture.headings.ticket == "Itike"


def test_the_screen_is_mirrored_for_its_leading_language_only() -> None:
    arabic, english = Screen("ar", "en"), Screen("en", "ar")
    assert [arabic.picture.is_mirrored, arabic.waits(LANGUAGE_S).is_mirrored] == [True, True]
    assert [english.picture.is_mirrored, english.waits(LANGUAGE_S).is_mirrored] == [False, False]


def test_it_says_since_when_it_is_not_live_and_how_old_the_picture_is() -> None:
    screen = Screen()
    screen.hears(call(1))
    screen.loses(Reach.NO_SERVER)
    states = [screen.waits(seconds).header.state for seconds in (5, 300, 3600, 7200)]
    assert states == [
        "Not live since 10:42 · picture less than 1 min old",
        "Not live since 10:42 · picture 5 min old",
        "Not live since 10:42 · picture more than 1 hour old",
        "Not live since 10:42 · picture more than 3 hours old",
    ]
    picture = screen.picture
    assert picture.is_dimmed
    assert picture.header.light is Light.NOT_LIVE
    assert picture.footer.startswith("Newer calls are missing here.")
    assert [row.number for row in picture.rows] == ["A001"]


def test_the_first_loss_counts_while_it_comes_and_goes_without_being_live() -> None:
    screen = Screen()
    screen.loses(Reach.NO_SERVER)
    screen.waits(300)
    screen.loses(Reach.NO_LINK)
    screen.loses(Reach.LIVE)
    assert screen.picture.header.state == "Not live since 10:42 · picture 5 min old"


def test_what_the_broker_kept_is_not_live_while_the_server_is_away() -> None:
    screen = Screen(told=False)
    screen.presenter.hear_config(config(), START)
    screen.loses(Reach.NO_SERVER)
    screen.hears(call(1))
    screen.presenter.hear_services(services())
    picture = screen.picture
    assert (picture.header.light, picture.header.state) == (Light.NOT_LIVE, "Not live · this picture may be old")
    assert picture.is_dimmed


def test_a_display_that_never_heard_anything_says_so() -> None:
    picture = Screen(told=False).picture
    assert picture.header.state == "Not live"
    assert picture.header.clock == ""
    assert picture.empty is not None
    assert picture.empty.headline == "Waiting for the branch"
    assert not picture.is_dimmed


def test_it_is_live_again_only_with_a_board_and_services_of_now() -> None:
    screen = Screen()
    screen.loses()
    lights = [screen.picture.header.light]
    screen.loses(Reach.LIVE)
    lights.append(screen.picture.header.light)
    screen.hears()
    lights.append(screen.picture.header.light)
    screen.presenter.hear_services(services())
    lights.append(screen.picture.header.light)
    assert lights == [Light.NOT_LIVE, Light.NOT_LIVE, Light.NOT_LIVE, Light.LIVE]
    assert not screen.picture.is_dimmed


def test_the_table_tells_who_is_next_how_many_wait_and_how_long() -> None:
    (line,) = Screen().picture.services
    assert (line.name, line.next_numbers, line.people, line.about) == ("Cash", ("A100", "A101"), "12", "18 min")


def test_a_paused_service_says_when_it_opens_again() -> None:
    screen = Screen()
    paused = (
        service("loans", "paused", reopens_at="2026-11-20T12:00:00Z"),
        service("cards", "paused", reopens_at="2026-11-20T12:00:00Z"),
    )
    screen.presenter.hear_services(services(*paused, service("cash")))
    picture = screen.picture
    assert picture.footer == "Loans, Cards: paused, open again at 14:00."
    assert [(line.about, line.tone) for line in picture.services][::2] == [("Paused", Tone.TROUBLE), ("18 min", Tone.PLAIN)]


@pytest.mark.parametrize(
    ("state", "reopens_at", "sentence"),
    [
        ("paused", None, "Cash: paused."),
        ("paused", "soon", "Cash: paused."),
        ("paused", "2026-11-20T08:00:00Z", "Cash: paused."),
        ("paused", "2026-11-21T08:00:00Z", "Cash: paused, open again at 21 Nov 2026 · 10:00."),
        ("closed", "2026-11-20T12:00:00Z", "Cash: closed, open again at 14:00."),
        ("closed", None, ""),
        ("open", None, ""),
        ("some state of a later version", None, ""),
    ],
)
def test_a_service_that_is_not_served_has_a_sentence(state: str, reopens_at: str | None, sentence: str) -> None:
    screen = Screen()
    screen.presenter.hear_services(services(service("cash", state, reopens_at=reopens_at)))
    assert screen.picture.footer == sentence


def test_each_sentence_at_the_bottom_is_said_in_each_language_before_the_next_one() -> None:
    screen = Screen("en", "fr")
    screen.presenter.hear_sound(works=False)
    screen.presenter.hear_services(services(service("loans", "paused")))
    said = [screen.picture.footer, *(screen.waits(LANGUAGE_S).footer for _ in range(4))]
    assert said[:2] == ["Loans: paused.", "Le loans : en pause."]
    assert said[2:4] == [
        "There is no sound just now. Please watch this screen.",
        "Il n\u2019y a pas de son pour le moment. Veuillez regarder cet écran.",
    ]
    assert said[4] == said[0]


def test_the_notice_stands_on_the_panel_in_the_language_of_the_moment() -> None:
    screen = Screen("en", "fr")
    screen.hears(notice={"en": "Send money home until Friday. Ask at Enquiries.", "fr": "Bonjour"})
    assert screen.picture.panel == Poster("Send money home until Friday", "Ask at Enquiries.")
    assert screen.waits(LANGUAGE_S).panel == Poster("Bonjour")


def test_without_a_notice_the_panel_greets() -> None:
    assert Screen().picture.panel == Poster("Welcome", "Demo Bank · Main Street", is_notice=False)


def test_photos_take_turns_with_the_notice_which_then_stands_at_the_bottom_too() -> None:
    screen = Screen()
    screen.hears(notice={"en": "Hello"})
    screen.presenter.hear_photos(["a.png", "b.png"])
    seen = {screen.waits(PANEL_S).panel for _ in range(3)}
    assert seen == {Poster("Hello"), Photo("a.png"), Photo("b.png")}
    assert screen.picture.footer == "Hello"


@pytest.mark.parametrize(
    "branch",
    [
        {},
        {"name": 7, "organization": [], "time_zone": "Nowhere/Land", "languages": "en"},
        {"name": {"en": None}, "time_zone": "../../etc/passwd", "languages": [None, "../x", "", "en", "en"]},
        {"name": "Plain", "languages": []},
    ],
)
def test_a_configuration_that_makes_no_sense_stops_nothing(branch: dict[str, object]) -> None:
    screen = Screen()
    screen.presenter.hear_config(DeviceConfig(device="tv-1", kind="display", branch=branch), screen.now)
    picture = screen.picture
    assert picture.headings.ticket == "Ticket"
    assert picture.header.clock == ""
