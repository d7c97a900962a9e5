"""What a kiosk does with tickets that a crash has interrupted, by the rules of docs/decisions/kiosk-paper.md."""

import pytest

from foleni.messages.commands import Cancel
from foleni.times import HOUR_US, Instant
from kiosk.ledger.entries import Step
from kiosk.pages import Asking, Attract, Paper, ShowTicket
from tests.unit.kiosk.bench import Kiosk
from tests.unit.kiosk.test_desk import steps

OLD_S = 61.0


def numbered() -> Kiosk:
    """Its number is durable, and nothing more."""
    kiosk = Kiosk().choose()
    kiosk.wire.deliver(kiosk.server.answer(kiosk.wire.asked[0]))
    while steps(kiosk)[0][1] is Step.ASKED:
        kiosk.step()
    return kiosk


def test_a_young_question_is_asked_again_with_its_id_in_front_of_the_customer() -> None:
    kiosk = Kiosk().choose()
    command = kiosk.wire.asked[0]
    kiosk.server.answer(command)
    kiosk.crash()
    assert isinstance(kiosk.page.body, Asking)
    assert kiosk.wire.asked == [command]
    kiosk.answered().printed()
    assert (kiosk.shown, kiosk.printer.numbers) == (["A001"], ["A001"])


def test_a_young_question_without_answer_gets_an_own_number_after_two_seconds() -> None:
    kiosk = Kiosk().choose()
    kiosk.crash()
    assert kiosk.wait(2).shown == ["AX01"]


def test_an_old_question_is_cancelled_because_nobody_saw_a_number() -> None:
    kiosk = Kiosk().choose()
    command = kiosk.wire.asked[0]
    kiosk.server.answer(command)
    kiosk.wait(0).now = type(kiosk.now)(kiosk.now.steady_s, Instant(kiosk.now.wall + round(OLD_S * 1e6)))
    kiosk.crash()
    assert isinstance(kiosk.page.body, Attract)
    kiosk.hand_in_all()
    assert kiosk.server.cancelled == {command.id}
    assert isinstance(kiosk.server.heard[-1], Cancel)
    assert not kiosk.papers


def test_a_young_number_is_shown_and_printed() -> None:
    kiosk = numbered()
    assert not kiosk.papers
    kiosk.crash()
    kiosk.printed()
    assert (kiosk.shown, kiosk.printer.numbers) == (["A001"], ["A001"])


def test_an_old_number_is_kept_and_printed_no_more() -> None:
    kiosk = numbered()
    kiosk.now = type(kiosk.now)(kiosk.now.steady_s, Instant(kiosk.now.wall + round(OLD_S * 1e6)))
    kiosk.crash()
    assert isinstance(kiosk.page.body, Attract)
    assert not kiosk.papers
    assert [step for _, step, _ in steps(kiosk)] == [Step.FAILED]
    assert not kiosk.server.cancelled


@pytest.mark.parametrize("age_s", [0.0, OLD_S])
def test_what_may_be_on_paper_is_never_printed_by_itself(age_s: float) -> None:
    kiosk = Kiosk().choose().answered()
    kiosk.now = type(kiosk.now)(kiosk.now.steady_s, Instant(kiosk.now.wall + round(age_s * 1e6)))
    kiosk.crash()
    assert kiosk.printer.numbers == ["A001"]
    assert [step for _, step, _ in steps(kiosk)] == [Step.UNSURE]
    body = kiosk.page.body
    assert isinstance(body, Attract if age_s else ShowTicket)
    if isinstance(body, ShowTicket):
        assert (body.number, body.paper) == ("A001", Paper.UNSURE)
        assert body.sentence == "A ticket may have come out: please look"


def test_a_second_crash_changes_nothing_of_that() -> None:
    kiosk = Kiosk().choose().answered()
    kiosk.crash()
    kiosk.crash()
    assert kiosk.printer.numbers == ["A001"]


def test_what_is_over_is_not_gone_on_with() -> None:
    kiosk = Kiosk().choose().answered().printed()
    kiosk.crash()
    assert isinstance(kiosk.page.body, Attract)


def test_a_clock_that_stepped_far_back_makes_nothing_young() -> None:
    kiosk = Kiosk().choose()
    kiosk.now = type(kiosk.now)(kiosk.now.steady_s, Instant(kiosk.now.wall - 5 * HOUR_US))
    kiosk.crash()
    assert isinstance(kiosk.page.body, Attract)


def test_a_ledger_that_is_broken_at_the_start_is_gone_on_with_when_it_is_whole() -> None:
    kiosk = Kiosk().choose()
    kiosk.ledger.broken = True
    kiosk.crash()
    kiosk.ledger.broken = False
    kiosk.wait(3)
    assert isinstance(kiosk.page.body, Asking)
    assert kiosk.answered().shown == ["A001"]
