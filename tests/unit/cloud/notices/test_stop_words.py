"""STOP is understood in the languages of the customers, and other words are not taken for it."""

import pytest

from cloud.notices.stopping import Wish, wish


@pytest.mark.parametrize(
    "text",
    ["STOP", " stop. ", "Stop!", "Stop please", "ARRÊT", "arret", "PARAR", "Acha", "Hagarika", "توقف", "إيقاف",
     "रोकें", "बंद", "«stop»", "\u200fتوقف"],
)  # fmt: skip
def test_stop(text: str) -> None:
    assert wish(text) is Wish.STOP


@pytest.mark.parametrize("text", ["START", "unstop", "Começar", "Anza", "Tangira", "ابدأ", "शुरू", "reprendre"])
def test_start(text: str) -> None:
    assert wish(text) is Wish.START


@pytest.mark.parametrize("text", ["", "   ", "hello", "stopping by soon", "please stop", "1", "😀", "\x00", "आरंभ", "x" * 5000])
def test_anything_else_is_nothing(text: str) -> None:
    assert wish(text) is None
