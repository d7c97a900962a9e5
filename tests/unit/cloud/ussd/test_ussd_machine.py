"""The dialogue leads from a dialled code to a ticket, and back out of every mistake."""

from dataclasses import replace

import pytest

from cloud.ussd.state import Named, Place, State, Want
from tests.unit.cloud.ussd.callers import CARDS, CASH, TICKET, Call, World

JOIN = "1"


def test_who_is_new_chooses_a_language_in_its_own_words() -> None:
    call = Call(World(), State())
    assert call.text.splitlines()[:2] == ["1.English", "2.Français"]
    assert "العربية" in call.text
    assert call.press("2").startswith("Foleni\n1. Prendre un ticket")
    assert call.state.language == "fr"


def test_from_the_menu_to_a_ticket_by_the_number_of_the_branch() -> None:
    world = World()
    call = Call(world)
    assert call.press(JOIN) == "Which branch?\n1. By its number\n2. By its name\n3. From a list\n0 Back"
    assert call.press("1").startswith("Type the number of the branch.")
    assert call.press("1042") == "Main Street\n1. Cash: 12 min\n2. Cards: paused\n0 Back 00 Menu"
    assert call.press("1") == "Cash\n4 waiting, about 12 min\nMain Street\n1. Take a ticket\n0 Back 00 Menu"
    text = call.press("1")
    assert text == "Ticket A042\n3 ahead, about 9 min\nDial again to see your place.\nCash\nMain Street"
    assert call.screen.ends
    join = world.asked[-1]
    assert (join.want, join.value, join.branch) == (Want.JOIN, "cash", "main")


def test_from_the_menu_to_the_services_by_name_and_by_list() -> None:
    call = Call(World())
    assert call.press(JOIN, "2", "hill").startswith("Main Street\n1. Cash")  # one found is chosen by itself
    assert call.press("0").startswith("Type the name")
    assert call.press("0", "3").startswith("Demo Bank\n1. Main Street\n2. Hill Road")  # one organization is not asked for
    assert call.press("2").startswith("Main Street\n1. Cash")
    assert call.press("0").startswith("Demo Bank\n1. Main Street")


def test_letters_and_numbers_are_understood_where_a_branch_is_asked_for() -> None:
    assert Call(World()).press(JOIN, "1042").startswith("Main Street\n1. Cash")
    assert Call(World()).press(JOIN, "hill").startswith("Main Street\n1. Cash")
    assert Call(World()).press(JOIN, "1", "١٠٤٢").startswith("Main Street\n1. Cash")
    assert Call(World()).press(JOIN, "1", "1042#").startswith("Main Street\n1. Cash")


def test_a_branch_that_was_dialled_with_the_service_is_there_at_once() -> None:
    assert Call(World(), State(language="en", code="1042")).text.startswith("Main Street\n1. Cash")
    new = Call(World(), State(code="1042"))
    assert new.press("1").startswith("Main Street\n1. Cash")
    assert Call(World(), State(language="en", code="77")).text.startswith("No branch has this number.\n")


def test_the_branch_of_the_last_time_comes_first() -> None:
    call = Call(World())
    call.press(JOIN, "1", "1042", "1", "1")
    again = Call(World(), call.state)
    assert again.press(JOIN).splitlines()[1] == "1. Main Street"
    assert again.press("1").startswith("Main Street\n1. Cash")


def test_a_paused_service_says_when_it_opens_and_stays_where_it_is() -> None:
    call = Call(World())
    assert call.press(JOIN, "1042", "2").startswith("Open again at 14:00.\n1. Cash: 12 min\n2. Cards: paused")
    assert call.state.top.place is Place.SERVICES


@pytest.mark.parametrize("wrong", ["7", "x", "", "99", "-1", "1.5", "98", "💥", "9" * 200])
def test_a_mistake_shows_the_same_choices_and_one_line_that_helps(wrong: str) -> None:
    call = Call(World())
    right = call.press(JOIN, "1042")
    helped = call.press(wrong)
    assert helped.splitlines()[1:] == right.splitlines()[1:]
    assert helped.splitlines()[0] == "Choose a number of the list."
    assert call.press("00").startswith("Foleni")


def test_back_goes_one_screen_and_double_zero_to_the_menu() -> None:
    call = Call(World())
    screens = [call.text, *(call.press(key) for key in (JOIN, "1", "1042", "1"))]
    for screen in reversed(screens[:-1]):
        assert call.press("0").splitlines()[-2] == screen.splitlines()[-2]
    call.press(JOIN, "3", "1", "1")
    assert call.press("00").startswith("Foleni")


def test_a_ticket_shows_in_the_menu_and_can_be_given_up() -> None:
    world = World(tickets=(TICKET,))
    call = Call(world)
    assert call.text.startswith("Ticket A042\n3 ahead, about 9 min\n1. Take a ticket")
    assert call.press("2") == "Ticket A042\n3 ahead, about 9 min\nCash\nMain Street\n1. I am here\n2. Cancel it\n0 Back"
    assert call.press("2") == "Ticket A042\nGive up your place?\n1. Yes\n0 Back 00 Menu"
    assert call.press("0").endswith("2. Cancel it\n0 Back")
    world.joined = replace(TICKET, status="cancelled")
    assert call.press("2", "1") == "Ticket A042 is cancelled."
    assert call.screen.ends
    assert world.asked[-1].want is Want.CANCEL


