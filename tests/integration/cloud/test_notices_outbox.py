"""The outbox takes each message once, for the ways that its person wants, and gives it to one sender at a time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from cloud.notices import claims, stopping
from cloud.notices.lanes import Done, Job, Outcome
from cloud.notices.occasions import Channel, Occasion
from cloud.notices.outbox import tell
from cloud.notices.reminders import remind
from cloud.notices.stopping import Wish
from cloud.store.database import Database
from foleni.times import MINUTE_US, SECOND_US, Instant
from tests.support import notices
from tests.support.notices import LINK, NOW, PHONE, put, row, state
from tests.support.postgres import postgres


@pytest.fixture(scope="module")
def on_postgres() -> Iterator[Database]:
    database = notices.opened(postgres().database())
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Empty but for a branch."""
    if request.param == "postgres":
        shared: Database = request.getfixturevalue("on_postgres")
        notices.empty(shared)
        yield shared
        return
    database = notices.opened(notices.sqlite_at(tmp_path))
    yield database
    database.close()


def later(seconds: float) -> Instant:
    return Instant(NOW + int(seconds * SECOND_US))


def claim(database: Database, now: Instant = NOW, channel: Channel = Channel.SMS, most: int = 10) -> list[Job]:
    return database.run_here(lambda c: claims.claim(c, channel, most, now))


def note(database: Database, job: Job, outcome: Outcome, now: Instant = NOW, **more: str) -> None:
    database.run_here(lambda c: claims.record(c, Done(job, "company", outcome, **more), now))


def sweep(database: Database, now: Instant) -> None:
    database.run_here(lambda c: claims.give_up(c, {Channel.SMS}, now))


def test_the_same_is_said_once(database: Database) -> None:
    assert put(database, Occasion.CALLED, "called:t1:1", NOW) == 1
    assert put(database, Occasion.CALLED, "called:t1:1", NOW) == 0
    assert put(database, Occasion.CALLED, "called:t1:2", NOW) == 1
    assert row(database, "called:t1:1").text == f"A042: please go to counter 3 now. Main Street\n{LINK}"


def test_what_is_rolled_back_was_never_said(database: Database) -> None:
    def work(c: Connection) -> None:
        assert tell(c, kind=Occasion.JOINED, now=NOW, phone=PHONE, language="en", values={}, once="x") == 1
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.run_here(work)
    assert row(database, "x") is None


def test_nobody_to_tell_is_no_message(database: Database) -> None:
    assert put(database, Occasion.JOINED, "x", NOW, phone=None) == 0


def test_a_branch_is_named_in_the_language_and_by_its_own_words(database: Database) -> None:
    put(database, Occasion.CALLED, "a", NOW, language="fr")
    assert "Rue Principale" in row(database, "a").text
    notices.set_texts(database, {"called": {"en": "Come, {number}."}})
    put(database, Occasion.CALLED, "b", NOW)
    assert row(database, "b").text == f"Come, A042.\n{LINK}"


def test_a_person_gets_messages_by_the_ways_that_they_want(database: Database) -> None:
    wishes = {"channels": ["email", "whatsapp", "push"], "silent": ["joined"]}
    user = notices.add_user(database, wishes=wishes, email="ada@example.org")
    notices.add_browser(database, user, "https://push.example.org/1", {})
    assert put(database, Occasion.CALLED, "called", NOW) == 3, "also where only the phone is named"
    assert put(database, Occasion.JOINED, "joined", NOW) == 0
    assert row(database, "called", "sms") is None
    assert row(database, "called", "email").recipient == "ada@example.org"
    assert row(database, "called", "push").user == user
    assert LINK in row(database, "called", "whatsapp").text


def test_stop_holds_for_all_but_codes_until_start(database: Database) -> None:
    put(database, Occasion.NEAR, "waiting", NOW)
    database.run_here(lambda c: stopping.carry_out(c, Wish.STOP, PHONE, NOW))
    database.run_here(lambda c: stopping.carry_out(c, Wish.STOP, PHONE, NOW))
    assert state(database, "waiting") == "dropped"
    assert put(database, Occasion.CALLED, "called", NOW) == 0
    assert put(database, Occasion.OTP, "otp", NOW) == 1
    database.run_here(lambda c: stopping.carry_out(c, Wish.START, PHONE, NOW))
    assert put(database, Occasion.CALLED, "called", NOW) == 1


def test_a_message_is_one_senders_until_its_claim_is_over(database: Database) -> None:
    put(database, Occasion.JOINED, "x", NOW)
    assert len(claim(database)) == 1
    assert claim(database) == []
    assert claim(database, later(claims.CLAIM_S)) == [], "to the end"
    assert [job.attempt for job in claim(database, later(claims.CLAIM_S + 1))] == [2], "its sender is dead"


def test_three_attempts_with_pauses_and_no_more(database: Database) -> None:
    put(database, Occasion.JOINED, "x", NOW)
    now = NOW
    for attempt, pause_s in ((1, 2), (2, 15)):
        (job,) = claim(database, now)
        assert job.attempt == attempt
        note(database, job, Outcome.FAULT, now, fault="down")
        assert claim(database, Instant(now + pause_s * SECOND_US - 1)) == []
        now = Instant(now + 2 * pause_s * SECOND_US)
    (job,) = claim(database, now)
    assert job.tried == "company"
    note(database, job, Outcome.FAULT, now, fault="down")
    assert (state(database, "x"), row(database, "x").fault) == ("failed", "down")


