"""Pages that nobody planned: odd windows, odd texts. There is always a picture."""

import dataclasses
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.pages import Body, Chip, Page
from kiosk.views.compose import Turned, compose
from kiosk.views.scene import Turn
from tests.support import kiosk_pages

ODD_SIZES = ((320, 240), (480, 800), (600, 1024), (800, 480), (1280, 800), (1080, 1080), (2160, 3840), (3840, 2160))
ODD_TEXTS = st.one_of(
    st.sampled_from(["", " ", "\n", "W" * 64, "a b " * 60, "ﷺ", "\u202e\u200f", "🂡", "ठण्डा " * 30, "…", "{name}"]),
    st.text(max_size=30),
)


@pytest.mark.parametrize("size", ODD_SIZES)
def test_every_page_can_be_laid_out_in_every_window(size: tuple[int, int]) -> None:
    for make in kiosk_pages.PAGES.values():
        for page in (make("fr"), kiosk_pages.with_access(make("ar"), large=True, low_reach=True)):
            for opened in (None, Turn.OPEN_ACCESS, Turn.OPEN_LANGUAGES):
                assert compose(page, size, Turned(opened=opened)).pieces


@given(name=st.sampled_from(sorted(kiosk_pages.PAGES)), data=st.data())
def test_every_text_can_be_laid_out(name: str, data: st.DataObject) -> None:
    page = kiosk_pages.PAGES[name]("en")
    page = kiosk_pages.with_body(page, in_other_words(page.body, data))
    size = data.draw(st.sampled_from(((1080, 1920), (1024, 600))))
    assert compose(page, size).pieces


def in_other_words(body: Body, data: st.DataObject) -> Body:
    """The same kind of page with all its texts changed."""
    texts = {each.name: data.draw(ODD_TEXTS) for each in dataclasses.fields(body) if isinstance(getattr(body, each.name), str)}
    changed: Body = replace(body, **texts)  # type: ignore[arg-type]
    return changed


def test_a_dozen_languages_are_all_in_the_list() -> None:
    page = kiosk_pages.services("en")
    chips = tuple(Chip(f"l{at}", f"Language {at}") for at in range(12))
    page = Page(replace(page.frame, chips=chips), page.body)
    for size in ((1080, 1920), (1920, 1080), (1024, 600)):
        scene = compose(page, size, Turned(opened=Turn.OPEN_LANGUAGES))
        assert sum(touch.name.startswith("language/") for touch in scene.touches) == 12
