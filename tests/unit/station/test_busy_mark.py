"""The mark that somebody is served: there while it is so, kept fresh, and gone afterwards."""

import os
from pathlib import Path

from foleni.station.busy import NAME, BusyMark


def test_the_mark_follows_who_is_served(tmp_path: Path) -> None:
    mark, path = BusyMark({"RUNTIME_DIRECTORY": f"{tmp_path}:/elsewhere"}), tmp_path / NAME
    mark.tell(is_busy=True, now_s=100.0)
    assert path.exists()
    os.utime(path, (1, 1))
    mark.tell(is_busy=True, now_s=130.0)
    assert path.stat().st_mtime == 1, "not at every turn"
    mark.tell(is_busy=True, now_s=161.0)
    assert path.stat().st_mtime > 1
    mark.tell(is_busy=False, now_s=162.0)
    assert not path.exists()
    mark.tell(is_busy=True, now_s=163.0)
    assert path.exists()


def test_a_mark_of_an_earlier_life_goes(tmp_path: Path) -> None:
    (tmp_path / NAME).touch()
    BusyMark({"RUNTIME_DIRECTORY": str(tmp_path)}).tell(is_busy=False, now_s=5.0)
    assert not (tmp_path / NAME).exists()


def test_where_nothing_can_be_marked_nothing_breaks(tmp_path: Path) -> None:
    BusyMark({}).tell(is_busy=True, now_s=1.0)
    BusyMark({"RUNTIME_DIRECTORY": str(tmp_path / "gone")}).tell(is_busy=True, now_s=1.0)
