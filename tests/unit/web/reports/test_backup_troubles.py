"""When the backups need a person."""

from typing import Any

import pytest

from branch_server.keeping.errors import Fault
from branch_server.keeping.status import Kept, Status
from branch_server.web.reports.alert_words import alert_text
from branch_server.web.reports.backup_troubles import backups_of
from branch_server.web.reports.troubles import Troubles
from foleni.times import HOUR_US, Instant
from foleni.words.catalogue import words

NOW = Instant(1_800_000_000_000_000)


def raised(*kept: Kept, **fields: Any) -> dict[str, str]:
    """The alerts that such a last backup raises."""
    good = max((one.good_at for one in kept if one.good_at is not None), default=None)
    status = Status(**{"at": NOW, "ok": False, "good_at": good, "targets": kept, **fields})
    return Troubles().due(backups_of(status, NOW), (), NOW)[0]


def place(hours_ago: float = 1, target: str = "second-disk", where: str = "/mnt/disk", fault: Fault | None = None) -> Kept:
    return Kept(target=target, where=where, good_at=Instant(NOW - int(hours_ago * HOUR_US)), fault=fault)


def test_good_backups_and_none_at_all_raise_nothing() -> None:
    assert raised(place(), place(35)) == {}
    assert backups_of(None, NOW) == {}
    assert backups_of(Status(at=NOW, ok=False, fault=Fault.NO_KEY), NOW) == {}


def test_a_key_that_was_lost_is_no_reason_for_silence() -> None:
    assert list(raised(place(99), fault=Fault.NO_KEY)) == ["backup", "backup:making"]


def test_a_place_that_fails_is_named_at_once() -> None:
    assert raised(place(), place(fault=Fault.FULL, target="sftp://me@nas.local/x")) == {
        "backup:sftp-me-nas-local-x": "Backups: sftp://me@nas.local/x is full."
    }


def test_a_stick_may_be_away_until_the_last_good_backup_is_old() -> None:
    away = place(hours_ago=20, target="usb:FOLENI-BACK", where="usb:FOLENI-BACK", fault=Fault.NOT_THERE)
    assert raised(away) == {}
    old = place(hours_ago=37, target="usb:FOLENI-BACK", where="usb:FOLENI-BACK", fault=Fault.NOT_THERE)
    assert raised(old) == {"backup": "The last good backup is older than 36 hours."}


def test_one_that_could_not_be_made_is_said_and_cleared_with_the_next() -> None:
    assert list(raised(place(), fault=Fault.SOURCE)) == ["backup:making"]
    status = Status(at=NOW, ok=True, good_at=NOW, targets=(place(0),))
    assert Troubles().due(backups_of(status, NOW), ("backup:making", "backup:gone-place", "clock_leap"), NOW) == (
        {},
        ["backup:gone-place", "backup:making"],
    )


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault not in {Fault.SOURCE, Fault.NO_KEY}])
def test_every_fault_has_a_sentence_in_every_language(fault: Fault) -> None:
    (message,) = raised(place(fault=fault)).values()
    for language in ("fr", "ar"):
        assert alert_text("backup:second-disk", message, words("branch_server.web.reports", language)) != message
