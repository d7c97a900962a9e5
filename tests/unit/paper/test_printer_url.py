"""Where a printer is, as it is written in the settings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.printer.url import Flow, PrinterUrl, checked


def test_the_urls_of_the_contract_are_understood() -> None:
    assert (PrinterUrl.parse("tcp://10.0.0.7:9100").host, PrinterUrl.parse("tcp://10.0.0.7").port) == ("10.0.0.7", 9100)
    assert PrinterUrl.parse("tcp://[::1]:9101").host == "::1"
    usb = PrinterUrl.parse("usb://04b8:0e15")
    assert (usb.vendor, usb.product) == (0x04B8, 0x0E15)
    serial = PrinterUrl.parse("serial:///dev/ttyUSB0?baud=19200&flow=rtscts")
    assert (serial.path, serial.baud, serial.flow) == ("/dev/ttyUSB0", 19_200, Flow.RTSCTS)
    assert PrinterUrl.parse("serial:///dev/ttyUSB0").baud == 115_200
    assert PrinterUrl.parse("file:///tmp/a%20b").path == "/tmp/a b"
    assert PrinterUrl.parse("dummy://").scheme == "dummy"


def test_files_and_dummies_are_never_asked_and_others_may_be_told_not_to_be() -> None:
    assert not PrinterUrl.parse("file:///dev/usb/lp0").answers
    assert not PrinterUrl.parse("dummy://").answers
    assert PrinterUrl.parse("tcp://printer").answers
    assert not PrinterUrl.parse("tcp://printer?answers=no").answers


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("printer", "must be tcp://"),
        ("lpr://printer", "must be tcp://"),
        ("tcp://", "tcp://host:9100"),
        ("tcp://host:99999", "cannot be read"),
        ("tcp://host/queue", "tcp://host:9100"),
        ("tcp://host?baud=9600", "knows no option 'baud'"),
        ("usb://printer", "hexadecimal"),
        ("serial://ttyUSB0", "absolute path"),
        ("serial:///dev/ttyUSB0?baud=12", "baud must be one of"),
        ("serial:///dev/ttyUSB0?flow=paper", "flow must be one of"),
        ("file://relative", "absolute path"),
        ("file:///folder/", "absolute path"),
        ("dummy://host", "must be tcp://"),
        ("tcp://host?answers=maybe", "answers must be one of"),
    ],
)
def test_a_wrong_url_says_what_is_wrong(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why.replace("?", r"\?")):
        checked(url)


@given(st.text(max_size=40), st.sampled_from(["", "tcp://", "usb://", "serial:///", "file:///"]))
def test_any_text_is_a_url_or_a_value_error(text: str, scheme: str) -> None:
    try:
        url = PrinterUrl.parse(scheme + text)
    except ValueError:
        return
    assert str(url) == scheme + text
