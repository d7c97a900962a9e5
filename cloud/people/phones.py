"""Phone numbers: E.164, and only those that somebody can have."""

import re
from typing import Annotated

import phonenumbers
from pydantic import BeforeValidator

_WRITTEN = re.compile(r"\+[0-9 ()./-]{6,40}")


def checked_phone(text: object) -> str:
    """A number as E.164, however it was spaced; raises `ValueError` for what no network would give out."""
    if not isinstance(text, str) or not _WRITTEN.fullmatch(text.strip()):
        raise ValueError("must be a phone number with its country code, such as +250788100100")
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        raise ValueError("must be a phone number with its country code, such as +250788100100") from None
    if not phonenumbers.is_valid_number(number):
        raise ValueError("is no phone number that anybody has")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def masked(phone: str) -> str:
    """A number that its owner knows again, and nobody else learns: `+250…00`."""
    return f"{phone[:4]}…{phone[-2:]}" if phone else ""


PhoneNumber = Annotated[str, BeforeValidator(checked_phone)]
"""A field of a body."""
