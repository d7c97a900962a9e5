"""What people wish is read, and what cannot be read means the default."""

import pytest
from pydantic import ValidationError

from cloud.notices.occasions import Channel, Occasion
from cloud.notices.wishes import DEFAULT, Wishes, read


@pytest.mark.parametrize("text", [None, "", "{}", "nonsense", "[]", '{"channels": ["pigeon"]}', '{"silent": 7}'])
def test_without_readable_wishes_the_default_holds(text: str | None) -> None:
    assert read(text) == DEFAULT


def test_wishes_are_kept_as_json() -> None:
    wishes = Wishes(channels=(Channel.EMAIL, Channel.EMAIL, Channel.PUSH), silent=(Occasion.JOINED,))
    assert wishes.channels == (Channel.EMAIL, Channel.PUSH)
    assert read(wishes.model_dump_json()) == wishes
    assert wishes.ways(Occasion.JOINED) == ()
    assert wishes.ways(Occasion.CALLED) == (Channel.EMAIL, Channel.PUSH)


def test_a_code_comes_by_sms_whatever_is_wished() -> None:
    assert Wishes(channels=(), silent=tuple(Occasion)).ways(Occasion.OTP) == (Channel.SMS,)


def test_unknown_ways_are_refused() -> None:
    with pytest.raises(ValidationError):
        Wishes.model_validate({"channels": ["pigeon"]})
