"""Questions and answers through a real Mosquitto, and what is handed in from the outbox."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

import pytest

from foleni.ids import uuid7
from foleni.link.asker import Answer, Asker, NoAnswer, NoAnswerError
from foleni.link.backoff import Backoff
from foleni.link.courier import Courier
from foleni.link.link import Handlers, Link
from foleni.link.outbox import MemoryOutbox
from foleni.link.packets import Incoming
from foleni.link.wire import Subscription
from foleni.messages.commands import CallNext, Channel, Command, Join, parse_command
from foleni.messages.replies import Code, Reply, refusal
from foleni.settings import MqttUrl
from foleni.topics import Topics
from tests.support.broker import Broker
from tests.support.waiting import until

TOPICS = Topics("main")
Answering = Callable[[Command, int], Reply | None]


class Server:
    """Answers commands by `answer`, given each command and how often it came; None leaves it unanswered."""

    def __init__(self, url: MqttUrl, answer: Answering) -> None:
        self.seen: list[Command] = []
        self.expiries: list[int | None] = []
        self.ups: list[bool] = []
        self._answer = answer
        subscriptions = [Subscription(TOPICS.commands(Topics.ANY))]
        self._link = Link(url, "server", subscriptions, Handlers(self._take, self.ups.append), backoff=quick())

    def _take(self, incoming: Incoming) -> None:
        command = parse_command(incoming.payload)
        self.seen.append(command)
        self.expiries.append(incoming.expiry_s)
        reply = self._answer(command, sum(other.id == command.id for other in self.seen))
        if reply is not None:
            self._link.publish(incoming.topic.replace("commands", "replies"), reply.to_wire())

    @contextmanager
    def running(self) -> Iterator["Server"]:
        self._link.start()
        until(lambda: self.ups)
        yield self
        self._link.stop()


class Device:
    """A link and its asker, wired as a device does it."""

    def __init__(self, url: MqttUrl) -> None:
        self.ups: list[bool] = []
        self.others: list[Incoming] = []
        self.link: Link
        subscriptions = [Subscription(TOPICS.replies("kiosk-1"))]
        self.link = Link(url, "kiosk-1", subscriptions, Handlers(self._take, self._up), backoff=quick())
        self.asker = Asker(self.link, TOPICS, "kiosk-1")

    def _take(self, incoming: Incoming) -> None:
        if not self.asker.take(incoming):
            self.others.append(incoming)

    def _up(self, session_present: bool) -> None:
        self.asker.repeat()
        self.ups.append(session_present)

    @contextmanager
    def running(self) -> Iterator["Device"]:
        self.link.start()
        self.asker.start()
        until(lambda: self.ups)
        yield self
        self.asker.stop()
        self.link.stop()


def quick() -> Backoff:
    return Backoff(0.05, 0.1)


def join() -> Join:
    return Join(id=uuid7(), service="cash", channel=Channel.KIOSK)


def press() -> CallNext:
    return CallNext(id=uuid7(), counter="c1")


def yes(command: Command, _times: int = 1) -> Reply:
    return Reply(command=command.id, ok=True, seq=1, result={"number": "A001"})


def silence(_command: Command, _times: int) -> None:
    return None


def test_a_request_gets_its_own_reply(broker: Broker) -> None:
    with Server(broker.url, yes).running() as server, Device(broker.url).running() as device:
        commands: list[Command] = [join() if number % 2 else press() for number in range(40)]
        replies: dict[str, Reply] = {}
        threads = [
            threading.Thread(target=lambda part=part: [replies.update({c.id: device.asker.request(c)}) for c in part])
            for part in (commands[:20], commands[20:])
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {name: reply.command for name, reply in replies.items()} == {c.id: c.id for c in commands}
        assert len(server.seen) == 40
        assert set(server.expiries) == {None, 5}


def test_an_unanswered_join_is_repeated_under_its_id(broker: Broker) -> None:
    with (
        Server(broker.url, lambda command, times: yes(command) if times == 2 else None).running() as server,
        Device(broker.url).running() as device,
    ):
        command = join()
        assert device.asker.request(command, 60).ok
        assert [seen.id for seen in server.seen] == [command.id, command.id]


def test_a_join_asked_while_the_broker_is_away_is_answered_when_it_is_back(broker: Broker) -> None:
    with Server(broker.url, yes).running() as server, Device(broker.url).running() as device:
        broker.kill()
        until(lambda: not device.link.is_up)
        answer: Future[Answer] = Future()
        device.asker.ask(join(), answer.set_result)
        broker.start()
        until(lambda: len(server.ups) == 2)
        assert isinstance(answer.result(60), Reply)


def test_a_request_is_given_up_when_its_time_is_over(broker: Broker) -> None:
    with Device(broker.url).running() as device:
        with pytest.raises(NoAnswerError) as fault:
            device.asker.request(join(), 0.1)
        assert fault.value.why is NoAnswer.GIVEN_UP


def test_an_unanswered_press_goes_out_once_and_is_void(broker: Broker) -> None:
    with Server(broker.url, silence).running() as server, Device(broker.url).running() as device:
        with pytest.raises(NoAnswerError) as fault:
            device.asker.request(press(), 60)
        assert fault.value.why is NoAnswer.VOID
        assert len(server.seen) == 1


def test_a_press_without_a_link_is_void_at_once(broker: Broker) -> None:
    device = Device(broker.url)
    answers: list[Answer] = []
    device.asker.ask(press(), answers.append)
    assert answers == [NoAnswer.VOID]
    device.link.stop()


def test_one_id_is_asked_once_at_a_time_and_stopping_ends_every_question(broker: Broker) -> None:
    answers: list[Answer] = []
    with Device(broker.url).running() as device:
        command = join()
        device.asker.ask(command, answers.append)
        with pytest.raises(ValueError, match="already"):
            device.asker.ask(command, answers.append)
    assert answers == [NoAnswer.GIVEN_UP]
    device.asker.ask(join(), answers.append)
    assert answers == [NoAnswer.GIVEN_UP] * 2


def test_unreadable_and_unexpected_replies_harm_nobody(broker: Broker) -> None:
    with Server(broker.url, yes).running(), Device(broker.url).running() as device:
        for payload in (b"", b"[]", b"\xff", b'{"command":1}', yes(join()).to_wire()):
            device.link.publish(TOPICS.replies("kiosk-1"), payload)
        assert device.asker.request(join()).ok
        assert device.others == []


def test_the_courier_hands_in_what_waits_in_order_until_it_is_answered(broker: Broker) -> None:
    commands = [join() for _ in range(4)]
    outbox = MemoryOutbox()
    answered: list[tuple[str, bool]] = []

    def answer(command: Command, times: int) -> Reply:
        if command.id == commands[1].id and times == 1:
            return refusal(command.id, Code.UNAVAILABLE, "not now")
        return refusal(command.id, Code.SERVICE_CLOSED, "no") if command.id == commands[2].id else yes(command)

    for command in commands[:3]:
        outbox.put(command)
    with Server(broker.url, answer).running() as server, Device(broker.url).running() as device:
        courier = Courier(outbox, device.asker, lambda c, reply: answered.append((c.id, reply.ok)), backoff=quick())
        courier.start()
        until(lambda: len(answered) == 3)
        outbox.put(commands[3])
        courier.nudge()
        until(lambda: len(answered) == 4)
        courier.stop()
        assert outbox.pending() == []
        asked = [seen.id for seen in server.seen]
    assert answered == [(command.id, command is not commands[2]) for command in commands]
    assert asked == [commands[index].id for index in (0, 1, 1, 2, 3)]


def test_a_stopped_courier_leaves_what_is_not_answered(broker: Broker) -> None:
    outbox = MemoryOutbox()
    outbox.put(join())
    with Server(broker.url, silence).running() as server, Device(broker.url).running() as device:
        courier = Courier(outbox, device.asker)
        courier.start()
        until(lambda: server.seen)
        begun = time.monotonic()
        courier.stop()
        assert time.monotonic() - begun < 5
    assert len(outbox.pending()) == 1
