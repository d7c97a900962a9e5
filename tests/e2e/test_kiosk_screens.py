"""The kiosk's screens in a real window, touched by a real pointer."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import psutil
import pytest
from PIL import Image, ImageChops

from tests.support.kiosk_screen import KioskScreen
from tests.support.waiting import until

SIZE = (1080, 1920)
MOST_GROWTH_MIB = 12
MEANT_S = 0.1
"""Sooner after the last touch, one on the same key is taken for that touch still."""
PAGES = ("attract", "services-4", "phone", "asking", "ticket", "refused", "services-12", "ticket-failed", "out-of-order")


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KioskScreen]:
    kiosk = KioskScreen(tmp_path_factory.mktemp("kiosk"), SIZE).start()
    yield kiosk
    log = kiosk.stop()
    assert not log, log


@pytest.fixture
def kiosk(started: KioskScreen) -> KioskScreen:
    """The window, as nobody has touched it yet."""
    started.show("asking")
    started.taps.clear()
    return started


def differ(one: Image.Image, other: Image.Image) -> bool:
    return ImageChops.difference(one, other).getbbox() is not None


def test_each_key_sends_its_tap_once_with_the_turn_of_its_page(kiosk: KioskScreen) -> None:
    turn = kiosk.show("services-4")
    wanted = [("service", "s0"), ("service", "s3"), ("priority", "class-0"), ("language", "fr"), ("back", "")]
    for key, value in wanted:
        count = len(kiosk.taps)
        kiosk.tap(key, value)
        kiosk.wait_for_taps(count + 1)
    assert [(tap["key"], tap["value"], tap["turn"]) for tap in kiosk.taps] == [(key, value, turn) for key, value in wanted]


def test_the_keypad_types_every_digit(kiosk: KioskScreen) -> None:
    kiosk.show("phone")
    for count, (key, value) in enumerate(
        [*(("digit", each) for each in "+0788123456"), ("erase", ""), ("skip", ""), ("go", "")]
    ):
        kiosk.tap(key, value)
        taps = kiosk.wait_for_taps(count + 1)
        Event().wait(MEANT_S)
    assert "".join(tap["value"] for tap in taps) == "+0788123456"
    assert [tap["key"] for tap in taps[-3:]] == ["erase", "skip", "go"]


def test_what_cannot_be_chosen_sends_nothing(kiosk: KioskScreen, tmp_path: Path) -> None:
    kiosk.show("services-4")
    above, below = kiosk.middle_of("service", "s1"), kiosk.middle_of("service", "s3")
    kiosk.screen.touch(above[0], (above[1] + below[1]) // 2)
    kiosk.tap("service", "s3")
    assert [tap["value"] for tap in kiosk.wait_for_taps(1)] == ["s3"]


def test_a_key_looks_pressed_at_once_and_lets_go_when_the_finger_slides_off(kiosk: KioskScreen, tmp_path: Path) -> None:
    kiosk.show("services-4")
    before = kiosk.screen.still(tmp_path / "before.png")
    kiosk.screen.press(*kiosk.middle_of("service", "s0"))
    until(lambda: differ(before, kiosk.screen.picture(tmp_path / "pressed.png")))
    kiosk.screen.slide(540, 240)
    kiosk.screen.lift()
    until(lambda: not differ(before, kiosk.screen.picture(tmp_path / "after.png")))
    kiosk.tap("service", "s1")
    assert [tap["value"] for tap in kiosk.wait_for_taps(1)] == ["s1"]


def test_a_touch_anywhere_begins_and_the_languages_can_still_be_chosen(kiosk: KioskScreen) -> None:
    kiosk.show("attract")
    kiosk.screen.touch(500, 900)
    kiosk.wait_for_taps(1)
    kiosk.screen.touch(1000, 60)
    kiosk.wait_for_taps(2)
    kiosk.tap("language", "rw")
    assert [tap["key"] for tap in kiosk.wait_for_taps(3)] == ["begin", "begin", "language"]


def test_the_title_held_for_three_seconds_calls_the_staff_page(kiosk: KioskScreen) -> None:
    kiosk.show("services-4")
    kiosk.screen.press(300, 70)
    kiosk.wait_for_taps(1)
    kiosk.screen.lift()
    kiosk.tap("service", "s0")
    assert [tap["key"] for tap in kiosk.wait_for_taps(2)] == ["staff", "service"]


def test_the_accessibility_switches_open_and_close_over_the_page(kiosk: KioskScreen) -> None:
    kiosk.show("services-4")
    kiosk.tap("open_access")
    kiosk.until_told(lambda told: any(key["key"] == "close" for key in told["keys"]))
    assert {key["key"] for key in kiosk.told()["keys"]} == {"access", "close"}
    kiosk.tap("access", "large")
    kiosk.wait_for_taps(2)
    kiosk.screen.touch(500, 300)
    kiosk.until_told(lambda told: any(key["key"] == "service" for key in told["keys"]))
    assert [(tap["key"], tap["value"]) for tap in kiosk.taps[:2]] == [("access", ""), ("access", "large")]


def test_services_that_do_not_fit_are_turned_to_and_a_new_page_begins_with_the_first(kiosk: KioskScreen) -> None:
    kiosk.show("services-12")
    kiosk.tap("next")
    kiosk.until_told(lambda told: any(key["value"] == "s5" for key in told["keys"]))
    kiosk.show("attract")
    kiosk.show("services-12")
    assert any(key["value"] == "s0" for key in kiosk.told()["keys"])


def test_every_page_is_on_the_screen_and_looks_different(kiosk: KioskScreen, tmp_path: Path) -> None:
    pictures: list[Image.Image] = []
    for page in PAGES:
        kiosk.show(page)
        until(lambda: not pictures or differ(pictures[-1], kiosk.screen.picture(tmp_path / "page.png")))
        picture = kiosk.screen.still(tmp_path / f"{page}.png")
        colours = picture.getcolors(1 << 20)
        assert colours is not None
        assert len(colours) > 20, f"{page} is empty"
        pictures.append(picture)


@pytest.mark.thorough
def test_memory_does_not_grow_over_three_hundred_pages(kiosk: KioskScreen) -> None:
    process = psutil.Process(kiosk.process.pid)

    def show(turns: range) -> float:
        for turn in turns:
            kiosk.show(PAGES[turn % len(PAGES)], language=("en", "fr", "ar")[turn % 3])
        return process.memory_info().rss / 2**20

    after_warming_up = show(range(60))
    assert show(range(60, 360)) - after_warming_up < MOST_GROWTH_MIB
