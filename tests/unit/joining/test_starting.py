"""With a broker in its settings a program works as it always did; without one it needs a place to keep its membership."""

import subprocess
import sys
from pathlib import Path

import pytest

from counter.settings import CounterSettings
from display.settings import DisplaySettings
from foleni import settings
from foleni.joining.membership import Home
from foleni.joining.starting import Program, begin
from foleni.life import Closing, Life, Notifier
from kiosk.settings import KioskSettings
from tests.support.joining_members import Authority, member

KIOSK = Program("foleni-kiosk", "kiosk", ("tickets.db",))
PRINTER = ["--printer", "dummy://"]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def test_a_program_with_a_broker_joins_nothing(tmp_path: Path) -> None:
    given = ["--mqtt", "mqtt://h", "--branch", "b", "--device", "d", "--data", str(tmp_path), *PRINTER]
    start = begin(KioskSettings, KIOSK, given)
    assert (start.member, start.settings.taken_seat.device) == (None, "d")
    assert [*tmp_path.iterdir()] == []


def test_a_program_without_a_broker_joins_and_once_joined_it_has_its_seat(tmp_path: Path, authority: Authority) -> None:
    given = ["--data", str(tmp_path), *PRINTER]
    assert begin(KioskSettings, KIOSK, given).settings.seat is None
    Home(tmp_path).keep(member(authority, settings={"staff-code": "0815", "region": "FR", "paper": "7", "unheard": "x"}))
    start = begin(KioskSettings, KIOSK, [*given, "--region", "UG"])
    seat = start.settings.taken_seat
    assert (seat.branch, seat.device, seat.mqtt.user, seat.mqtt.host) == ("main", "kiosk-1", "kiosk-1", "10.0.0.1")
    decided = (start.settings.staff_code, start.settings.region, start.settings.paper)
    assert decided == ("0815", "UG", None), "a flag wins over the branch, and what cannot be used of it ends nothing"


@pytest.mark.parametrize("more", [["--branch", "market"], []])
def test_a_box_that_is_to_be_in_another_branch_or_was_cut_off_joins(
    more: list[str], tmp_path: Path, authority: Authority
) -> None:
    kept = member(authority)
    Home(tmp_path).keep(kept if more else kept.model_copy(update={"cut_off": True}))
    assert begin(KioskSettings, KIOSK, ["--data", str(tmp_path), *PRINTER, *more]).settings.seat is None


@pytest.mark.parametrize(
    ("model", "argv", "fault"),
    [
        (DisplaySettings, [], "--data: missing: a box that joins a branch"),
        (CounterSettings, [], "--data: missing: a box that joins a branch"),
        (KioskSettings, PRINTER, "--data: missing"),
        (DisplaySettings, ["--mqtt", "mqtt://h"], "--branch: missing; --device: missing"),
        (DisplaySettings, ["--data", "/x", "--device", "tv"], "--device: counts only with --mqtt"),
        (DisplaySettings, ["--data", "/x", "--server", "nowhere"], "--server: must be HOST:PORT"),
    ],
)
def test_wrong_settings_are_named(
    model: type[settings.Settings], argv: list[str], fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        settings.load(model, "foleni-box", argv, {})
    assert ended.value.code == settings.WRONG
    assert fault in capsys.readouterr().err


def test_forgetting_where_nothing_was_joined_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        begin(KioskSettings, KIOSK, ["--data", str(tmp_path), "--forget", *PRINTER])
    assert ended.value.code == 0
    assert "there was no branch to forget" in capsys.readouterr().err


def test_a_disk_that_cannot_be_read_leads_to_the_screen_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "membership.json").mkdir()
    assert begin(KioskSettings, KIOSK, ["--data", str(tmp_path), *PRINTER]).settings.seat is None


def test_nothing_of_joining_is_loaded_where_it_is_not_needed() -> None:
    code = "import sys, foleni.joining.starting; print([m for m in ('zeroconf', 'cryptography') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_a_program_that_becomes_another_tells_systemd_of_no_end() -> None:
    told: list[str] = []

    class Heard(Notifier):
        def tell(self, *lines: str) -> None:
            told.extend(lines)

    life = Life("foleni-box", notifier=Heard({}))

    def ready() -> str:
        life.become("joined")
        return "ready"

    assert life.run([("nothing", Closing(lambda: None))], ready) == 0
    assert life.becomes
    assert [line for line in told if line.startswith("STOPPING")] == []
