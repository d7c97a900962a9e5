"""What the branch chooses for a screen, and the sign of one that is looked for."""

from typing import Any

from display.picture import Row
from foleni.messages.state import Board, DeviceConfig
from tests.unit.display.branch import Screen, board, call, config, later
from tests.unit.display.test_show import Bench, live


def with_tv(config: DeviceConfig, **tv: Any) -> DeviceConfig:
    return config.model_copy(update={"tv": tv})


def screen(**tv: Any) -> Screen:
    screen = Screen("en", "fr")
    screen.presenter.hear_config(with_tv(config("en", "fr"), **tv), screen.now)
    return screen


def test_a_screen_may_speak_other_languages_than_its_branch() -> None:
    assert screen(languages=["ar", "fr"]).presenter.place.languages == ("ar", "fr")
    assert screen(languages=[]).presenter.place.languages == ("en", "fr")


def test_who_is_next_is_shown_or_not() -> None:
    shown, hidden = screen().picture, screen(next_numbers=False).picture
    assert (shown.headings.next, shown.services[0].next_numbers) == ("Next", ("A100", "A101"))
    assert (hidden.headings.next, hidden.services[0].next_numbers) == ("", ("",))


def test_only_so_many_calls_before_are_shown_and_never_fewer_of_now() -> None:
    few = screen(recent=1)
    few.hears(call(1), call(2), call(3), recent=(call(7), call(8)))
    assert [row.number for row in few.picture.rows] == ["A001", "A002", "A003"]
    assert few.picture.recent == (Row("A007", "7"),)


def test_the_line_at_the_bottom_stays_beside_what_the_day_brings() -> None:
    footed = screen(footer={"en": "Free water beside counter 3.", "fr": "Eau gratuite."})
    assert footed.picture.footer == "Free water beside counter 3."
    assert footed.waits(10).footer == "Eau gratuite."


def test_settings_that_cannot_be_read_count_as_none_and_new_ones_are_ignored() -> None:
    assert screen(sound="loud").presenter.place.tv.sound == "voice"
    assert screen(sound="chime", colour="red").presenter.place.tv.sound == "chime"


def test_sound_is_voice_or_chime_or_none_and_changes_at_once() -> None:
    bench = live()
    bench.show.hear_config(with_tv(config("en", "fr")))
    assert list(bench.languages) == ["en", "fr"]
    bench.show.hear_config(with_tv(config("en", "fr"), sound="chime"))
    bench.show.hear_news("board", told(1))
    assert (list(bench.languages), bench.spoken) == ([], ["A001"])
    bench.show.hear_config(with_tv(config("en", "fr"), sound="none"))
    bench.show.hear_news("board", told(1, 2))
    assert bench.spoken == ["A001"]
    bench.show.hear_config(with_tv(config("en", "fr"), sound="voice"))
    bench.show.hear_news("board", told(1, 2, 3))
    assert bench.spoken == ["A001", "A003"]


def test_a_screen_that_is_looked_for_shows_its_name_for_a_quarter_of_a_minute() -> None:
    bench = Bench()
    bench.show.hear_config(config().model_copy(update={"name": {"en": "Stairs"}}))
    bench.now = later(1)
    bench.show.identify()
    sign = bench.pictures[-1].sign
    assert sign is not None
    assert (sign.caption, sign.name) == ("This screen · tv-1", "Stairs")
    bench.now = later(16.1)
    bench.show.tick()
    assert bench.pictures[-1].sign is None


def told(*tickets: int) -> Board:
    return board(*(call(at) for at in tickets), seq=max(tickets))
