"""A membership is there whole or not at all, whenever the power goes, and nobody else reads it."""

import itertools
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from foleni.joining import keys
from foleni.joining.membership import Home, HomeError, Membership
from foleni.settings import MqttUrl
from tests.support.joining_members import NOW, Authority, member

PEMS = ("device.key", "device.pem", "ca.pem")
BELONGINGS = ("tickets.db", "tickets.db-wal")
MOST_STEPS = 100
"""More than there are."""
TO_THE_DISK = ("open", "fsync", "replace", "rename", "unlink", "mkdir", "fdopen")
DIED = 9


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def _dying(at: int, deed: Callable[[], object]) -> bool:
    """Whether the power went before the deed was done, with `at` calls to the disk done before. It is done in a process of its
    own, which ends as one does whose power goes.
    """
    child = os.fork()
    if child == 0:
        try:
            _count_down(at)
            deed()
            os._exit(0)
        finally:
            os._exit(1)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in {0, DIED}
    return status == DIED


def _count_down(left: int) -> None:
    calls = itertools.count()

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **more: object) -> object:
            if next(calls) >= left:
                os._exit(DIED)
            return real(*arguments, **more)

        return call

    for name in TO_THE_DISK:
        setattr(os, name, counted(getattr(os, name)))


def test_what_is_kept_is_there_again_with_files_for_tls_and_closed_to_others(tmp_path: Path, authority: Authority) -> None:
    home, kept = Home(tmp_path / "data"), member(authority)
    assert home.member() is None
    home.keep(kept)
    assert Home(tmp_path / "data").member() == kept
    assert [(home.folder / name).read_text() for name in PEMS] == [kept.key, kept.certificate, kept.ca]
    assert {(home.folder / name).stat().st_mode & 0o777 for name in ("membership.json", "device.key")} == {0o600}
    assert kept.password not in repr(kept)
    assert "PRIVATE" not in repr(kept)


def test_a_power_cut_at_any_step_leaves_the_old_membership_or_the_new_one(tmp_path: Path, authority: Authority) -> None:
    old, new = member(authority), member(authority, "kiosk-2")
    seen = set()
    died = True
    for at in range(MOST_STEPS):
        folder = tmp_path / f"data-{at}"
        Home(folder).keep(old)
        died = _dying(at, partial(Home(folder).keep, new))
        found = Home(folder).member()
        assert found is not None
        pems = [(folder / name).read_text() for name in PEMS]
        assert pems == [found.key, found.certificate, found.ca], "the files are those of the membership"
        seen.add(found.device)
        if not died:
            break
    assert (seen, died) == ({"kiosk-1", "kiosk-2"}, False)