def test_a_cancellation_that_the_branch_has_not_heard_is_told_as_what_it_is() -> None:
    call = Call(World(tickets=(TICKET,)))
    assert "as soon as the branch hears" in call.press("2", "2", "1")


def test_who_is_there_says_so_once() -> None:
    world = World(tickets=(TICKET,))
    call = Call(world)
    assert call.press("2", "1").startswith("Thank you. It is passed on.\nTicket A042\n3 ahead")
    assert "I am here" not in call.text
    assert world.asked[-1].want is Want.CHECK_IN


def test_several_tickets_are_chosen_from() -> None:
    other = replace(TICKET, id="t-2", number="B007", branch="Hill Road")
    call = Call(World(tickets=(TICKET, other)))
    assert call.press("2").splitlines()[:3] == ["Which ticket?", "1. Ticket A042, Main Street", "2. Ticket B007, Hill Road"]
    assert call.press("2").startswith("Ticket B007")


def test_nobody_has_a_ticket_that_they_do_not_have() -> None:
    assert Call(World()).press("2").startswith("You have no ticket.\n1. Take a ticket")


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("called", "Go to counter 3 now."),
        ("serving", "You are at counter 3."),
        ("parked", "You will be called again."),
        ("asked", "The number comes soon."),
        ("refused", "The branch did not take it."),
    ],
)
def test_each_state_of_a_ticket_has_its_sentence(status: str, said: str) -> None:
    call = Call(World(tickets=(replace(TICKET, status=status, ahead=None, counter="3"),)))
    assert said in call.press("2")


def test_the_last_ahead_are_told_apart() -> None:
    assert "You are next." in Call(World(tickets=(replace(TICKET, ahead=0, wait_s=0),))).text
    assert "1 ahead, about 1 min" in Call(World(tickets=(replace(TICKET, ahead=1, wait_s=5),))).text
    assert "2 ahead\n" in Call(World(tickets=(replace(TICKET, ahead=2, wait_s=None),))).text
    assert "about 3 h" in Call(World(tickets=(replace(TICKET, ahead=90, wait_s=10_000),))).text


def test_a_refusal_leads_back_to_the_services() -> None:
    call = Call(World(refusal="service_full"))
    assert call.press(JOIN, "1042", "1", "1").startswith("No more tickets today.\n1. Cash")
    assert call.state.top.place is Place.SERVICES
    for code in ("unavailable", "invalid", "something_new"):
        assert Call(World(refusal=code)).press(JOIN, "1042", "1", "1").startswith("Not possible now.")


def test_a_branch_out_of_contact_is_said_to_be() -> None:
    call = Call(World(live=False))
    assert "No contact with the branch now." in call.press(JOIN, "1042")
    assert "No contact with the branch now." in call.press("1")


def test_who_was_cut_off_is_where_they_were() -> None:
    call = Call(World())
    right = call.press(JOIN, "1042", "1")
    again = Call(World(), call.state, resumed=True)
    assert again.text.splitlines() == ["Welcome back.", *right.splitlines()[1:]]
    assert again.press("1").startswith("Ticket A042")
    assert Call(World(), call.state).text.startswith("Foleni")  # not resumed


def test_who_was_cut_off_at_their_ticket_sees_it_as_it_is_now() -> None:
    world = World(tickets=(TICKET,))
    call = Call(world)
    call.press("2", "2")
    world.tickets = (replace(TICKET, ahead=1),)
    assert Call(world, call.state, resumed=True).text.startswith("Ticket A042\n1 ahead")


def test_a_branch_without_services_and_a_place_without_branches_are_told() -> None:
    assert Call(World(services=())).press(JOIN, "1042").startswith("No queue is open there.\n")
    assert Call(World(organizations=())).press(JOIN, "3").startswith("No branch found.\n1. By its number")
    assert Call(World()).press(JOIN, "1", "5").startswith("No branch has this number.\n0 Back")
    assert Call(World()).press(JOIN, "1", "abc").startswith("No branch found.\n0 Back")
    assert Call(World()).press(JOIN, "2", "z").startswith("Type two letters or more.\n0 Back")


def test_a_long_list_keeps_its_numbers_over_the_pages() -> None:
    names = tuple(Named(f"b{n}", f"Branch of {n}") for n in range(1, 31))
    call = Call(World(branches=names))
    first = call.press(JOIN, "3")
    assert first.splitlines()[-1].startswith("0 Back 98 More")
    second = call.press("98")
    assert second.splitlines()[1].startswith(f"{len(first.splitlines()) - 1}. ")
    assert call.press("0") == first
    call.press("98", "98")
    assert call.press("1").startswith("Branch of 1\n1. Cash")  # a number of any page


def test_services_are_told_with_their_waits() -> None:
    free = replace(CASH, id="a", name="Enquiries", waiting=0, wait_s=0)
    unknown = replace(CASH, id="b", name="Cards", wait_s=None)
    call = Call(World(services=(free, unknown, replace(CARDS, block="service_full", reopens=""))))
    assert call.press(JOIN, "1042").splitlines()[1:4] == ["1. Enquiries: at once", "2. Cards", "3. Cards: full"]
    assert "Nobody waiting" in call.press("1")
    assert "4 waiting" in call.press("0", "2")
    assert call.press("0", "3").startswith("No more tickets today.")
