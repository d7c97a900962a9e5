"""Where things lie on the kiosk's screens: every page, size and mode."""

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foleni.look import typeset
from kiosk.pages import ChooseService, Key, Page, ServiceCard, Tap
from kiosk.views.compose import Turned, compose
from kiosk.views.scene import Fill, Scene, Touch, Turn, Words
from kiosk.views.surface import surface_of
from tests.support import kiosk_pages

SIZES = ((1080, 1920), (1920, 1080), (1024, 600))
Mode = tuple[bool, bool, bool]
ON_OFF = (False, True)
MODES: tuple[Mode, ...] = tuple((large, contrast, low) for large in ON_OFF for contrast in ON_OFF for low in ON_OFF)
LAYOUTS = tuple(mode for mode in MODES if not mode[1])
"""High contrast draws wider lines and changes no place."""
LEAST_TOUCH = {(1080, 1920): 104, (1920, 1080): 104, (1024, 600): 64}
LEAST_TYPE = {(1080, 1920): 26, (1920, 1080): 26, (1024, 600): 16}


def in_mode(page: Page, mode: Mode) -> Page:
    large, contrast, low_reach = mode
    return kiosk_pages.with_access(page, large=large, contrast=contrast, low_reach=low_reach)


def all_pages(language: str) -> Iterator[Page]:
    for make in kiosk_pages.PAGES.values():
        yield make(language)
        if language in {"en", "fr"}:
            yield kiosk_pages.with_band(make(language))


def keys(scene: Scene) -> list[Touch]:
    return [touch for touch in scene.touches if not touch.ground]


def said(scene: Scene) -> list[Words]:
    return [piece for piece in scene.pieces if isinstance(piece, Words)]


def check(scene: Scene, page: Page, size: tuple[int, int]) -> None:
    surface = surface_of(size, page.frame)
    where = f"{type(page.body).__name__} {surface}"
    names = [piece.name for piece in scene.pieces]
    assert len(set(names)) == len(names), where
    for piece in scene.pieces:
        assert surface.screen.holds(piece.box), f"{piece.name} is outside: {where}"
    for key in keys(scene):
        assert min(key.box.width, key.box.height) >= LEAST_TOUCH[size], f"{key.name} is too small: {where}"
        assert key.box.y >= surface.reach_top, f"{key.name} is too high: {where}"
    for one, other in itertools.combinations(keys(scene), 2):
        assert not one.box.overlaps(other.box), f"{one.name} lies on {other.name}: {where}"
    for one, text in itertools.product(keys(scene), said(scene)):
        assert not one.box.overlaps(text.box) or one.box.holds(text.box), f"{text.name} sticks out of {one.name}: {where}"
    check_texts(scene, size, where)


def check_texts(scene: Scene, size: tuple[int, int], where: str) -> None:
    for text in said(scene):
        assert not text.block.is_cut, f"{text.name} is cut: {where}"
        widest = max(typeset.width_of(line, text.block.style) for line in text.block.lines)
        assert widest <= text.box.width + 1, f"{text.name} is wider than its place: {where}"
        assert text.block.style.px >= LEAST_TYPE[size] or text.name.endswith("/prefix"), f"{text.name} is too small: {where}"
    for one, other in itertools.combinations(said(scene), 2):
        assert not one.box.overlaps(other.box), f"{one.name} lies on {other.name}: {where}"


