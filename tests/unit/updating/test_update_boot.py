"""The boot entries of two slots, on a folder that stands for the boot partition; asked as RAUC asks."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foleni.updating.boot import BootEntries, main

_ENTRY = """title Foleni kiosk {version}
sort-key foleni
version {n}
linux /foleni/{slot}/linux
options foleni.slot={slot} quiet
"""
_STEPS = ("update", "cut while writing", "cut before the old name went", "bless", "fail", "give up", "back")
_NONSENSE = [[], ["get-state"], ["set-primary", "c"], ["set-state", "a", "ugly"], ["get-primary", "a"]]


@pytest.fixture
def esp(tmp_path: Path) -> Path:
    """A disk as it is delivered: both slots hold the same, the first is to be started and has not proved itself."""
    _deliver(tmp_path)
    return tmp_path


def _deliver(esp: Path) -> None:
    entries = esp / "loader/entries"
    entries.mkdir(parents=True)
    (entries / "foleni-a+3.conf").write_text(_ENTRY.format(version="0.1.0", n=2, slot="a"))
    (entries / "foleni-b.conf").write_text(_ENTRY.format(version="0.1.0", n=1, slot="b"))
    (entries / "memtest.conf").write_text("title something else\nversion 99\n")
    for slot in "ab":
        (esp / "foleni" / slot).mkdir(parents=True)


def _put(esp: Path, slot: str, version: str) -> None:
    """What a bundle's hook does."""
    (esp / f"foleni/{slot}/entry.conf").write_text(_ENTRY.format(version=version, n=7, slot=slot))
    (esp / f"foleni/{slot}/release").write_text(f"{version}\n")


def _names(esp: Path) -> set[str]:
    return {path.name for path in (esp / "loader/entries").iterdir()} - {"memtest.conf"}


def _asked(esp: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(words, esp) == 0
    return capsys.readouterr().out.strip()


def test_a_delivered_disk_starts_its_first_slot(esp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _asked(esp, capsys, "get-primary") == "a"
    assert [_asked(esp, capsys, "get-state", slot) for slot in "ab"] == ["good", "good"]
    assert BootEntries(esp).release("b") == "0.1.0"


def test_an_update_never_touches_the_entry_of_the_slot_that_runs(esp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (esp / "loader/entries/foleni-a+3.conf").read_bytes()
    _asked(esp, capsys, "set-state", "b", "bad")
    assert _names(esp) == {"foleni-a+3.conf"}
    assert _asked(esp, capsys, "get-state", "b") == "bad"
    _put(esp, "b", "0.2.0")
    _asked(esp, capsys, "set-primary", "b")
    assert _names(esp) == {"foleni-a+3.conf", "foleni-b+3.conf"}
    assert (esp / "loader/entries/foleni-a+3.conf").read_bytes() == before
    text = (esp / "loader/entries/foleni-b+3.conf").read_text()
    assert text.count("version ") == 1
    assert "version 3\n" in text
    assert "linux /foleni/b/linux" in text
    assert _asked(esp, capsys, "get-primary") == "b"
    assert BootEntries(esp).release("b") == "0.2.0"


def test_a_slot_that_used_up_its_tries_is_left_for_the_other_one(esp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _put(esp, "b", "0.2.0")
    _asked(esp, capsys, "set-state", "b", "bad")
    _asked(esp, capsys, "set-primary", "b")
    entries = esp / "loader/entries"
    (entries / "foleni-b+3.conf").rename(entries / "foleni-b+0-3.conf")
    assert _asked(esp, capsys, "get-primary") == "a"
    assert _asked(esp, capsys, "get-state", "b") == "bad"


def test_what_has_proved_itself_is_counted_no_more(esp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _asked(esp, capsys, "set-state", "a", "good")
    _asked(esp, capsys, "set-state", "a", "good")
    assert _names(esp) == {"foleni-a.conf", "foleni-b.conf"}
    entry = BootEntries(esp).entry("a")
    assert entry is not None
    assert entry.is_blessed


def test_asking_twice_is_asking_once(esp: Path) -> None:
    entries = BootEntries(esp)
    entries.set_primary("b")
    (esp / "loader/entries/foleni-b+3.conf").rename(esp / "loader/entries/foleni-b+2-1.conf")
    entries.set_primary("b")
    assert _names(esp) == {"foleni-a+3.conf", "foleni-b+2-1.conf"}


def test_the_only_slot_that_starts_is_never_taken_away(esp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (esp / "loader/entries/foleni-b.conf").unlink()
    assert main(["set-state", "a", "bad"], esp) == 1
    assert "only one" in capsys.readouterr().err
    with pytest.raises(Exception, match="only one"):
        BootEntries(esp).give_up("a")


@pytest.mark.parametrize("words", _NONSENSE)
def test_nonsense_is_refused(esp: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    before = _names(esp)
    assert main(words, esp) == 1
    assert capsys.readouterr().err.startswith("rauc-boot: ")
    assert _names(esp) == before


def test_a_boot_partition_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["get-primary"], tmp_path / "nowhere") == 1
    assert "cannot be read" in capsys.readouterr().err


@given(steps=st.lists(st.sampled_from(_STEPS)))
def test_whatever_happens_something_starts(tmp_path_factory: pytest.TempPathFactory, steps: list[str]) -> None:
    esp = tmp_path_factory.mktemp("esp")
    _deliver(esp)
    entries, folder = BootEntries(esp), esp / "loader/entries"
    entries.set_good("a")
    for number, step in enumerate(steps):
        running = entries.primary()
        assert running is not None
        spare = "b" if running == "a" else "a"
        entry, other = entries.entry(running), entries.entry(spare)
        assert entry is not None
        if step in {"update", "cut while writing"} and entry.is_blessed:
            entries.set_bad(spare)
            _put(esp, spare, f"0.{number}.0")
            if step == "update":
                entries.set_primary(spare)
        elif step == "cut before the old name went" and entry.is_blessed and other is not None and other.is_blessed:
            entries.set_primary(spare)
            (folder / f"foleni-{spare}.conf").write_text(_ENTRY.format(version="0", n=1, slot=spare))
            assert entries.primary() == spare
        elif step == "bless":
            entries.set_good(running)
        elif step == "fail" and not entry.is_blessed and other is not None and other.is_startable:
            entry.path.rename(folder / f"foleni-{running}+0-3.conf")
        elif step == "give up" and other is not None and other.is_startable:
            entries.give_up(running)
        elif step == "back" and other is not None and other.is_startable and entry.is_blessed:
            entries.set_primary(spare)
    assert entries.primary() is not None
