"""The page for staff: hidden, behind a code that cannot be guessed quickly."""

from kiosk.pages import Attract, Key, Paper, StaffDesk, Tone
from kiosk.presenter.manners import Manners
from kiosk.presenter.news import Reprint, StaffPaper, Stock, TestPrint
from tests.unit.kiosk.hall import Visitor, entry

CODE = Manners(staff_code="4711")


def open_desk() -> Visitor:
    return Visitor(CODE).tap(Key.STAFF).type("4711")


def test_without_a_code_there_is_no_staff_page() -> None:
    Visitor().tap(Key.STAFF).sees(Attract)


def test_the_right_code_opens_it_with_its_last_digit() -> None:
    visitor = Visitor(CODE).tap(Key.STAFF).type("471")
    body = visitor.sees(StaffDesk)
    assert (body.code_asked, body.digits, body.lines) == (True, "•••", ())
    assert not visitor.type("1").sees(StaffDesk).code_asked


def test_a_digit_can_be_taken_back() -> None:
    visitor = Visitor(CODE).tap(Key.STAFF).type("48").tap(Key.ERASE).type("711")
    assert not visitor.sees(StaffDesk).code_asked


def test_wrong_codes_are_slowed_down_each_twice_as_long_also_for_the_next_visitor() -> None:
    visitor = Visitor(CODE)
    waits = []
    for _ in range(4):
        visitor.tap(Key.STAFF).type("0000")
        waits.append(visitor.sees(StaffDesk).note)
        visitor.wait(70)
    assert waits == [f"Wrong code. Please wait {seconds} s." for seconds in (2, 4, 8, 16)]
    visitor.tap(Key.STAFF).type("0000").type("4711")
    assert visitor.sees(StaffDesk).code_asked, "the right code too has to wait"
    visitor.tap(Key.DONE).tap(Key.STAFF)
    assert "wait" in visitor.sees(StaffDesk).note
    visitor.wait(29).hit(Key.DIGIT, "4").type("711")
    assert not visitor.sees(StaffDesk).code_asked


def test_a_code_that_was_typed_too_long_is_wrong() -> None:
    visitor = Visitor(CODE).tap(Key.STAFF).type("47").tap(Key.DIGIT, "11")
    assert visitor.sees(StaffDesk).digits == "••"


def test_it_tells_how_printer_branch_and_tickets_are() -> None:
    visitor = open_desk().hear("paper_out", Stock(broken=False, waiting=3, refused=1, last=entry()))
    lines = {label: (value, tone) for label, value, tone in visitor.sees(StaffDesk).lines}
    assert lines == {
        "Printer": ("No paper", Tone.TROUBLE),
        "Branch": ("Connected", Tone.QUIET),
        "Last ticket": ("A042", Tone.QUIET),
        "Tickets to hand in": ("3", Tone.QUIET),
        "Tickets that the branch refused": ("1", Tone.TROUBLE),
        "Storage": ("Ready", Tone.QUIET),
    }


def test_the_last_ticket_is_printed_again_once_a_touch() -> None:
    visitor = open_desk().hear(Stock(broken=False, last=entry()))
    visitor.tap(Key.REPRINT).tap(Key.REPRINT).tap(Key.TEST_PRINT)
    assert visitor.wishes == [Reprint()]
    assert not visitor.sees(StaffDesk).can_reprint
    assert visitor.hear(StaffPaper(Paper.PRINTED)).sees(StaffDesk).note == "Printed."
    assert visitor.tap(Key.TEST_PRINT).wishes[1:] == [TestPrint("en")]


def test_with_no_ticket_yet_there_is_nothing_to_print_again() -> None:
    visitor = open_desk().tap(Key.REPRINT)
    assert not visitor.wishes
    assert not visitor.sees(StaffDesk).can_reprint


def test_it_closes_by_itself_and_asks_for_the_code_again() -> None:
    visitor = open_desk().wait(61)
    visitor.sees(Attract)
    assert visitor.tap(Key.STAFF).sees(StaffDesk).code_asked


def test_it_works_while_the_kiosk_is_out_of_order() -> None:
    visitor = Visitor(CODE).hear(Stock(broken=True)).tap(Key.STAFF).type("4711")
    lines = {label: value for label, value, _ in visitor.sees(StaffDesk).lines}
    assert lines["Storage"] == "Broken or full"
