"""Where the door may send somebody, and what a colleague is called."""

import pytest

from branch_server.web.people.door_pages import mark_of, safe_next
from branch_server.web.people.people_routes import free_id
from branch_server.web.people.signing import keys_of
from branch_server.web.people.trail import Place, place_of


@pytest.mark.parametrize("path", ["/console", "/admin/audit?number=A042&from=2026-11-01", "/t/x#y", "/"])
def test_a_path_of_ours_is_gone_to(path: str) -> None:
    assert safe_next(path) == path


@pytest.mark.parametrize(
    "path",
    ["", "console", "//evil.example", "/\\evil.example", "/a\\b", "https://evil.example", "javascript:alert(1)", "/a\r\nX: y",
     "/\t/evil.example", "/sign-in?next=/sign-in", "/api/v1/session"],
)  # fmt: skip
def test_any_other_address_is_not(path: str) -> None:
    assert safe_next(path) == ""


@pytest.mark.parametrize(
    ("name", "taken", "made"),
    [
        ("Jean Uwase", set(), "jean-uwase"), ("Éloïse  d'Arc", set(), "eloise-d-arc"), ("Eve", {"eve"}, "eve-2"),
        ("Eve", {"eve", "eve-2"}, "eve-3"), ("فاطمة", set(), "staff"), ("x" * 90, set(), "x" * 24),
    ],
)  # fmt: skip
def test_an_id_is_made_of_the_name_and_is_free(name: str, taken: set[str], made: str) -> None:
    assert free_id(name, taken) == made


def test_a_name_has_a_mark() -> None:
    assert [mark_of(name) for name in ("Ada", "Marie Claire Uwase", " ", "علي بن علي")] == ["A", "MU", "", "عع"]


def test_a_house_counts_as_one_address() -> None:
    assert keys_of("eve", "10.0.0.5") == ("staff:eve", "address:10.0.0.5")
    assert keys_of("eve", "2001:db8::1") == keys_of("eve", "2001:db8::ffff")
    assert keys_of("eve", "2001:db8::1") != keys_of("eve", "2001:db8:0:1::1")
    assert keys_of("eve", "no address at all") == ("staff:eve", "address:no address at all")


@pytest.mark.parametrize("text", ["", "-", "x-y", "1", "-1", "99999999999999999999-1", "\uff11-2", "1-2-3"])
def test_a_place_in_the_log_that_is_none_does_no_harm(text: str) -> None:
    place = place_of(text)
    assert all(part is None or 0 <= part < 10**15 for part in (place.n, place.seq))


def test_a_place_in_the_log_survives_its_address() -> None:
    assert place_of(str(Place(12, 345))) == Place(12, 345)
    assert place_of(str(Place(None, 0))) == Place(None, 0)
