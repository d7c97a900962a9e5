"""Messages go out over real HTTP, whatever their providers do; what comes back is noted."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
import redis
import requests

from cloud.notices.occasions import Occasion
from cloud.notices.outbox import TOPIC
from cloud.pages import PHONE_LANGUAGES
from cloud.site import wall_clock
from cloud.store.database import Database
from tests.support import notices
from tests.support.gateway import SECRET, Gateway, SendingCloud, africastalking, twilio
from tests.support.notices import LINK, is_opted_out
from tests.support.redis import RedisServer
from tests.support.waiting import PATIENCE_S, until

POLITE_S = 0.05
_numbers = count(1)


@dataclass
class Hall:
    """A cloud that sends SMS by Africa's Talking, and by Twilio where that fails; both are one gateway."""

    gateway: Gateway
    cloud: SendingCloud
    database: Database
    bells: redis.Redis

    def put(self, kind: Occasion = Occasion.CALLED, **more: Any) -> str:
        """The mark of a new message, which is also the number that it tells."""
        mark = f"M{next(_numbers):03d}"
        values = {**notices.VALUES, "number": mark}
        assert notices.put(self.database, kind, mark, wall_clock(), values=values, **more) >= 1
        self.ring()
        return mark

    def ring(self) -> None:
        """As whoever puts a message out does after the commit."""
        self.bells.publish(f"foleni:{TOPIC}", b"")

    def hurry(self, mark: str) -> None:
        notices.hurry(self.database, mark)
        self.ring()

    def until_is(self, state: str, mark: str, channel: str = "sms") -> Any:
        """The row, once it is in this state."""
        until(lambda: notices.state(self.database, mark, channel) == state, PATIENCE_S, POLITE_S)
        return notices.row(self.database, mark, channel)

    def until_tried(self, mark: str, attempts: int) -> None:
        """So many attempts have failed, and it waits for the next one."""

        def waits() -> bool:
            found = notices.row(self.database, mark)
            return bool(found.fault and found.attempts == attempts and found.claimed_until is None)

        until(waits, PATIENCE_S, POLITE_S)

    def hook(self, path: str, form: dict[str, str] | bytes) -> requests.Response:
        return requests.post(f"{self.cloud.url}/hooks/{path}", data=form, timeout=PATIENCE_S)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    folder = tmp_path_factory.mktemp("sending")
    database = notices.opened(notices.sqlite_at(folder))
    with RedisServer() as bells, Gateway(folder) as gateway:
        providers = africastalking(gateway.url, timeout_s=1.0, at_once=4) + twilio(gateway.url, timeout_s=1.0, at_once=4)
        with SendingCloud(folder, notices.sqlite_at(folder), providers, ["--redis", bells.url]) as cloud:
            yield Hall(gateway, cloud, database, redis.Redis.from_url(bells.url))
    database.close()


@pytest.fixture
def hall(opened: Hall) -> Hall:
    opened.gateway.is_well_for(opened.cloud)
    return opened


def test_every_kind_arrives_in_every_language_and_is_reported(hall: Hall) -> None:
    marks = {hall.put(kind, language=language): kind for language in PHONE_LANGUAGES for kind in Occasion}
    rows = [hall.until_is("delivered", mark) for mark in marks]
    taken = {one["id"]: one for one in hall.gateway.messages()}
    for told, kind in zip(rows, marks.values(), strict=True):
        assert (told.provider, told.attempts, told.fault, told.kind) == ("africastalking", 1, None, kind)
        letter = taken.pop(told.provider_id)
        assert (letter["recipient"], letter["sender"]) == (notices.PHONE, "FOLENI")
        assert ("482913" if kind is Occasion.OTP else LINK) in letter["text"]


@pytest.mark.parametrize("mode", ["hang", "error", "garbage"])
def test_what_one_provider_does_not_take_another_one_does(hall: Hall, mode: str) -> None:
    hall.gateway.control(mode=mode, company="africastalking")
    mark = hall.put()
    hall.until_tried(mark, 1)
    hall.hurry(mark)
    told = hall.until_is("delivered", mark)
    assert (told.provider, told.attempts) == ("twilio", 2)
    assert [one["company"] for one in hall.gateway.messages(mark)] == ["twilio"]
    hall.gateway.is_well_for(hall.cloud)
    assert hall.until_is("delivered", hall.put()).provider == "africastalking", "it is trusted again"


def test_what_a_mute_provider_took_comes_twice(hall: Hall) -> None:
    """At least once: nobody can know that it was taken."""
    hall.gateway.control(mode="mute", company="africastalking")
    mark = hall.put()
    hall.until_tried(mark, 1)
    hall.hurry(mark)
    assert hall.until_is("delivered", mark).provider == "twilio"
    assert [one["company"] for one in hall.gateway.messages(mark)] == ["twilio", "africastalking"]
    hall.gateway.is_well_for(hall.cloud)
    hall.until_is("delivered", hall.put())


def test_after_three_attempts_it_is_over(hall: Hall) -> None:
    hall.gateway.control(mode="error")
    mark = hall.put()
    for attempt in (1, 2):
        hall.until_tried(mark, attempt)
        hall.hurry(mark)
    told = hall.until_is("failed", mark)
    assert (told.attempts, told.fault) == (3, "HTTP 500")
    hall.gateway.is_well_for(hall.cloud)
    hall.until_is("delivered", hall.put())


def test_a_number_that_is_none_is_not_tried_again(hall: Hall) -> None:
    hall.gateway.control(mode="refuse")
    told = hall.until_is("failed", hall.put())
    assert (told.attempts, told.fault) == (1, "403 InvalidPhoneNumber")


