"""A text message is as short as it can be, and never torn within a letter."""

import pytest

from cloud.notices.lengths import fitted, folded, is_gsm, parts, shortened


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 151, 2),  # the escaped letter goes over to the second part whole
        ("a" * 152 + "€" + "a" * 152, 3),
        ("ب" * 70, 1),
        ("ب" * 71, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("ب" * 66 + "😀" + "ب" * 65, 2),
        ("ب" * 66 + "😀" + "ب" * 66, 3),  # two halves of one letter stay together
        ("", 1),
    ],
)
def test_parts_are_counted_as_networks_do(text: str, count: int) -> None:
    assert parts(text) == count


def test_accents_that_the_network_lacks_are_left_away_and_other_scripts_are_kept() -> None:
    assert folded("Vous êtes à l\u2019hôpital \u2014 \u201cdéjà\u201d") == 'Vous etes à l\'hopital - "déjà"'
    assert folded("não é ção") == "nao é cao"
    assert folded("حان دورك") == "حان دورك"
    assert is_gsm(folded("Vous êtes ici"))


def test_accents_stay_where_leaving_them_away_saves_nothing() -> None:
    assert fitted(lambda room: "Vous êtes là") == "Vous êtes là"


def test_names_are_cut_only_as_far_as_it_saves_a_part() -> None:
    name = "The Very Long Branch Name of Somewhere"
    assert name in fitted(lambda room: "x" * 100 + shortened(name, room))
    text = fitted(lambda room: "x" * 140 + shortened(name, room))
    assert parts(text) == 1
    assert name not in text


def test_what_cannot_be_short_keeps_its_names() -> None:
    name = "Somewhere far away from here"
    assert name in fitted(lambda room: "x" * 200 + shortened(name, room))


def test_a_name_is_cut_between_words() -> None:
    assert shortened("Rue Principale de Kigali", 18) == "Rue Principale."
    assert shortened("Hauptstrassenfiliale", 12) == "Hauptstrass."
    assert shortened("Cash", 12) == "Cash"
