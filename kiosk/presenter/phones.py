"""Phone numbers as they are typed on a keypad."""

import phonenumbers

MOST_DIGITS = 16


def typed_more(typed: str, key: str) -> str:
    """What is typed after one more key, a digit or a leading `+`."""
    fits = len(typed) < MOST_DIGITS and ((key.isdecimal() and key.isascii() and len(key) == 1) or (key == "+" and not typed))
    return typed + key if fits else typed


def e164(typed: str, region: str) -> str | None:
    """`+250788123456`; None where `typed` is no valid number, seen from a region."""
    try:
        number = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def spaced(typed: str, region: str) -> str:
    """`0788 123 456`: what is typed, as people of the region write it."""
    formatter = phonenumbers.AsYouTypeFormatter(region)
    shown = ""
    for key in typed:
        shown = formatter.input_digit(key)
    return shown
