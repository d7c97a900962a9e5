"""What may be a PIN or a password."""

import pytest

from branch_server.web.people.choosing import Fault, fault_of


@pytest.mark.parametrize("secret", ["482913", "90381746", "a horse, a key", "Ωμέγα και άλφα", "correct-horse", "13572468"])
def test_what_is_hard_to_guess_is_taken(secret: str) -> None:
    assert fault_of(secret, "eve", "Eve") is None


@pytest.mark.parametrize(
    ("secret", "fault"),
    [
        ("", Fault.TOO_SHORT), ("48291", Fault.TOO_SHORT), ("ninechars", Fault.TOO_SHORT), ("٤٨٢٩١٣", Fault.TOO_SHORT),
        ("x" * 129, Fault.TOO_LONG), ("000000", Fault.TOO_EASY), ("1111111111", Fault.TOO_EASY), ("123456", Fault.TOO_EASY),
        ("1234567890", Fault.TOO_EASY), ("987654", Fault.TOO_EASY), ("121212", Fault.TOO_EASY), ("123123", Fault.TOO_EASY),
        ("aaaaaaaaaaaa", Fault.TOO_EASY), ("abcabcabcabc", Fault.TOO_EASY), ("jean-baptiste", Fault.IS_NAME),
        ("Jean Baptiste", Fault.IS_NAME),
    ],
)  # fmt: skip
def test_what_is_easy_to_guess_is_refused(secret: str, fault: Fault) -> None:
    assert fault_of(secret, "jean-baptiste", "Jean Baptiste") is fault
