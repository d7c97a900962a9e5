"""What a box says on its screen and its serial line."""

import os
import pty
from dataclasses import replace
from pathlib import Path

import pytest

from foleni.appliance import telling, words
from foleni.appliance.box import Box
from foleni.appliance.looking import look
from foleni.appliance.words import Standing, said

USUAL = Standing("kiosk", "1.2.3", "kiosk", program="active", addresses=("192.168.1.20",))
LANGUAGES = ("en", "fr", "rw")


def test_a_box_that_works_says_so_and_where_it_is() -> None:
    assert said(USUAL, "en") == ["Foleni kiosk 1.2.3: working", "", "Address: 192.168.1.20"]


def test_a_server_says_what_to_open() -> None:
    server = replace(USUAL, title="branch server", role="server", addresses=("192.168.1.10", "fd00::1"))
    assert said(server, "en")[-1] == "Open in a browser on this network: https://192.168.1.10:8443 https://[fd00::1]:8443"


@pytest.mark.parametrize(
    ("standing", "words_of_it"),
    [
        (replace(USUAL, program="activating"), "starting"),
        (replace(USUAL, program="activating", starts=7), "times so far: 7"),
        (replace(USUAL, program="failed"), "stopped"),
        (replace(USUAL, has_cable=False), "No network cable"),
        (replace(USUAL, addresses=()), "There is no address yet"),
        (replace(USUAL, told="Type this code | 123 456 | In the console"), "\n123 456\n"),
        (replace(USUAL, faults=("foleni.txt, line 3: x",)), "line 3: x"),
        (replace(USUAL, failed=("nftables",)), "Not working: nftables"),
        (replace(USUAL, is_on_trial=True), "new version"),
    ],
)
def test_each_standing_has_its_words(standing: Standing, words_of_it: str) -> None:
    assert words_of_it in "\n".join(said(standing, "en"))


def test_broken_storage_is_all_that_matters() -> None:
    lines = said(replace(USUAL, is_storage_broken=True, program="inactive", faults=("a",)), "en")
    assert lines[0].endswith("stopped")
    assert "cannot be used" in lines[2]
    assert len(lines) == 4


def test_every_sentence_stands_in_every_language() -> None:
    tables = [words._SENTENCES[language] for language in LANGUAGES]
    for table in tables:
        assert table.keys() == tables[0].keys()
        assert all(text.encode("cp437") for text in table.values()), "the console's font has no other letters"
    assert said(USUAL, "xx") == said(USUAL, "en")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("columns", [64, 80, 240])
def test_no_word_is_cut_at_the_screens_edge(language: str, columns: int) -> None:
    text = words.screen(said(replace(USUAL, addresses=(), failed=("a",), faults=("b",)), language), columns)
    assert max(len(line) for line in text.splitlines()[1:]) <= columns - 2


def test_the_serial_line_keeps_what_was_before() -> None:
    assert "\x1b" not in words.serial(said(USUAL, "en"))


def test_a_change_is_told_and_nothing_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ear, mouth = pty.openpty()
    monkeypatch.setattr(telling, "SCREEN", tmp_path / "no-screen")
    monkeypatch.setattr(telling, "SERIAL", Path(os.ttyname(mouth)))
    box = Box(tmp_path)
    box.run.mkdir(parents=True)
    pauses = iter((False, True, False))

    def pause(_seconds: float) -> None:
        if next(pauses):
            (box.run / "faults").write_text("foleni.txt, line 1: wrong\n")

    telling.tell(box, times=3, pause=pause)
    heard = ""
    while "Correct foleni.txt" not in heard:
        heard += os.read(ear, 65536).decode()
    os.close(ear)
    os.close(mouth)
    assert heard.count("Foleni box") == 2
    assert "line 1: wrong" in heard


def test_the_machine_can_be_looked_at(tmp_path: Path) -> None:
    (tmp_path / "sys/class/net/eth0/device").mkdir(parents=True)
    (tmp_path / "sys/class/net/eth0/carrier").write_text("1\n")
    (tmp_path / "sys/class/net/lo").mkdir()
    assert look(Box(tmp_path)).has_cable
    (tmp_path / "sys/class/net/eth0/carrier").write_text("0\n")
    assert not look(Box(tmp_path)).has_cable
