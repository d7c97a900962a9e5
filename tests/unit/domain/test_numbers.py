"""The numbers on tickets: the server's own series, and those of issuers that could not reach it."""

from typing import Any

import pytest

from branch_server.domain.numbers import check_offline_number, check_series, next_number
from branch_server.domain.refusals import Refused
from branch_server.domain.state import State
from foleni.messages import commands as c
from foleni.messages.replies import Code
from foleni.messages.setup import Branch, Device, DeviceKind, Service
from tests.unit.domain.world import CASH, DEVICES, KIOSK, MORNING, World


@pytest.mark.parametrize(
    ("last", "number"), [(0, "A001"), (1, "A002"), (41, "A042"), (98, "A099"), (998, "A999"), (999, "A1000"), (9999, "A10000")]
)
def test_a_number_is_the_prefix_and_at_least_three_digits(last: int, number: str) -> None:
    assert next_number(State(last_number={"A": last}), "A") == number


def test_a_series_goes_on_behind_999_without_a_break() -> None:
    world = World()
    world.state.last_number["A"] = 998
    assert [world.join().number for _ in range(3)] == ["A999", "A1000", "A1001"]


def test_each_prefix_counts_for_itself() -> None:
    world = World()
    assert [world.join(service).number for service in ("cash", "enquiries", "cash", "enquiries")] == [
        "A001",
        "B001",
        "A002",
        "B002",
    ]


def test_a_number_that_was_cancelled_is_not_given_again() -> None:
    world = World()
    world.do(c.Cancel, ticket=world.join().id)
    assert world.join().number == "A002"


def test_numbers_go_on_when_the_day_is_closed_by_hand() -> None:
    world = World()
    world.join()
    world.do(c.CloseDay)
    assert world.join().number == "A002"


def test_numbers_start_again_with_the_business_day() -> None:
    world = World()
    world.joins(3)
    world.later(days=1)
    assert world.join().number == "A001"


def test_a_service_with_a_new_prefix_begins_that_series() -> None:
    world = World()
    world.join()
    world.do(c.SaveService, service=CASH.model_copy(update={"prefix": "C"}))
    assert world.join().number == "C001"


def test_a_service_that_takes_over_a_prefix_goes_on_in_its_series() -> None:
    world = World(services=(CASH,), counters=(), devices=DEVICES[:2])
    world.joins(2)
    world.do(c.SaveService, service=CASH.model_copy(update={"prefix": "C"}))
    world.do(c.SaveService, service=Service(id="loans", prefix="A", name={"en": "Loans"}))
    assert world.join("loans").number == "A003"


def test_a_prefix_that_spells_an_offline_series_of_today_repeats_none_of_its_numbers() -> None:
    world = World(services=(CASH,), counters=(), devices=DEVICES[:2])
    printed = world.join(sender=KIOSK, number="AX001", joined_at=MORNING).number
    world.do(c.SaveService, service=CASH.model_copy(update={"prefix": "C"}))
    world.do(c.SaveService, service=Service(id="loans", prefix="AX", name={"en": "Loans"}))
    assert world.join("loans").number != printed


@pytest.mark.parametrize("number", ["AX01", "AX99", "AX100", "AX1000"])
def test_an_issuer_gives_numbers_of_prefix_letter_and_two_digits_or_more(number: str) -> None:
    check_offline_number(number, "A", "X")


@pytest.mark.parametrize("number", ["A01", "AX1", "AX00", "AX", "AY01", "BX01", "XA01", "AXX01", "AX0A", "AX²3", "X01", ""])
def test_a_number_of_no_issuers_series_is_invalid(number: str) -> None:
    with pytest.raises(Refused) as refused:
        check_offline_number(number, "A", "X")
    assert refused.value.code is Code.INVALID


def test_who_has_no_letter_may_give_no_numbers() -> None:
    with pytest.raises(Refused) as refused:
        check_offline_number("AX01", "A", None)
    assert refused.value.code is Code.NOT_ALLOWED


@pytest.mark.parametrize(
    ("prefixes", "letters"),
    [
        ({"cash": "A", "loans": "AX"}, {"kiosk-1": "X"}),
        ({"cash": "A", "loans": "A"}, {}),
        ({"cash": "AB", "loans": "AB"}, {"kiosk-1": "X"}),
        ({"cash": "A"}, {"kiosk-1": "X", "kiosk-2": "X"}),
        ({"loans": "AR", "cash": "A"}, {"the remote issuer": "R"}),
        ({"cash": "A", "loans": "AA"}, {"kiosk-1": "A"}),
    ],
)
def test_a_setup_that_could_give_a_number_twice_is_refused(prefixes: dict[str, str], letters: dict[str, str]) -> None:
    with pytest.raises(Refused) as refused:
        check_series(prefixes, letters)
    assert refused.value.code is Code.INVALID


@pytest.mark.parametrize(
    ("prefixes", "letters"),
    [
        ({"cash": "A", "loans": "AY"}, {"kiosk-1": "X"}),
        ({"cash": "A", "loans": "XA"}, {"kiosk-1": "X"}),
        ({}, {}),
        ({"cash": "A"}, {"kiosk-1": "A"}),
    ],
)
def test_a_setup_whose_series_differ_is_taken(prefixes: dict[str, str], letters: dict[str, str]) -> None:
    check_series(prefixes, letters)


def test_the_words_of_a_clash_name_both_sides() -> None:
    with pytest.raises(Refused, match="Prefix A of cash and letter X of kiosk-1 spell AX, the prefix of loans"):
        check_series({"cash": "A", "loans": "AX"}, {"kiosk-1": "X"})


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (c.SaveService, {"service": Service(id="loans", prefix="AX", name={"en": "Loans"})}),
        (c.SaveService, {"service": Service(id="loans", prefix="AR", name={"en": "Loans"})}),
        (c.SaveService, {"service": Service(id="loans", prefix="A", name={"en": "Loans"})}),
        (c.SaveDevice, {"device": Device(id="kiosk-9", kind=DeviceKind.KIOSK, issuer="X")}),
        (c.SaveDevice, {"device": Device(id="kiosk-9", kind=DeviceKind.KIOSK, issuer="R")}),
        (c.SaveBranch, {"branch": Branch(id="main", name={"en": "Main"}, remote_issuer="X")}),
    ],
)
def test_no_command_brings_about_a_clash(kind: type[c.Command], fields: dict[str, Any]) -> None:
    assert World().code(kind, **fields) is Code.INVALID


def test_a_letter_that_would_spell_a_prefix_is_refused_on_the_device_and_on_the_branch() -> None:
    world = World(services=(CASH, Service(id="loans", prefix="AZ", name={"en": "Loans"})), counters=(), devices=DEVICES[:2])
    assert world.code(c.SaveDevice, device=Device(id="k", kind=DeviceKind.KIOSK, issuer="Z")) is Code.INVALID
    assert world.code(c.SaveBranch, branch=Branch(id="main", name={"en": "Main"}, remote_issuer="Z")) is Code.INVALID
