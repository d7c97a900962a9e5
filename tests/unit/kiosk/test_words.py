"""The kiosk speaks its languages whole, and wrong settings are told."""

import pytest

from foleni import settings
from foleni.station.settings import WindowPlace, WindowSize
from foleni.words.checking import untranslated
from kiosk.settings import KioskSettings

GIVEN = ["--mqtt", "mqtt://host", "--branch", "b", "--device", "k", "--data", "/nowhere", "--printer", "dummy://"]


@pytest.mark.parametrize("language", ["fr", "rw"])
def test_everything_the_kiosk_says_is_translated(language: str) -> None:
    assert untranslated("kiosk", language) == []


def test_a_kiosk_needs_no_more_than_its_branch_its_data_and_its_printer() -> None:
    given = settings.load(KioskSettings, "foleni-kiosk", GIVEN, {})
    assert (given.ask_phone, given.staff_code, given.size, given.paper) == (False, None, None, None)


def test_sizes_and_places_are_read() -> None:
    more = ["--size", "1080x1920", "--at", "0,-20", "--paper", "58mm", "--region", "FR", "--staff-code", "0815", "--ask-phone"]
    given = settings.load(KioskSettings, "foleni-kiosk", [*GIVEN, *more], {})
    assert (given.size, given.at, given.paper) == (WindowSize(1080, 1920), WindowPlace(0, -20), 384)
    assert (given.region, given.staff_code, given.ask_phone) == ("FR", "0815", True)


@pytest.mark.parametrize(
    ("flag", "value"),
    [("--size", "big"), ("--at", "1"), ("--paper", "70"), ("--region", "XX"), ("--staff-code", "12a"), ("--printer", "lpt1:")],
)
def test_a_wrong_setting_ends_it_with_its_name(flag: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        settings.load(KioskSettings, "foleni-kiosk", [*GIVEN, flag, value], {})
    assert end.value.code == settings.WRONG
    assert f"wrong settings: {flag}: " in capsys.readouterr().err
