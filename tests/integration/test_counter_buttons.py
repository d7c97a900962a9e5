"""MQTT buttons through a real Mosquitto, each in its maker's own form: one press of a person is one action, or it is void."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from counter.buttons.buttons import Binding, Buttons
from counter.buttons.forms import Form
from counter.desk.loop import Loop
from counter.presses import ONE_BUTTON, Action, Gesture
from foleni.link.link import Handlers
from foleni.settings import MqttUrl
from tests.support.broker import Broker
from tests.support.peer import Peer
from tests.support.waiting import until

ROOT = Path(__file__).resolve().parents[2]
QUIET_S = 0.35


class Pad:
    """Buttons at work: `pressed` is what they told."""

    def __init__(self, url: MqttUrl, *bindings: Binding) -> None:
        self.pressed: list[tuple[str, Action]] = []
        self.loop = Loop()
        self.dead: list[str] = []
        self.buttons = Buttons(url, "pad-1", bindings, self._press, self.loop, Handlers(on_dead=self.dead.append))

    def _press(self, device: str, action: Action) -> None:
        self.pressed.append((device, action))

    @property
    def actions(self) -> list[Action]:
        return [action for _, action in self.pressed]

    @contextmanager
    def running(self) -> Iterator["Pad"]:
        self.loop.start()
        self.buttons.start()
        until(lambda: self.buttons.link.is_up)
        try:
            yield self
        finally:
            self.buttons.stop()
            self.loop.stop()
            assert self.dead == []


def rule(topic: str, form: Form, device: str = "pad-1") -> Binding:
    return Binding(topic, form, device, ONE_BUTTON)


def quiet() -> None:
    """A person takes a breath between two presses."""
    threading.Event().wait(QUIET_S)


def send(peer: Peer, topic: str, *payloads: bytes) -> None:
    for payload in payloads:
        assert peer.link.publish(topic, payload)
        quiet()


GEN2 = (
    b'{"src":"shellyplusi4-a8032abe54dc","dst":"shellyplusi4-a8032abe54dc/events","method":"NotifyEvent","params":'
    b'{"ts":1700000000.12,"events":[{"component":"input:0","id":0,"event":"%s","ts":1700000000.12}]}}'
)
SOURCES: Sequence[tuple[Form, str, str, tuple[bytes, ...]]] = [
    (
        Form.ZIGBEE2MQTT, "zigbee2mqtt/+", "zigbee2mqtt/Desk 1",
        (b'{"action":"single","battery":100,"linkquality":76}', b'{"action":"","battery":100}', b'{"action":"double"}',
         b'{"action":"hold"}'),
    ),
    (
        Form.TASMOTA, "stat/desk/#", "stat/desk/BUTTON1",
        (b'{"ACTION":"SINGLE"}', b'{"ACTION":"DOUBLE"}', b'{"ACTION":"HOLD"}'),
    ),
    (
        Form.TASMOTA, "stat/+/RESULT", "stat/desk/RESULT",
        (b'{"Button1":{"Action":"SINGLE"}}', b'{"POWER":"ON"}', b'{"Button1":{"Action":"DOUBLE"}}',
         b'{"Button1":{"Action":"HOLD"}}'),
    ),
    (Form.ESPHOME, "pad/event/call/state", "pad/event/call/state",
     (b'{"event_type":"single"}', b'{"event_type":"double"}', b'{"event_type":"long"}')),
    (
        Form.SHELLY1, "shellies/+/input_event/0", "shellies/shellybutton1-A4CF12/input_event/0",
        (b'{"event":"S","event_cnt":6}', b'{"event":"S","event_cnt":7}', b'{"event":"S","event_cnt":7}',
         b'{"event":"SS","event_cnt":8}', b'{"event":"L","event_cnt":9}', b'{"event":"L","event_cnt":9}'),
    ),
    (
        Form.SHELLY2, "+/events/rpc", "shellyplusi4-a8032abe54dc/events/rpc",
        (GEN2 % b"btn_down", GEN2 % b"btn_up", GEN2 % b"single_push", GEN2 % b"double_push", GEN2 % b"long_push"),
    ),
    (Form.TEXT, "desk/button", "desk/button", (b"single", b"double", b"long")),
]  # fmt: skip


@pytest.mark.parametrize(("form", "topic_filter", "topic", "payloads"), SOURCES)
def test_each_source_is_understood(
    broker: Broker, form: Form, topic_filter: str, topic: str, payloads: tuple[bytes, ...]
) -> None:
    with Peer(broker.url, "maker") as maker, Pad(broker.url, rule(topic_filter, form)).running() as pad:
        send(maker.up(), topic, *payloads)
        until(lambda: len(pad.pressed) == 3)
        assert pad.actions == [Action.NEXT, Action.RECALL, Action.NO_SHOW]


def test_a_button_that_only_says_on_and_off_tells_single_double_and_long_apart(broker: Broker) -> None:
    topic = "pad/binary_sensor/call/state"
    with Peer(broker.url, "maker") as maker, Pad(broker.url, rule(topic, Form.ESPHOME)).running() as pad:
        link = maker.up().link
        for payload, wait_s in ((b"ON", 0.05), (b"OFF", 0.6), (b"ON", 0.05), (b"OFF", 0.1), (b"ON", 0.05), (b"OFF", 0.5)):
            link.publish(topic, payload, retain=True)
            threading.Event().wait(wait_s)
        until(lambda: len(pad.pressed) == 2)
        link.publish(topic, b"ON", retain=True)
        threading.Event().wait(0.9)
        link.publish(topic, b"OFF", retain=True)
        until(lambda: len(pad.pressed) == 3)
        assert pad.actions == [Action.NEXT, Action.RECALL, Action.NO_SHOW]


def test_a_retained_press_is_none(broker: Broker) -> None:
    with Peer(broker.url, "maker") as maker:
        maker.up().link.publish("desk/button", b"single", retain=True)
        maker.link.publish("shellies/x/input_event/0", b'{"event":"S","event_cnt":41}', retain=True)
        until(lambda: maker.link.in_flight == 0)
        pad = Pad(broker.url, rule("desk/button", Form.TEXT), rule("shellies/+/input_event/0", Form.SHELLY1))
        with pad.running():
            send(maker, "desk/button", b"double")
            until(lambda: pad.pressed)
            send(maker, "shellies/x/input_event/0", b'{"event":"S","event_cnt":42}')
            until(lambda: len(pad.pressed) == 2)
            assert pad.actions == [Action.RECALL, Action.NEXT]


def test_presses_made_while_nobody_listened_are_void(broker: Broker) -> None:
    bindings = (rule("desk/button", Form.TEXT), rule("shellies/+/input_event/0", Form.SHELLY1))
    with Peer(broker.url, "maker") as maker:
        with Pad(broker.url, *bindings).running() as pad:
            send(maker.up(), "desk/button", b"single")
            until(lambda: len(pad.pressed) == 1)
        send(maker, "desk/button", b"single")
        with Pad(broker.url, *bindings).running() as pad:
            send(maker, "desk/button", b"double")
            until(lambda: pad.pressed)
            assert pad.actions == [Action.RECALL]


def test_a_count_that_went_on_while_the_broker_was_away_is_no_press(tmp_path: Path) -> None:
    broker = Broker(tmp_path).start()
    topic = "shellies/x/input_event/0"
    with Peer(broker.url, "maker") as maker, Pad(broker.url, rule(topic, Form.SHELLY1)).running() as pad:
        send(maker.up(), topic, b'{"event":"S","event_cnt":1}', b'{"event":"S","event_cnt":2}')
        until(lambda: len(pad.pressed) == 1)
        broker.kill()
        until(lambda: not pad.buttons.link.is_up and maker.downs)
        broker.start()
        until(lambda: pad.buttons.link.is_up and len(maker.ups) == 2)
        send(maker, topic, b'{"event":"S","event_cnt":5}', b'{"event":"SS","event_cnt":6}')
        until(lambda: len(pad.pressed) == 2)
        assert pad.actions == [Action.NEXT, Action.RECALL]
    broker.kill()


def test_a_flood_acts_once_and_the_next_press_of_a_person_counts(broker: Broker) -> None:
    with Peer(broker.url, "maker") as maker, Pad(broker.url, rule("desk/button", Form.TEXT)).running() as pad:
        maker.up()
        for _ in range(5000):
            maker.link.publish("desk/button", b"single", qos=0)
        until(lambda: maker.link.in_flight == 0 and pad.pressed)
        quiet()
        quiet()
        assert pad.actions == [Action.NEXT]
        send(maker, "desk/button", b"single")
        until(lambda: len(pad.pressed) == 2)


def test_garbage_is_passed_over_and_told_once(broker: Broker, caplog: pytest.LogCaptureFixture) -> None:
    bindings = [rule(f"g/{form}", form) for form in Form]
    with Peer(broker.url, "maker") as maker, Pad(broker.url, *bindings).running() as pad:
        maker.up()
        for form in Form:
            for _ in range(20):
                for payload in (b"\xff\xfe", b"{", b"[" * 50_000, b"x" * 100_000, b"[]", b"null", b'{"action":{"a":1}}'):
                    maker.link.publish(f"g/{form}", payload)
        send(maker, "g/text", b"single")
        until(lambda: pad.pressed)
        assert pad.actions == [Action.NEXT]
    loud = [record for record in caplog.records if record.levelname == "WARNING" and "cannot be read" in record.message]
    assert 1 <= len(loud) <= len(Form)


def test_rules_lead_to_their_own_devices_and_meanings(broker: Broker) -> None:
    other = replace(rule("stat/+/BUTTON1", Form.TASMOTA, "pad-2"), actions={Gesture.SINGLE: Action.PARK})
    with Peer(broker.url, "maker") as maker, Pad(broker.url, rule("stat/a/BUTTON1", Form.TASMOTA), other).running() as pad:
        send(maker.up(), "stat/b/BUTTON1", b'{"ACTION":"SINGLE"}', b'{"ACTION":"DOUBLE"}')
        send(maker, "stat/a/BUTTON1", b'{"ACTION":"DOUBLE"}')
        until(lambda: len(pad.pressed) == 2)
        assert pad.pressed == [("pad-2", Action.PARK), ("pad-1", Action.RECALL)]


_FROZEN = """
import sys, threading
from counter.buttons.buttons import Binding, Buttons
from counter.buttons.forms import Form
from counter.desk.loop import Loop
from counter.presses import ONE_BUTTON
from foleni.link.link import Handlers
from foleni.settings import MqttUrl
loop = Loop()
press = lambda device, action: print(action, flush=True)
loop.start()
rule = Binding("desk/button", Form.TEXT, "pad-1", ONE_BUTTON)
Buttons(MqttUrl.parse(sys.argv[1]), "pad-1", [rule], press, loop, Handlers()).start()
sys.stdin.read()
"""


def test_presses_that_lay_unread_while_the_machine_stood_still_are_void(broker: Broker) -> None:
    command = [sys.executable, "-c", _FROZEN, str(broker.url)]
    with (
        Peer(broker.url, "maker") as maker,
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as agent,
    ):
        told: list[bytes] = []
        assert agent.stdout is not None
        threading.Thread(target=lambda: told.extend(agent.stdout or ()), daemon=True).start()
        maker.up()
        until(lambda: maker.link.publish("desk/button", b"double", qos=0) and told)
        quiet()
        told.clear()
        os.kill(agent.pid, signal.SIGSTOP)
        stopped_at = time.monotonic()
        send(maker, "desk/button", b"single", b"long")
        until(lambda: time.monotonic() - stopped_at > 3.5)
        os.kill(agent.pid, signal.SIGCONT)
        quiet()
        send(maker, "desk/button", b"double")
        until(lambda: told)
        assert told == [b"recall\n"]
        agent.communicate()