@pytest.mark.parametrize("language", ["en", "fr", "rw", "ar", "hi"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_has_its_place_on_the_screen_in_every_mode(size: tuple[int, int], language: str) -> None:
    for mode, page in itertools.product(LAYOUTS, all_pages(language)):
        shown = in_mode(page, mode)
        check(compose(shown, size), shown, size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("mode", LAYOUTS)
def test_one_to_twelve_services_are_all_to_be_found(size: tuple[int, int], mode: Mode) -> None:
    for count, priorities in itertools.product(range(1, 13), (0, 1, 3)):
        page = in_mode(kiosk_pages.services("en", count, priorities=priorities), mode)
        assert isinstance(page.body, ChooseService)
        found = turn_through(page, size)
        assert found == [card.service for card in page.body.cards], f"{count} services, {priorities} classes"


def turn_through(page: Page, size: tuple[int, int]) -> list[str]:
    """The services on all sheets, in the order in which one comes by them."""
    found: list[str] = []
    for sheet in range(13):
        scene = compose(page, size, Turned(sheet=sheet))
        check(scene, page, size)
        found += [piece.name.split("/")[1] for piece in scene.pieces if is_card(piece)]
        if not any(touch.act is Turn.NEXT for touch in scene.touches):
            break
    return found


def is_card(piece: object) -> bool:
    return isinstance(piece, Touch | Fill) and piece.name.startswith("card/") and piece.name.count("/") == 1


NAMES = st.text("abcdefghij klmnopqrst ABC éàç", min_size=1, max_size=64).filter(lambda text: bool(text.strip()))


@settings(max_examples=25, deadline=None)
@given(
    names=st.lists(NAMES, min_size=1, max_size=12),
    lines=st.lists(NAMES, min_size=12, max_size=12),
    size=st.sampled_from(SIZES),
    mode=st.sampled_from(MODES),
)
def test_services_of_any_name_have_their_place(names: list[str], lines: list[str], size: tuple[int, int], mode: Mode) -> None:
    cards = tuple(
        ServiceCard(f"s{at}", "WX", name, line, state="Paused." if at % 3 else "", can_be_chosen=not at % 3)
        for at, (name, line) in enumerate(zip(names, lines, strict=False))
    )
    page = in_mode(kiosk_pages.with_body(kiosk_pages.services(), ChooseService(lines[0], cards)), mode)
    assert turn_through(page, size) == [card.service for card in cards]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("opened", [Turn.OPEN_ACCESS, Turn.OPEN_LANGUAGES])
def test_what_opens_over_a_page_is_all_that_can_be_touched(size: tuple[int, int], opened: Turn) -> None:
    for mode, language in itertools.product(MODES, ("en", "ar")):
        page = in_mode(kiosk_pages.services(language), mode)
        scene = compose(page, size, Turned(opened=opened))
        offered = [touch for touch in keys(scene) if touch.act is not Turn.CLOSE]
        wanted = Key.ACCESS if opened is Turn.OPEN_ACCESS else Key.LANGUAGE
        assert {touch.act.key for touch in offered if isinstance(touch.act, Tap)} == {wanted}
        lowest = size[1] * 2 // 3 if opened is Turn.OPEN_ACCESS else size[1] // 2
        for touch in keys(scene):
            assert touch.box.y >= lowest
            assert min(touch.box.width, touch.box.height) >= LEAST_TOUCH[size]
        for one, other in itertools.combinations(keys(scene), 2):
            assert not one.box.overlaps(other.box)


@pytest.mark.parametrize("size", SIZES)
def test_the_number_is_the_largest_thing_on_the_ticket(size: tuple[int, int]) -> None:
    for mode, name in itertools.product(MODES, ("ticket", "ticket-printing", "ticket-failed", "ticket-unsure", "ticket-alone")):
        scene = compose(in_mode(kiosk_pages.PAGES[name]("en"), mode), size)
        sizes = {text.name: text.block.style.px for text in said(scene)}
        number = sizes.pop("number")
        assert number > 1.5 * max(sizes.values())


@pytest.mark.parametrize("size", SIZES)
def test_reading_from_right_to_left_mirrors_every_place(size: tuple[int, int]) -> None:
    for page in all_pages("en"):
        plain = compose(page, size)
        turned = compose(mirrored_page(page), size)
        assert [piece.name for piece in turned.pieces] == [piece.name for piece in plain.pieces]
        for one, other in zip(turned.pieces, plain.pieces, strict=True):
            assert one.box == other.box.mirrored(size[0]) or is_on_keypad(one.name)


def is_on_keypad(name: str) -> bool:
    return name.partition("/")[0] in {"digit", "erase"}


def mirrored_page(page: Page) -> Page:
    return replace(page, frame=replace(page.frame, right_to_left=True))


@pytest.mark.parametrize("size", SIZES)
def test_high_contrast_changes_no_place(size: tuple[int, int]) -> None:
    for page in all_pages("en"):
        plain, high = compose(page, size), compose(in_mode(page, (False, True, False)), size)
        places = {piece.name: piece.box for piece in plain.pieces if isinstance(piece, Words)}
        assert {piece.name: piece.box for piece in high.pieces if isinstance(piece, Words)} == places


def test_arrows_turn_and_numbers_do_not_when_one_reads_from_right_to_left() -> None:
    scene = compose(mirrored_page(kiosk_pages.services("en", 12)), (1080, 1920))
    lines = {text.name: text.block.lines for text in said(scene)}
    assert lines["back/sign"] == ("→",)
    assert lines["next/sign"] == ("←",)
    number = next(text for text in said(compose(mirrored_page(kiosk_pages.ticket()), (1080, 1920))) if text.name == "number")
    assert number.block.lines == ("A042",)


@pytest.mark.parametrize("size", SIZES)
def test_digits_lie_as_on_a_telephone_in_arabic_too(size: tuple[int, int]) -> None:
    for mode, page in itertools.product(MODES, (kiosk_pages.phone("ar"), kiosk_pages.staff_code("ar"))):
        boxes = {touch.name: touch.box for touch in compose(in_mode(page, mode), size).touches}
        assert boxes["digit/1"].x < boxes["digit/2"].x < boxes["digit/3"].x
    typed = next(text for text in said(compose(kiosk_pages.phone("ar"), size)) if text.name == "typed/text")
    assert not typed.block.right_to_left


def test_many_languages_open_as_a_list() -> None:
    page = in_mode(kiosk_pages.services("en"), (True, False, True))
    scene = compose(page, (1080, 1920))
    assert any(touch.act is Turn.OPEN_LANGUAGES for touch in scene.touches)
    listed = compose(page, (1080, 1920), Turned(opened=Turn.OPEN_LANGUAGES))
    codes = [touch.act.value for touch in listed.touches if isinstance(touch.act, Tap) and touch.act.key is Key.LANGUAGE]
    assert codes == list(kiosk_pages.LANGUAGES)


def test_no_seconds_left_leaves_no_bar_and_no_bar_is_drawn_while_printing() -> None:
    def bars(page: Page) -> list[str]:
        return [piece.name for piece in compose(page, (1080, 1920)).pieces if piece.name.startswith("countdown")]

    assert bars(kiosk_pages.ticket(left_s=3)) == ["countdown/track", "countdown"]
    assert bars(kiosk_pages.ticket(left_s=0)) == ["countdown/track"]
    assert bars(kiosk_pages.PAGES["ticket-printing"]("en")) == []


def test_a_second_less_changes_the_bar_and_nothing_else() -> None:
    before = compose(kiosk_pages.ticket(left_s=6), (1080, 1920)).pieces
    after = compose(kiosk_pages.ticket(left_s=5), (1080, 1920)).pieces
    assert [piece.name for piece in after if piece not in before] == ["countdown"]
