"""From a wish to a durable, printed ticket: answers, silence, refusals, faults of disk and printer."""

import pytest

from foleni.messages.commands import Cancel, Join
from foleni.messages.replies import Code
from foleni.station.station import Reach
from foleni.times import from_wire
from kiosk.ledger.entries import Entry, Handing, Step
from kiosk.ledger.ledger import Change, Counts, LedgerError
from kiosk.pages import Asking, Attract, Key, OutOfOrder, Paper, Refused, ShowTicket, StaffDesk
from kiosk.presenter.manners import Manners
from tests.unit.kiosk.bench import Kiosk, already_queued
from tests.unit.kiosk.hall import config, services


def steps(kiosk: Kiosk) -> list[tuple[str | None, Step, Handing]]:
    return [(entry.number, entry.step, entry.handing) for entry in kiosk.ledger._entries.values()]


def test_a_number_of_the_server_is_stored_shown_and_printed_once() -> None:
    kiosk = Kiosk().choose().answered()
    assert steps(kiosk) == [("A001", Step.PRINTING, Handing.NOTHING)]
    assert kiosk.shown == ["A001"]
    kiosk.printed()
    assert steps(kiosk) == [("A001", Step.PRINTED, Handing.NOTHING)]
    assert (kiosk.printer.numbers, kiosk.hand_in.pending()) == (["A001"], [])


def test_the_number_is_on_the_screen_before_it_is_sent_to_the_printer() -> None:
    kiosk = Kiosk().choose()
    command = kiosk.wire.asked[-1]
    kiosk.wire.deliver(kiosk.server.answer(command))
    while not kiosk.shown:
        assert kiosk.step()
        assert not kiosk.papers
    kiosk.run()
    assert kiosk.papers


def test_after_two_seconds_without_answer_the_kiosk_gives_its_own_number_and_hands_it_in_under_the_same_id() -> None:
    kiosk = Kiosk().choose()
    asked_at, command = kiosk.now.wall, kiosk.wire.asked[0]
    kiosk.wait(1.9)
    assert isinstance(kiosk.page.body, Asking)
    kiosk.wait(0.1).printed()
    assert kiosk.shown == ["AX01"]
    kiosk.wait(60).hand_in_all()
    handed = kiosk.server.heard[-1]
    assert isinstance(handed, Join)
    assert (handed.id, handed.number, handed.joined_at) == (command.id, "AX01", asked_at)
    assert steps(kiosk) == [("AX01", Step.PRINTED, Handing.TAKEN)]


@pytest.mark.parametrize("reach", [Reach.NO_SERVER, Reach.NO_LINK])
def test_nobody_waits_for_a_server_that_is_known_to_be_away(reach: Reach) -> None:
    kiosk = Kiosk().hear(reach).choose()
    assert (kiosk.shown, kiosk.wire.asked) == (["AX01"], [])


def test_a_server_that_goes_away_while_it_is_asked_is_waited_for_no_longer() -> None:
    kiosk = Kiosk().choose().hear(Reach.NO_SERVER)
    assert kiosk.shown == ["AX01"]
    assert kiosk.hand_in.pending() == [], "the first try is still out: the same id is not asked twice at a time"
    kiosk.wait(2)
    assert [command.id for command in kiosk.hand_in.pending()] == [kiosk.wire.asked[0].id]


def test_a_late_answer_to_the_first_try_does_not_change_what_is_printed() -> None:
    kiosk = Kiosk().choose()
    late = kiosk.server.answer(kiosk.wire.asked[0])
    kiosk.wait(2).printed()
    (handed,) = kiosk.hand_in.pending()
    kiosk.hand_in.answered(handed, late)
    assert [command.id for command in kiosk.hand_in.pending()] == [handed.id], "it is handed in again"
    kiosk.hand_in_all()
    assert kiosk.server.tickets == {handed.id: "AX01"}
    assert kiosk.shown == ["AX01"]


def test_a_server_that_insists_on_another_number_is_told_to_staff_and_not_asked_for_ever() -> None:
    kiosk = Kiosk().choose()
    late = kiosk.server.answer(kiosk.wire.asked[0])
    kiosk.wait(2).printed()
    tries = 0
    while waiting := kiosk.hand_in.pending():
        kiosk.hand_in.answered(waiting[0], late)
        tries += 1
    assert tries == 5
    assert kiosk.ledger.counts() == Counts(0, 1)


def test_an_answer_that_comes_while_the_own_number_is_stored_is_ignored() -> None:
    kiosk = Kiosk().choose().hear(Reach.NO_LINK)
    kiosk.answered()
    assert kiosk.shown == ["AX01"]
    assert kiosk.printer.numbers == ["AX01"]


def test_a_server_that_cannot_store_is_as_good_as_away() -> None:
    kiosk = Kiosk()
    kiosk.server.code = Code.UNAVAILABLE
    assert kiosk.choose().answered().shown == ["AX01"]


