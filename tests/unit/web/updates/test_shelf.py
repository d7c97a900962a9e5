"""The shelf of bundles: a power cut or a full disk leaves nothing on it that takes room and is nowhere named."""

from pathlib import Path

import pytest

from branch_server.web.updates import shelf as shelves
from branch_server.web.updates.shelf import Shelf, Stored
from tests.unit.web.updates.test_reading_bundles import bundle


def brought(shelf: Shelf, content: bytes) -> Stored:
    incoming = shelf.incoming()
    incoming.add(content)
    return shelf.take(incoming, "Ada", "2026-11-21T10:00:00Z")


def test_a_bundle_whose_word_was_not_written_before_the_power_went_is_cleared_away(tmp_path: Path) -> None:
    stored = brought(Shelf(tmp_path, tmp_path / "no-keyring"), bundle())
    orphan = tmp_path / f"{'0' * 64}.raucb"
    orphan.write_bytes(b"hsqs")
    shelf = Shelf(tmp_path, tmp_path / "no-keyring")
    assert shelf.all() == [stored]
    assert not orphan.exists()
    assert shelf.path(stored).exists()


def test_a_disk_that_is_full_at_the_last_step_keeps_no_bundle_without_its_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _content: bytes) -> None:
        raise OSError(28, "No space left on device")

    shelf = Shelf(tmp_path, tmp_path / "no-keyring")
    monkeypatch.setattr(shelves, "write_whole", full)
    with pytest.raises(OSError, match="No space"):
        brought(shelf, bundle())
    assert list(tmp_path.glob("*.raucb")) == []
