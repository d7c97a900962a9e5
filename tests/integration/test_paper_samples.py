"""`python -m kiosk.paper`: tickets to look at, and a printer to try."""

from pathlib import Path

import pytest
from PIL import Image

from foleni.sim.paper.machine import PaperPrinter
from kiosk.paper.__main__ import main
from tests.support.paper import whole


def test_it_draws_a_ticket_in_each_language(tmp_path: Path) -> None:
    Image.new("L", (64, 32)).save(tmp_path / "logo.png")
    assert main(["en", "ar", "--width", "384", "--out", str(tmp_path), "--logo", str(tmp_path / "logo.png")]) == 0
    for language in ("en", "ar"):
        with Image.open(tmp_path / f"ticket-384-{language}.png") as picture:
            assert picture.width == 384


def test_it_prints_and_says_what_became_of_each_ticket(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with PaperPrinter(tmp_path) as machine:
        assert main(["fr", "hi", "--printer", machine.url]) == 0
        assert capsys.readouterr().out == "fr: printed\nhi: printed\nthe printer is ok\n"
        assert len(whole(machine)) == 2
        machine.paper_out()
        assert main(["--printer", machine.url]) == 1
        assert capsys.readouterr().out == "en: failed\nthe printer is paper_out\n"


def test_a_logo_that_is_none_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--logo", str(tmp_path / "missing.png"), "--out", str(tmp_path)]) == 1
    assert "missing.png" in capsys.readouterr().err