def test_an_answer_without_a_number_is_as_good_as_none() -> None:
    kiosk = Kiosk().choose()
    answer = kiosk.server.answer(kiosk.wire.asked[0])
    kiosk.wire.deliver(answer.model_copy(update={"result": {"number": 5}}))
    assert kiosk.run().shown == ["AX01"]


def test_a_refusal_is_told_and_leaves_no_ticket() -> None:
    kiosk = Kiosk()
    kiosk.server.code = Code.SERVICE_CLOSED
    kiosk.choose().answered()
    assert isinstance(kiosk.page.body, Refused)
    assert steps(kiosk) == [(None, Step.REFUSED, Handing.NOTHING)]


def test_who_is_in_the_queue_already_sees_that_number() -> None:
    kiosk = Kiosk().choose()
    kiosk.wire.deliver(already_queued(kiosk.wire.asked[0].id, "A007"))
    body = kiosk.run().page.body
    assert isinstance(body, Refused)
    assert "A007" in body.headline


def test_a_refusal_of_a_printed_ticket_is_counted_for_staff() -> None:
    kiosk = Kiosk(Manners(staff_code="1234")).hear(Reach.NO_SERVER).choose().printed().wait(10)
    kiosk.server.code = Code.SERVICE_CLOSED
    kiosk.hand_in_all().tap(Key.STAFF)
    for digit in "1234":
        kiosk.tap(Key.DIGIT, digit)
    body = kiosk.page.body
    assert isinstance(body, StaffDesk)
    assert ("Tickets that the branch refused", "1") in [line[:2] for line in body.lines]


def test_a_printed_ticket_whose_phone_is_in_the_queue_already_is_handed_in_without_it() -> None:
    kiosk = Kiosk(Manners(ask_phone=True)).hear(Reach.NO_SERVER).choose()
    for digit in "0788123456":
        kiosk.tap(Key.DIGIT, digit)
    kiosk.tap(Key.GO).printed()
    (handed,) = kiosk.hand_in.pending()
    assert isinstance(handed, Join)
    assert handed.phone == "+250788123456"
    kiosk.hand_in.answered(handed, already_queued(handed.id, "A007"))
    kiosk.hand_in_all()
    handed = kiosk.server.heard[-1]
    assert isinstance(handed, Join)
    assert (handed.phone, handed.number) == (None, "AX01")


def test_without_a_letter_of_its_own_the_kiosk_takes_its_question_back() -> None:
    kiosk = Kiosk().hear(config(issuer=None)).choose()
    kiosk.server.answer(kiosk.wire.asked[0])
    kiosk.wait(2)
    assert isinstance(kiosk.page.body, Refused)
    kiosk.hand_in_all()
    assert kiosk.server.cancelled == {kiosk.wire.asked[0].id}
    assert isinstance(kiosk.server.heard[-1], Cancel)
    assert kiosk.shown == []


def test_a_number_belongs_to_the_business_day_on_which_it_was_asked_for() -> None:
    kiosk = Kiosk().hear(Reach.NO_LINK).choose().printed().hand_in_all()
    kiosk.hear(Reach.LIVE).wait(16 * 3600 - 200).choose()
    assert kiosk.now.wall < from_wire("2026-11-21T02:00:00Z")
    kiosk.wait(300)
    assert kiosk.now.wall > from_wire("2026-11-21T02:00:00Z")
    assert kiosk.shown == ["AX01", "AX02"], "04:00 in Kigali has come between question and number"


def test_a_broken_disk_gives_no_number_and_says_so_until_it_is_whole() -> None:
    kiosk = Kiosk()
    kiosk.ledger.broken = True
    kiosk.choose()
    assert isinstance(kiosk.page.body, Refused)
    assert (kiosk.shown, kiosk.wire.asked) == ([], [])
    assert isinstance(kiosk.wait(20).page.body, OutOfOrder)
    kiosk.ledger.broken = False
    assert isinstance(kiosk.wait(3).page.body, Attract)
    assert kiosk.choose().answered().shown == ["A001"]


def test_a_disk_that_breaks_behind_everybodys_back_is_noticed_without_a_tap() -> None:
    kiosk = Kiosk()
    kiosk.ledger.broken = True
    assert isinstance(kiosk.wait(31).page.body, OutOfOrder)


def test_a_disk_that_breaks_between_question_and_answer_shows_no_number_and_the_ticket_is_cancelled() -> None:
    kiosk = Kiosk().choose()
    kiosk.ledger.broken = True
    kiosk.answered()
    assert isinstance(kiosk.page.body, Refused)
    kiosk.ledger.broken = False
    kiosk.wait(20).hand_in_all()
    assert kiosk.server.cancelled == {kiosk.wire.asked[0].id}
    assert (kiosk.shown, kiosk.papers) == ([], [])


