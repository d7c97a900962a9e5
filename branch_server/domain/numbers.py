"""The numbers on tickets: the branch server's own, and the series of issuers that could not reach it."""

from itertools import count

from branch_server.domain.refusals import Refused
from branch_server.domain.state import State
from foleni.messages.replies import Code


def next_number(state: State, prefix: str) -> str:
    """`A001`, `A002` … `A999`, `A1000`: the next number of a prefix that nobody has today.

    A paper of another series can spell the same, where prefixes were changed during the day.
    """
    candidates = (f"{prefix}{number:03d}" for number in count(state.last_number.get(prefix, 0) + 1))
    return next(number for number in candidates if number not in state.numbers)


def check_offline_number(number: str, prefix: str, letter: str | None) -> None:
    """Refuses a number that is not of the series that the issuer with this letter may give."""
    if letter is None:
        raise Refused(Code.NOT_ALLOWED, "Only an issuer with a letter of its own may give numbers.")
    digits = number.removeprefix(prefix + letter)
    if digits == number or not digits.isdecimal() or len(digits) < 2 or int(digits) == 0:
        raise Refused(Code.INVALID, f"{number} is not of this issuer's series, {prefix}{letter}01 and up.")


def check_series(prefixes: dict[str, str], letters: dict[str, str]) -> None:
    """Refuses a setup in which two series could give the same number.

    `prefixes` is each service's prefix, `letters` each issuer's letter.
    """
    _check_unique(prefixes, "prefix")
    _check_unique(letters, "issuer letter")
    owners = {prefix: service for service, prefix in prefixes.items()}
    for service, prefix in prefixes.items():
        for issuer, letter in letters.items():
            clash = owners.get(prefix + letter)
            if clash is not None:
                raise Refused(
                    Code.INVALID,
                    f"Prefix {prefix} of {service} and letter {letter} of {issuer} spell {prefix}{letter}, "
                    f"the prefix of {clash}.",
                )


def _check_unique(named: dict[str, str], what: str) -> None:
    seen: dict[str, str] = {}
    for owner, value in named.items():
        if value in seen:
            raise Refused(Code.INVALID, f"{seen[value]} and {owner} have the same {what} {value}.")
        seen[value] = owner
