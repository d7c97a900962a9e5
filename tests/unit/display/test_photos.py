"""The branch's own pictures on the panel."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from display.photos import Photos
from display.pixels import Pixels
from tests.support.waiting import until


class Seen:
    def __init__(self) -> None:
        self.found: list[tuple[str, ...]] = []
        self.read: list[tuple[str, Pixels]] = []
        self.deaths: list[str] = []


@contextmanager
def looking(folder: Path) -> Iterator[tuple[Photos, Seen]]:
    seen = Seen()
    photos = Photos(
        folder, seen.found.append, lambda path, pixels: seen.read.append((path, pixels)), on_dead=seen.deaths.append
    )
    photos.start()
    yield photos, seen
    photos.stop()
    assert seen.deaths == []


def test_pictures_are_found_in_order_and_what_is_none_is_left_out(tmp_path: Path) -> None:
    for name in ("b.jpg", "a.png"):
        Image.new("RGB", (30, 20), "#123456").save(tmp_path / name)
    (tmp_path / "broken.png").write_bytes(b"no picture")
    (tmp_path / "folder.png").mkdir()
    with looking(tmp_path) as (_, seen):
        until(lambda: seen.found)
    assert seen.found == [(str(tmp_path / "a.png"), str(tmp_path / "b.jpg"))]


def test_a_picture_fills_the_size_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGBA", (300, 20), "#123456").save(path)
    with looking(tmp_path) as (photos, seen):
        photos.want(str(path), 64, 48)
        until(lambda: seen.read)
    told, pixels = seen.read[0]
    assert (told, pixels.width, pixels.height) == (str(path), 64, 48)
    assert pixels.rgb == bytes.fromhex("123456") * 64 * 48


def test_a_picture_that_goes_away_or_breaks_stops_nothing(tmp_path: Path) -> None:
    cut, good = tmp_path / "cut.jpg", tmp_path / "good.png"
    Image.effect_noise((400, 400), 80).save(good)
    Image.effect_noise((400, 400), 80).save(cut)
    cut.write_bytes(cut.read_bytes()[:2000])
    with looking(tmp_path) as (photos, seen):
        for path in (str(tmp_path / "gone.png"), str(cut), str(good)):
            photos.want(path, 40, 40)
            until(lambda: photos._wanted is None)
        until(lambda: seen.read)
    assert [path for path, _ in seen.read] == [str(good)]


def test_a_missing_folder_stops_nothing(tmp_path: Path) -> None:
    with looking(tmp_path / "none") as (photos, seen):
        photos.want("nothing", 10, 10)
        until(lambda: photos._wanted is None)
    assert seen.found == []
