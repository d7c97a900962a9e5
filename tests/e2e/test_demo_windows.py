"""The whole branch with its windows: a busy five minutes, with and without a screen, and nothing left of it."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from foleni.demo.letters import words_in
from foleni.demo.reading import read_calls
from foleni.demo.screen import side_by_side
from foleni.look.fonts import Weight, face
from tests.support.demo import ROOT, WHOLE, Demo, demo_of, left_of
from tests.support.waiting import until

_SCRIPT_S = 240
pytestmark = pytest.mark.timeout(300)
PLAYED = ("kiosk-attract", "kiosk-services-fr", "kiosk-ticket", "kiosk-no-paper", "kiosk-offline", "tv-nobody", "tv-not-live")
SIZES = {"kiosk": (1080, 1920), "tv": (1920, 1080)}


def play(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "foleni", "demo", "--headless", "--script", script, "--shots", str(folder / "shots")]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=_SCRIPT_S)


def test_a_busy_branch_goes_well_and_leaves_its_pictures(tmp_path: Path) -> None:
    done = play(tmp_path, "builtin")
    assert done.returncode == 0, done.stdout + done.stderr
    pictures = {path.stem[3:]: path for path in (tmp_path / "shots").glob("*.png")}
    assert {*PLAYED, "ticket-english", "ticket-offline"} <= pictures.keys()
    for name, path in pictures.items():
        with Image.open(path) as picture:
            assert name.startswith("ticket") or picture.size == SIZES[name.split("-")[0]]
    with Image.open(pictures["tv-twelve-calls"]) as picture:
        assert len(read_calls(picture)) == 12
    page = (tmp_path / "shots/index.html").read_text()
    assert "Everything went well." in page
    assert all(path.name in page for path in pictures.values())


@pytest.mark.thorough
def test_a_line_that_does_not_come_true_is_told_and_fails_the_play(tmp_path: Path) -> None:
    script = tmp_path / "wrong.txt"
    script.write_text("join cash\nexpect board A001 1 within 0.2\nshot kiosk never\n")
    done = play(tmp_path, str(script))
    assert done.returncode == 1
    assert f"{script}, line 2: expect board A001 1 within 0.2: the board has no call after 0.2 s" in done.stderr
    assert {path.name for path in (tmp_path / "shots").iterdir()} == {
        "index.html",
        "wrong-line-2-kiosk.png",
        "wrong-line-2-tv.png",
    }


@pytest.mark.thorough
def test_a_program_that_dies_by_itself_fails_the_play(tmp_path: Path) -> None:
    script = tmp_path / "long.txt"
    script.write_text("wait 3\nexpect live within 10\n")
    demo = Demo(tmp_path, WHOLE, "--headless", "--script", str(script))
    demo.until_says("tv is up")
    (tv,) = demo.named("display")
    tv.kill()
    assert demo.process.wait(_SCRIPT_S) == 1
    assert "tv was ended by SIGKILL: " in demo.said
    assert "tv died by itself" in demo.said


@pytest.mark.thorough
def test_a_killed_kiosk_and_tv_come_back_in_their_places(tmp_path: Path) -> None:
    script = tmp_path / "kills.txt"
    script.write_text(
        "ticket cash\nexpect paper A001\nkill kiosk\nkill tv\nticket cash\nexpect papers 2\npress 1\n"
        "expect tv A001 1\nstop kiosk\nstart kiosk\nticket cash\nexpect paper A003\n"
    )
    done = play(tmp_path, str(script))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.thorough
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=lambda number: number.name)
def test_of_the_whole_branch_nothing_is_left(tmp_path: Path, number: signal.Signals) -> None:
    with demo_of(tmp_path, WHOLE) as demo:
        family = demo.family()
        display = re.search(r"display :(\d+)", demo.said)
        assert display is not None
        logs = {path.stem for path in (demo.data / "logs").iterdir()}
        assert logs >= {"server", "screen", "printer", "unit-pad-1", "unit-pad-2", "counter", "kiosk", "tv"}
        assert demo.end(number) == (0 if number is signal.SIGINT else -number)
        until(lambda: left_of(family) == [])
        until(lambda: not Path(f"/tmp/.X{display[1]}-lock").exists())
        assert not any(path.is_symlink() for path in (demo.data / "units").iterdir())


@pytest.fixture
def small_screen(tmp_path: Path) -> Iterator[str]:
    """A screen that somebody could sit in front of."""
    (tmp_path / "screen").touch()
    with (tmp_path / "screen").open("w") as said:
        command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1366x768x24", "-nolisten", "tcp"]
        server = subprocess.Popen(command, stdout=said, stderr=subprocess.DEVNULL)
    until(lambda: (tmp_path / "screen").read_text().endswith("\n"))
    yield f":{(tmp_path / 'screen').read_text().strip()}"
    server.terminate()
    server.wait(30)


@pytest.mark.thorough
def test_with_a_screen_both_windows_stand_side_by_side_on_it(tmp_path: Path, small_screen: str) -> None:
    with demo_of(tmp_path, WHOLE, talks=True, around={"DISPLAY": small_screen}) as demo:
        assert "on your screen" in demo.said
        assert not any("Xvfb" in child.name() for child in demo.family())
        demo.type("ticket cash")
        demo.until_says("ticket A001 at the kiosk")
        demo.type("press 1")
        demo.type("expect tv A001 1")
        demo.until_says("so it is: on the TV stands A001 at 1")
        demo.type("shots")
        demo.until_says("shots/ticket.png")
        with Image.open(demo.data / "shots/kiosk.png") as kiosk, Image.open(demo.data / "shots/tv.png") as tv:
            assert kiosk.width + tv.width < 1366
            assert kiosk.height <= 768


@pytest.mark.variants(2)
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080), (3840, 2160), (1080, 1920), (1024, 600)])
def test_windows_keep_their_form_and_stay_on_the_screen(width: int, height: int) -> None:
    kiosk, tv = side_by_side(width, height)
    assert abs(kiosk.width / kiosk.height - 9 / 16) < 0.01
    assert abs(tv.width / tv.height - 16 / 9) < 0.01
    assert kiosk.width <= tv.left
    assert tv.left + tv.width <= width
    assert max(kiosk.height, tv.height) <= height


def test_what_is_missing_is_told_with_how_to_get_it_and_the_rest_runs(tmp_path: Path) -> None:
    with demo_of(tmp_path, WHOLE, around={"PATH": "/nowhere"}) as demo:
        assert "there is no screen here, and no Xvfb to make one; it can be installed with: sudo apt install xvfb" in demo.said
        assert "Branch main-street is open" in demo.said


def test_paper_and_screen_are_read_letter_by_letter() -> None:
    for number in ("A042", "BX07", "C1358", "QR69", "M1000"):
        line = Image.new("L", (900, 200))
        ImageDraw.Draw(line).text((20, 20), number, font=face(Weight.HEAVY, 120), fill=255)
        assert words_in(line.crop(line.getbbox()), 0.5) == [number]
