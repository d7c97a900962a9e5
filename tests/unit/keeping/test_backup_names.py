"""Names of backups, and of the places that they go to."""

import pytest

from branch_server.keeping.naming import BackupName, mark_of, own, stamp_of
from branch_server.keeping.settings import BackupTarget, Where
from foleni.times import DAY_US, Instant, from_wire

NOW = from_wire("2026-11-21T16:05:09Z")
NAME = "foleni-main-street-0123abcd-000000047-20261121T160509Z.tar.gz.age"


def test_a_name_is_read_as_it_was_written() -> None:
    name = BackupName.read(NAME)
    assert name == BackupName("20261121T160509Z", 47, "main-street", "0123abcd")
    assert str(name) == NAME


@pytest.mark.parametrize(
    "strange",
    [
        "", "holiday.jpg", NAME.removesuffix(".age"), f".{NAME}", f"{NAME}.partial", f"a/{NAME}",
        NAME.replace("0509Z", "9909Z"),
        NAME.replace("main-street", "Main"), NAME.replace("0123abcd", "0123ABCD"), NAME.replace("000000047", "47"), f"{NAME}\n",
    ],
)  # fmt: skip
def test_what_is_not_ours_has_no_name(strange: str) -> None:
    assert BackupName.read(strange) is None


def test_only_the_branchs_own_are_own_and_the_newest_is_first() -> None:
    older = NAME.replace("20261121", "20261120")
    names = [older, "holiday.jpg", NAME.replace("main-street", "other"), NAME.replace("0123abcd", "ffffffff"), NAME]
    assert [str(one) for one in own(names, "main-street", "0123abcd")] == [NAME, older]
    assert mark_of("one") != mark_of("two")


@pytest.mark.parametrize(
    ("wall", "stamp"),
    [
        (NOW, "20261121T160509Z"),
        (NOW + 3 * DAY_US, "20261124T160509Z"),
        (NOW - 20 * 365 * DAY_US, "20261121T160510Z"),
        (NOW + 20 * 365 * DAY_US, "20261121T160510Z"),
    ],
)
def test_a_clock_that_nobody_set_makes_no_backup_old_or_new(wall: int, stamp: str) -> None:
    assert stamp_of(wall, Instant(NOW)) == stamp


@pytest.mark.parametrize(
    "text",
    ["/mnt/disk", "/mnt/a disk/é", "usb:FOLENI-BACK", "sftp://me@nas.local/backups", "sftp://me@[fe80::1]:2222/a/b", "s3://bucket",
     "s3://bucket/a/b"],
)  # fmt: skip
def test_a_place_is_read_as_it_is_shown(text: str) -> None:
    assert Where.parse(str(Where.parse(text))) == Where.parse(text)


@pytest.mark.parametrize(
    "text",
    ["", "mnt/disk", "usb:", "usb:a/b", "ftp://host/x", "sftp://host/x", "sftp://me@host", "sftp://me:secret@host/x", "s3://",
     "s3://bucket?x=1", "s3://me@bucket", "sftp://me@host:99999/x", "sftp://[::1/x"],
)  # fmt: skip
def test_what_is_no_place_is_refused_and_a_password_never_quoted(text: str) -> None:
    with pytest.raises(ValueError, match="must ") as refused:
        Where.parse(text)
    assert "secret" not in str(refused.value)


def test_a_server_needs_its_keys() -> None:
    with pytest.raises(ValueError, match="sftp needs key_file and host_key"):
        BackupTarget.model_validate({"to": "sftp://me@host/x"})
    with pytest.raises(ValueError, match="s3 needs endpoint and access_key and secret_file"):
        BackupTarget.model_validate({"to": "s3://bucket"})
