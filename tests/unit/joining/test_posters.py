"""Every stage says what a person should do, in each language, and nothing lies on anything else, on any screen."""

from dataclasses import replace
from itertools import combinations

import pytest

from foleni.joining.poster import LANGUAGES, Poster, plainly, poster_of
from foleni.joining.stages import Heard, Opened, Over, Rested, Stage, after
from foleni.look.boxes import Box
from foleni.look.fonts import missing
from foleni.screens.joining.plan import Plan, plan
from foleni.words.checking import untranslated, unused
from tests.support.joining_screen import HERE, SCENES, poster

SIZES = [(1080, 1920), (1920, 1080), (1024, 600), (1280, 720), (720, 1280), (3840, 2160)]
ROOM = "foleni.joining"


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_everything_is_translated_and_can_be_written(language: str) -> None:
    assert untranslated(ROOM, language) == []
    assert unused(ROOM, language) == []
    for scene in SCENES:
        assert missing(repr(poster(scene, language))) == ""


def test_every_stage_has_a_scene_that_was_looked_at() -> None:
    assert {standing.stage for standing, _ in SCENES.values()} == set(Stage)


@pytest.mark.parametrize("scene", SCENES)
def test_each_screen_says_one_thing_and_what_to_do(scene: str) -> None:
    shown = poster(scene)
    assert shown.headline
    assert shown.text
    assert not shown.is_trouble or shown.help, "who is in trouble knows whom to call"
    assert poster_of(*SCENES[scene], plainly) == shown, "a box without a screen says the same"


def test_who_tries_again_says_what_was_wrong_until_it_has_come_to_something() -> None:
    away, facts = SCENES["away"]
    away = replace(away, places=(HERE,))
    looking = after(away, Rested())
    asking = after(looking, Heard((HERE,), is_all=True))
    assert (looking.stage, asking.stage) == (Stage.LOOKING, Stage.ASKING)
    said = [poster_of(standing, facts, plainly).headline for standing in (away, looking, asking)]
    assert said == ["The branch server does not answer"] * 3
    gone = after(looking, Heard((), is_all=True))
    assert poster_of(gone, facts, plainly).headline == "No branch server found"
    over = after(after(asking, Opened("123456", HERE)), Over("refused"))
    assert poster_of(over, facts, plainly).text.startswith("The last code is no longer good.")


def test_the_code_is_shown_in_two_groups_with_the_way_to_the_console() -> None:
    shown = poster("code")
    assert shown.code == ("482", "913")
    assert shown.qr == "https://192.168.10.20:8443/admin/devices/join?code=482913"
    assert [shown for shown in map(poster, SCENES) if shown.code] == [poster("code"), poster("code_silent")]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scene", SCENES)
def test_nothing_lies_on_anything_else(size: tuple[int, int], scene: str) -> None:
    shown = poster(scene)
    boxes = _boxes(plan(*size, shown), shown)
    screen = Box(0, 0, *size)
    for name, box in boxes.items():
        assert screen.holds(box), f"{name} leaves the screen: {box}"
        assert min(box.width, box.height) > 0, f"{name} has no room"
    for (one, box), (other, second) in combinations(boxes.items(), 2):
        assert not box.overlaps(second), f"{one} lies on {other}: {box}, {second}"


@pytest.mark.parametrize("size", SIZES)
def test_what_is_touched_is_large_enough_for_a_finger(size: tuple[int, int]) -> None:
    keys = [plan(*size, poster("cut_off")).key, *plan(*size, poster("choosing")).choices]
    assert all(key is not None and key.height >= 64 and key.width >= 200 for key in keys)
    assert plan(*size, poster("cut_off_untouched")).key is None


@pytest.mark.parametrize("size", SIZES)
def test_digits_are_read_from_left_to_right_on_a_mirrored_screen_too(size: tuple[int, int]) -> None:
    placed = plan(*size, poster("code"))
    first, second = (box.mirrored(size[0]) for box in placed.digits(is_mirrored=True))
    assert (first.y, first.x) < (second.y, second.x)
    assert placed.digits(is_mirrored=False) == placed.code


def _boxes(placed: Plan, shown: Poster) -> dict[str, Box]:
    """What is written or drawn, by name."""
    boxes = {"brand": placed.brand, "title": placed.title, "headline": placed.headline, "text": placed.text}
    boxes |= {f"code {at}": box for at, box in enumerate(placed.code)} | {
        f"choice {at}": box for at, box in enumerate(placed.choices)
    }
    boxes |= {"help": placed.help} if shown.help else {}
    boxes |= {"facts": placed.facts} if shown.facts else {}
    more = {"band": placed.band, "qr": placed.qr, "key": placed.key}
    return boxes | {name: box for name, box in more.items() if box is not None}