def test_a_power_cut_while_tickets_are_kept_aside_parts_no_database_from_its_log(tmp_path: Path) -> None:
    died = True
    for at in range(MOST_STEPS):
        folder = tmp_path / f"data-{at}"
        folder.mkdir()
        for name in BELONGINGS:
            (folder / name).write_text(name)
        died = _dying(at, partial(Home(folder).set_aside, BELONGINGS))
        Home(folder).set_aside(BELONGINGS)
        kept = [sorted(path.name for path in each.iterdir()) for each in (folder / "kept").iterdir()]
        assert kept == [sorted(BELONGINGS)]
        if not died:
            break
    assert not died


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"branch": "main"}', b"\xff\x00"])
def test_a_damaged_membership_is_put_aside_and_counts_as_none(
    damage: bytes, tmp_path: Path, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    home = Home(tmp_path)
    home.keep(member(authority))
    (tmp_path / "membership.json").write_bytes(damage)
    assert home.member() is None
    assert (tmp_path / "membership.json.damaged").read_bytes() == damage
    assert "is damaged and put aside" in caplog.text
    assert "s:e/c%r?t&" not in caplog.text


def test_a_disk_that_does_not_work_is_told_in_words(tmp_path: Path, authority: Authority) -> None:
    (tmp_path / "file").touch()
    home = Home(tmp_path / "file" / "data")
    with pytest.raises(HomeError, match="cannot be"):
        home.keep(member(authority))
    with pytest.raises(HomeError, match="cannot be read"):
        home.member()


def test_forgetting_leaves_nothing_but_what_the_branch_may_still_want(tmp_path: Path, authority: Authority) -> None:
    home = Home(tmp_path)
    home.keep(member(authority))
    (tmp_path / "tickets.db").write_text("tickets")
    assert home.forget(BELONGINGS) == tmp_path / "kept" / "main-kiosk-1-1"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert home.forget(BELONGINGS) is None


def test_the_address_of_the_broker_has_all_that_tls_needs(tmp_path: Path, authority: Authority) -> None:
    url = member(authority).mqtt(tmp_path / "a folder")
    assert (url.host, url.port, url.user, url.password, url.tls) == ("10.0.0.1", 8883, "kiosk-1", "s:e/c%r?t&", True)
    assert url == MqttUrl.parse(url.in_full)
    assert "s:e" not in str(url)


def test_a_branch_decides_settings_but_never_where_a_box_keeps_its_data_or_whom_it_believes(authority: Authority) -> None:
    wishes = {"staff-code": "0815", "data": "/", "mqtt": "mqtt://evil", "server": "evil:1", "forget": "yes", "device": "x"}
    decided = member(authority, settings=wishes).decided(Path("/data"))
    assert decided.keys() == {"staff_code", "mqtt", "branch", "device"}
    assert (decided["device"], str(decided["mqtt"]).partition("?")[0]) == ("kiosk-1", "mqtts://kiosk-1:***@10.0.0.1:8883")


def test_another_branch_of_the_same_name_is_another_branch(authority: Authority) -> None:
    mine = member(authority)
    assert mine.identity == member(authority).identity
    assert mine.identity != member(Authority()).identity
    assert mine.identity != member(authority, "kiosk-2").identity
    assert [mine.fits("kiosk", None), mine.fits("kiosk", "main"), mine.fits("kiosk", "market"), mine.fits("display", None)] == [
        True, True, False, False,
    ]  # fmt: skip
    assert not mine.model_copy(update={"cut_off": True}).fits("kiosk", None)


def test_a_certificate_is_renewed_half_way_to_its_end_and_after_it(authority: Authority) -> None:
    request = keys.signing_request(keys.new_key())
    due = [keys.is_due(authority.sign(request, days), NOW) for days in (1825, 913, 912, 1, -1)]
    assert due == [False, False, True, True, True]


def test_only_a_certificate_of_the_own_key_and_of_the_branch_fits(authority: Authority) -> None:
    key = keys.new_key()
    good = authority.sign(keys.signing_request(key))
    keys.check_pair(good, key, authority.pem)
    with pytest.raises(keys.CertificateError, match="another key"):
        keys.check_pair(good, keys.new_key(), authority.pem)
    with pytest.raises(keys.CertificateError, match="not signed by"):
        keys.check_pair(good, key, Authority().pem)
    with pytest.raises(keys.CertificateError, match="no certificate"):
        keys.check_pair("-----BEGIN nothing", key, authority.pem)


def test_of_two_authorities_none_is_believed(authority: Authority) -> None:
    assert keys.one_certificate(f"words\n{authority.pem}\n") == authority.pem
    with pytest.raises(keys.CertificateError, match="more than one"):
        keys.one_certificate(authority.pem + Authority().pem)


def test_a_membership_of_a_later_release_is_read_too(tmp_path: Path, authority: Authority) -> None:
    text = member(authority).model_dump_json().replace('"branch"', '"later": {"a": 1}, "branch"', 1)
    (tmp_path / "membership.json").write_text(text)
    found = Home(tmp_path).member()
    assert isinstance(found, Membership)
