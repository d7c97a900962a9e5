"""Orders as a device takes them: each once, and every one is answered."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from foleni.ids import uuid7
from foleni.messages.orders import Came, Identify, KnownOrder, Outcome, Print, Restart
from foleni.station.orders import Answer, Orders


class Bench:
    """A device that keeps its orders, and what was said of them."""

    def __init__(self) -> None:
        self.said: list[Outcome] = []
        self.taken: list[tuple[KnownOrder, Answer]] = []
        self.orders = Orders(self.said.append, lambda order, answer: self.taken.append((order, answer)))

    def hears(self, **order: Any) -> str:
        order = {"id": uuid7(), **order}
        self.orders.take(json.dumps(order).encode())
        return str(order["id"])


@pytest.mark.parametrize(
    ("order", "form"),
    [({"type": "identify"}, Identify), ({"type": "restart"}, Restart), ({"type": "print", "test": True, "new": 1}, Print)],
)
def test_an_order_that_is_known_is_handed_over(order: dict[str, Any], form: type) -> None:
    bench = Bench()
    bench.hears(**order)
    assert [type(taken) for taken, _ in bench.taken] == [form]
    assert not bench.said, "nothing has come of it yet"


def test_the_same_order_twice_is_done_once_and_answered_twice() -> None:
    bench = Bench()
    order = bench.hears(type="identify")
    bench.hears(type="identify", id=order)
    assert len(bench.taken) == 1
    assert not bench.said, "what came of it is not known yet"
    bench.taken[0][1](Came.DONE, "Shown.")
    bench.hears(type="identify", id=order.upper())
    assert [(said.order, said.ok, said.code) for said in bench.said] == [(order, True, "done")] * 2
    assert len(bench.taken) == 1


def test_a_later_answer_stands_for_the_one_before() -> None:
    bench = Bench()
    order = bench.hears(type="restart")
    answer = bench.taken[0][1]
    answer(Came.LATER, "Soon.")
    answer(Came.BUSY, "Not restarted.")
    bench.hears(type="restart", id=order)
    assert [(said.ok, said.code) for said in bench.said] == [(True, "later"), (False, "busy"), (False, "busy")]


def test_an_order_from_the_future_is_answered_with_no() -> None:
    bench = Bench()
    order = bench.hears(type="dance")
    assert not bench.taken
    assert [(said.order, said.ok, said.code) for said in bench.said] == [(order, False, "unknown")]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"test": True, "ticket": {"number": "A1", "service": "cash", "joined_at": "2026-11-20T10:00:00Z"}},
        {"ticket": {"number": "", "service": "cash", "joined_at": "2026-11-20T10:00:00Z"}},
        {"ticket": {"number": "A1"}},
        {"test": True, "language": "no language"},
        {"test": True, "template": {"id": "x", "width_px": 1}},
    ],
)
def test_an_order_to_print_that_makes_no_sense_is_answered_with_no(wrong: dict[str, Any]) -> None:
    bench = Bench()
    order = bench.hears(type="print", **wrong)
    assert not bench.taken
    assert [(said.order, said.ok, said.code) for said in bench.said] == [(order, False, "invalid")]


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b'{"type":"identify"}', b'{"id":"7","type":"identify"}'])
def test_what_has_no_id_cannot_be_answered(payload: bytes) -> None:
    bench = Bench()
    with pytest.raises(ValidationError):
        bench.orders.take(payload)
    assert (bench.taken, bench.said) == ([], [])


def test_only_the_last_orders_are_remembered() -> None:
    bench = Bench()
    first = bench.hears(type="identify")
    for _ in range(64):
        bench.hears(type="identify")
    bench.taken[0][1](Came.DONE, "Shown.")
    assert [said.order for said in bench.said] == [first], "one that is forgotten is answered all the same"
    assert len(bench.orders._known) == 64