def test_a_message_that_kills_its_sender_does_so_three_times_at_most(database: Database) -> None:
    put(database, Occasion.JOINED, "x", NOW)
    now = NOW
    for _ in range(claims.ATTEMPTS):
        assert len(claim(database, now)) == 1
        now = Instant(now + (claims.CLAIM_S + 1) * SECOND_US)
    assert claim(database, now) == []
    sweep(database, now)
    assert (state(database, "x"), row(database, "x").fault) == ("failed", "nobody knows whether it was sent")


def test_what_comes_too_late_is_dropped_also_after_a_fault(database: Database) -> None:
    put(database, Occasion.CALLED, "x", NOW)
    put(database, Occasion.CALLED, "y", NOW, expires_s=1)
    sweep(database, later(2))
    assert (state(database, "x"), state(database, "y")) == ("queued", "dropped")
    assert claim(database, later(600)) == []
    sweep(database, later(600))
    assert (state(database, "x"), row(database, "x").fault) == ("dropped", "too late")


def test_a_way_that_nobody_offers_is_not_waited_for(database: Database) -> None:
    put(database, Occasion.CALLED, "x", NOW, phone=None, email="ada@example.org")
    notices.add_user(database, wishes={"channels": ["email"]}, email="ada@example.org")
    put(database, Occasion.CALLED, "y", NOW)
    sweep(database, NOW)
    assert (state(database, "y", "email"), row(database, "y", "email").fault) == ("failed", "no provider for this way")


def test_a_code_is_forgotten_once_its_message_is_over(database: Database) -> None:
    for once, outcome in (("a", Outcome.SENT), ("b", Outcome.REFUSED)):
        put(database, Occasion.OTP, once, NOW)
        (job,) = claim(database)
        assert "482913" in job.letter.text
        note(database, job, outcome)
        assert row(database, once).text is None
    put(database, Occasion.OTP, "c", NOW)
    sweep(database, later(600))
    assert row(database, "c").text is None


def test_codes_and_calls_go_before_what_waits_longer(database: Database) -> None:
    put(database, Occasion.JOINED, "j", NOW)
    put(database, Occasion.CALLED, "c", later(10))
    put(database, Occasion.OTP, "o", later(20))
    assert [job.letter.kind for job in claim(database, later(21), most=2)] == ["otp", "called"]


def test_what_a_call_makes_untrue_is_not_sent_any_more(database: Database) -> None:
    put(database, Occasion.JOINED, "j", NOW, ticket="t1")
    put(database, Occasion.NEAR, "n", NOW, ticket="t1")
    put(database, Occasion.NEAR, "other", NOW, ticket="t2")
    put(database, Occasion.CALLED, "c", NOW, ticket="t1")
    assert [state(database, once) for once in ("j", "n", "other", "c")] == ["queued", "dropped", "queued", "queued"]


def test_a_late_answer_still_counts_and_a_late_fault_does_not(database: Database) -> None:
    put(database, Occasion.JOINED, "x", NOW)
    (mine,) = claim(database)
    (others,) = claim(database, later(claims.CLAIM_S + 1))
    note(database, mine, Outcome.FAULT, fault="slow")
    assert row(database, "x").claimed_until == others.claim
    note(database, mine, Outcome.SENT, provider_id="p1")
    note(database, others, Outcome.SENT, provider_id="p2")
    assert (state(database, "x"), row(database, "x").provider_id) == ("sent", "p1")


def test_the_first_last_word_about_a_message_counts(database: Database) -> None:
    def told(number: str, *, delivered: bool) -> bool:
        return database.run_here(lambda c: claims.mark(c, "company", number, delivered=delivered, fault="Failed", now=later(3)))

    put(database, Occasion.JOINED, "x", NOW)
    (job,) = claim(database)
    assert not told("p1", delivered=True), "not known yet"
    note(database, job, Outcome.SENT, provider_id="p1")
    assert told("p1", delivered=True)
    assert told("p1", delivered=False)
    assert (state(database, "x"), row(database, "x").delivered_at) == ("delivered", later(3))


def test_an_appointment_is_reminded_of_once_and_only_from_afar(database: Database) -> None:
    soon = Instant(NOW + 50 * MINUTE_US)
    notices.add_ticket(database, "t1", appointment=soon, joined_at=NOW - 300 * MINUTE_US)
    notices.add_ticket(database, "t2", appointment=soon, joined_at=NOW - 5 * MINUTE_US)
    notices.add_ticket(database, "t3", appointment=NOW + 90 * MINUTE_US, joined_at=NOW - 300 * MINUTE_US)
    notices.add_ticket(database, "t4", appointment=soon, joined_at=NOW - 300 * MINUTE_US, checked_in_at=NOW)
    assert database.run_here(lambda c: remind(c, "https://q.example.org", NOW)) == 1
    assert database.run_here(lambda c: remind(c, "https://q.example.org", later(30))) == 0
    said = row(database, f"reminder:t1:{soon}")
    assert (said.expires_at, said.link) == (soon, "https://q.example.org/t/token-t1")
    assert "Rue Principale" in said.text
    assert "Caisse" in said.text