def test_what_the_network_lost_is_known_as_failed(hall: Hall) -> None:
    hall.gateway.control(mode="lose")
    assert hall.until_is("failed", hall.put()).fault == "Failed UserDoesNotExist"


def test_reports_that_come_again_change_nothing(hall: Hall) -> None:
    hall.gateway.control(mode="repeat")
    mark = hall.put()
    told = hall.until_is("delivered", mark)
    until(lambda: hall.gateway.messages(mark)[0]["reported"] == "200", PATIENCE_S, POLITE_S)
    late = {"id": told.provider_id, "status": "Failed"}
    assert hall.hook(f"africastalking/{SECRET}/reports", late).status_code == 200
    again = notices.row(hall.database, mark)
    assert (again.state, again.delivered_at) == ("delivered", told.delivered_at)
    assert len(hall.gateway.messages(mark)) == 1


def test_what_nobody_reports_about_is_sent(hall: Hall) -> None:
    hall.gateway.control(mode="silent")
    told = hall.until_is("sent", hall.put())
    assert told.sent_at
    assert told.delivered_at is None


def test_forged_reports_and_answers_are_refused(hall: Hall) -> None:
    hall.gateway.control(mode="silent")
    told = hall.until_is("sent", hall.put())
    report = {"id": told.provider_id, "status": "Success"}
    for path in ("africastalking/wrong", "africastalking", f"pigeon/{SECRET}", f"africastalking/{SECRET}x", "webpush/x"):
        assert hall.hook(f"{path}/reports", report).status_code in {403, 404}, path
    assert hall.hook("africastalking/wrong/inbound", {"from": notices.PHONE, "text": "STOP"}).status_code == 403
    assert (
        hall.hook(f"twilio/{SECRET}/reports", {"MessageSid": told.provider_id, "MessageStatus": "delivered"}).status_code == 200
    )
    assert notices.state(hall.database, told.once.partition(":")[0]) == "sent", "it is not that provider's message"
    assert not is_opted_out(hall.database)


@pytest.mark.parametrize("form", [b"", b"\xff\xfe", b"id", b"status=Success", b"a=1&" * 100, b"%00=%ff"])
def test_forms_that_cannot_be_read_are_refused(hall: Hall, form: bytes) -> None:
    for path in ("reports", "inbound"):
        answer = hall.hook(f"africastalking/{SECRET}/{path}", form)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")


def test_a_form_that_is_too_long_is_refused(hall: Hall) -> None:
    assert hall.hook(f"africastalking/{SECRET}/reports", b"id=" + b"x" * 40_000).status_code == 413


@pytest.mark.parametrize("company", ["africastalking", "twilio"])
def test_who_writes_stop_gets_codes_only_until_start(hall: Hall, company: str) -> None:
    phone = f"+25078800{1000 + next(_numbers)}"
    hall.gateway.write(phone, "Stop", company)
    until(lambda: is_opted_out(hall.database, phone), PATIENCE_S, POLITE_S)
    assert notices.put(hall.database, Occasion.CALLED, f"no:{phone}", wall_clock(), phone=phone) == 0
    hall.until_is("delivered", hall.put(Occasion.OTP, phone=phone))
    hall.gateway.write(phone, "START", company)
    until(lambda: not is_opted_out(hall.database, phone), PATIENCE_S, POLITE_S)
    hall.until_is("delivered", hall.put(phone=phone))


def test_stop_by_whatsapp_counts_too_and_other_words_do_not(hall: Hall) -> None:
    form = {"From": "whatsapp:+250788000777", "Body": "what is this"}
    assert hall.hook(f"twilio/{SECRET}/inbound", form).status_code == 200
    assert not is_opted_out(hall.database, "+250788000777")
    answer = hall.hook(f"twilio/{SECRET}/inbound", {**form, "Body": "stop"})
    assert (answer.status_code, answer.content) == (200, b""), "what stood in the answer would be sent to the phone"
    assert is_opted_out(hall.database, "+250788000777")
    for nobody in ("FOLENI", "", "+", "12", "+1"):
        assert hall.hook(f"twilio/{SECRET}/inbound", {"From": nobody, "Body": "stop"}).status_code == 200


def test_what_is_too_late_is_not_sent(hall: Hall) -> None:
    late = hall.put(expires_s=0)
    assert hall.until_is("dropped", late).fault == "too late"
    assert hall.gateway.messages(late) == []


def test_whatsapp_goes_by_the_provider_that_has_it(hall: Hall) -> None:
    phone = "+250788000555"
    notices.add_user(hall.database, "whatsapp", phone, wishes={"channels": ["whatsapp"]})
    mark = hall.put(phone=phone, language="fr")
    told = hall.until_is("delivered", mark, "whatsapp")
    (taken,) = hall.gateway.messages(mark)
    assert (told.provider, taken["channel"], taken["sender"], taken["recipient"]) == (
        "twilio",
        "whatsapp",
        "+15550002222",
        phone,
    )


def test_a_provider_that_hangs_delays_nobody_else(hall: Hall) -> None:
    """The last of this file: afterwards the first provider is trusted less."""
    hall.gateway.control(mode="hang", company="africastalking")
    marks = [hall.put() for _ in range(12)]
    for mark in marks:
        told = hall.until_is("delivered", mark)
        assert (told.provider, len(hall.gateway.messages(mark))) == ("twilio", 1)
    metrics = requests.get(f"{hall.cloud.url}/metrics", timeout=PATIENCE_S).text
    assert 'foleni_cloud_notices_total{channel="sms",outcome="sent",provider="twilio"}' in metrics
    assert hall.cloud.stop() == 0, "though messages hang"
