"""What the makers of buttons publish, and what is read in it."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counter.buttons.buttons import Binding
from counter.buttons.forms import WORDS, Form, GarbageError, Word, read
from counter.presses import ONE_BUTTON, Gesture

SHELLY2 = (
    b'{"src":"shellyplusi4-a8032abe54dc","dst":"shellyplusi4-a8032abe54dc/events","method":"NotifyEvent","params":'
    b'{"ts":1656411234.56,"events":[{"component":"input:2","id":2,"event":"%s","ts":1656411234.56}]}}'
)


@pytest.mark.parametrize(
    ("form", "payload", "gesture"),
    [
        (Form.ZIGBEE2MQTT, b'{"action":"single","battery":100,"linkquality":76,"voltage":3000}', Gesture.SINGLE),
        (Form.ZIGBEE2MQTT, b'{"action":"double","last_seen":"2026-11-20T09:41:07Z"}', Gesture.DOUBLE),
        (Form.ZIGBEE2MQTT, b'{"action":"hold"}', Gesture.LONG),
        (Form.ZIGBEE2MQTT, b"long", Gesture.LONG),
        (Form.ZIGBEE2MQTT, b'{"action":"","battery":100}', None),
        (Form.ZIGBEE2MQTT, b'{"action":null}', None),
        (Form.ZIGBEE2MQTT, b'{"battery":100}', None),
        (Form.TASMOTA, b'{"ACTION":"SINGLE"}', Gesture.SINGLE),
        (Form.TASMOTA, b'{"Button1":{"Action":"DOUBLE"}}', Gesture.DOUBLE),
        (Form.TASMOTA, b'{"action":"hold"}', Gesture.LONG),
        (Form.TASMOTA, b'{"ACTION":"TRIPLE"}', None),
        (Form.TASMOTA, b'{"POWER":"ON"}', None),
        (Form.ESPHOME, b"single", Gesture.SINGLE),
        (Form.ESPHOME, b'{"event_type":"long"}', Gesture.LONG),
        (Form.SHELLY1, b'{"event":"S","event_cnt":2}', Gesture.SINGLE),
        (Form.SHELLY1, b'{"event":"SS","event_cnt":3}', Gesture.DOUBLE),
        (Form.SHELLY1, b'{"event":"L","event_cnt":4}', Gesture.LONG),
        (Form.SHELLY1, b'{"event":"","event_cnt":0}', None),
        (Form.SHELLY2, SHELLY2 % b"single_push", Gesture.SINGLE),
        (Form.SHELLY2, SHELLY2 % b"double_push", Gesture.DOUBLE),
        (Form.SHELLY2, SHELLY2 % b"long_push", Gesture.LONG),
        (Form.SHELLY2, SHELLY2 % b"btn_down", None),
        (Form.SHELLY2, b'{"method":"NotifyStatus","params":{"ts":1.5,"input:0":{"id":0,"state":true}}}', None),
        (Form.TEXT, b"Double\r\n", Gesture.DOUBLE),
    ],
)
def test_a_press_is_read_as_its_maker_writes_it(form: Form, payload: bytes, gesture: Gesture | None) -> None:
    meant = [WORDS[form].get(word.text) for word in read(form, payload)]
    assert [each for each in meant if each is not None] == ([] if gesture is None else [gesture])


@pytest.mark.parametrize("form", Form)
@given(payload=st.binary(max_size=100) | st.text(max_size=50).map(str.encode))
def test_anything_else_is_garbage_or_no_press(form: Form, payload: bytes) -> None:
    try:
        words = read(form, payload)
    except GarbageError:
        return
    assert all(len(word.text) <= 64 for word in words)


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("payload", [b"[" * 16_000, b"9" * 16_000, b'{"a":' * 3000, b"x" * 20_000, b"\xff", b'{"params":7}'])
def test_payloads_made_to_hurt_do_not(form: Form, payload: bytes) -> None:
    with suppress(GarbageError):
        assert len(read(form, payload)) <= 1


def test_one_button_of_many_is_picked_by_its_input() -> None:
    binding = Binding("t", Form.SHELLY2, "pad-1", ONE_BUTTON, input=2)
    assert binding.gesture(Word("single_push", 2)) is Gesture.SINGLE
    assert binding.gesture(Word("single_push", 0)) is None
    anyone = Binding("t", Form.SHELLY2, "pad-1", ONE_BUTTON)
    assert anyone.gesture(Word("single_push", 0)) is Gesture.SINGLE


def test_the_words_of_a_binding_replace_those_of_the_form() -> None:
    binding = Binding("t", Form.ZIGBEE2MQTT, "pad-1", ONE_BUTTON, {"brightness_up": Gesture.SINGLE})
    assert binding.gesture(Word("brightness_up")) is Gesture.SINGLE
    assert binding.gesture(Word("single")) is None