def test_what_cannot_be_marked_as_printing_is_not_printed() -> None:
    kiosk = Kiosk().choose()
    kiosk.wire.deliver(kiosk.server.answer(kiosk.wire.asked[0]))
    while not kiosk.shown:
        kiosk.step()
    kiosk.ledger.broken = True
    body = kiosk.run().page.body
    assert isinstance(body, ShowTicket)
    assert body.paper is Paper.FAILED
    assert not kiosk.papers


@pytest.mark.parametrize("own", [False, True])
def test_a_number_that_was_stored_though_the_disk_failed_is_cancelled_because_nobody_saw_it(own: bool) -> None:
    kiosk = Kiosk().choose()
    number = kiosk.server.answer(kiosk.wire.asked[0]).result
    assert number is not None
    store, give = kiosk.ledger.change, kiosk.ledger.give_number

    def fail(*_: object) -> Entry:
        kiosk.ledger.change, kiosk.ledger.give_number = store, give  # type: ignore[method-assign]
        kiosk.ledger.broken = True
        raise LedgerError("nobody knows")

    kiosk.ledger.change = lambda *what: fail(store(*what))  # type: ignore[method-assign]
    kiosk.ledger.give_number = lambda *what: fail(give(*what))  # type: ignore[method-assign]
    (kiosk.wait(2) if own else kiosk.answered()).wait(4)
    assert isinstance(kiosk.page.body, Refused)
    kiosk.ledger.broken = False
    kiosk.wait(30).hand_in_all()
    assert [step for _, step, _ in steps(kiosk)] == [Step.WITHDRAWN]
    assert kiosk.server.cancelled == {kiosk.wire.asked[0].id}
    assert (kiosk.shown, kiosk.papers) == ([], [])


@pytest.mark.parametrize("step", [Step.PRINTING, Step.PRINTED])
def test_a_disk_that_stores_a_mark_and_then_fails_does_no_harm(step: Step) -> None:
    kiosk = Kiosk()
    store = kiosk.ledger.change

    def store_and_fail(entry_id: str, change: Change) -> Entry:
        entry = store(entry_id, change)
        if entry.step is step and not kiosk.ledger.broken:
            kiosk.ledger.broken = True
            raise LedgerError("nobody knows")
        return entry

    kiosk.ledger.change = store_and_fail  # type: ignore[method-assign]
    kiosk.choose().answered()
    if kiosk.printer.jobs:
        kiosk.printed()
    kiosk.ledger.broken = False
    kiosk.ledger.change = store  # type: ignore[method-assign]
    kiosk.wait(40)
    assert isinstance(kiosk.page.body, Attract)
    expected = (Step.FAILED, []) if step is Step.PRINTING else (Step.PRINTED, ["A001"])
    assert (steps(kiosk)[0][1], kiosk.printer.numbers) == expected


@pytest.mark.parametrize(("paper", "step"), [(Paper.FAILED, Step.FAILED), (Paper.UNSURE, Step.UNSURE)])
def test_what_became_of_the_paper_is_remembered(paper: Paper, step: Step) -> None:
    kiosk = Kiosk().choose().answered().printed(paper)
    assert [step for _, step, _ in steps(kiosk)] == [step]
    body = kiosk.page.body
    assert isinstance(body, ShowTicket)
    assert body.paper is paper


def test_staff_may_print_the_last_ticket_again_and_a_test() -> None:
    kiosk = Kiosk(Manners(staff_code="1234")).choose().answered().printed(Paper.FAILED).wait(30).tap(Key.STAFF)
    for digit in "1234":
        kiosk.tap(Key.DIGIT, digit)
    kiosk.tap(Key.REPRINT).tap(Key.REPRINT).printed().tap(Key.TEST_PRINT).printed(Paper.FAILED)
    assert [(ticket.number, ticket.copy) for _, ticket in kiosk.papers] == [("A001", False), ("A001", True), ("TEST", False)]
    body = kiosk.page.body
    assert isinstance(body, StaffDesk)
    assert body.note == "Not printed."
    assert len({job for job, _ in kiosk.papers}) == 3


def test_a_kiosk_that_was_started_without_its_branch_gives_numbers_and_goes_on_counting() -> None:
    kiosk = Kiosk().hear(Reach.NO_LINK).choose().printed()
    kiosk.wait(100).crash()
    assert isinstance(kiosk.page.body, Attract)
    kiosk.choose()
    assert kiosk.shown == ["AX01", "AX02"]


def test_a_kiosk_that_never_heard_of_its_branch_gives_none() -> None:
    kiosk = Kiosk(known=False).choose()
    assert isinstance(kiosk.page.body, OutOfOrder)
    assert isinstance(kiosk.hear(config()).page.body, Attract)


def test_the_queues_lengths_alone_are_not_worth_a_write() -> None:
    kiosk = Kiosk()
    kept = kiosk.ledger.kept("services")
    busy = services(*(each.model_copy(update={"waiting": 9}) for each in services().services))
    assert kiosk.hear(busy).ledger.kept("services") == kept
    closed = services(*(each.model_copy(update={"state": "closed"}) for each in services().services))
    assert kiosk.hear(closed).ledger.kept("services") != kept
