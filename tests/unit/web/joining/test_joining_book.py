"""The book of requests keeps its promises whatever boxes, strangers and administrators do, in any order."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from branch_server.web.joining.book import (
    DELIVERY_S,
    MOST_FROM_ONE,
    MOST_OPEN,
    REQUEST_S,
    SILENT_S,
    Asked,
    Book,
    BookError,
    FullError,
    Revealed,
    Stage,
    UnfitError,
    UnknownError,
    WrongCodeError,
)
from branch_server.web.joining.limits import CLOSED_S, CODE_EVERY_S, CODES_AT_ONCE, MOST_WRONG
from foleni.messages.joining import Commit, code, commitment

CA = b"the authority in DER"


def drawn() -> Callable[[], str]:
    """Random numbers that are the same in every run."""
    numbers = count()
    return lambda: hashlib.sha256(str(next(numbers)).encode()).hexdigest()


@dataclass
class Box:
    """A box that keeps to the rules; `shows` is the code that it works out by itself."""

    number: int
    address: str = "10.0.0.9"
    request: str = ""
    server_nonce: str = ""
    nonce: str = field(init=False)
    revealed: Revealed = field(init=False)

    def __post_init__(self) -> None:
        der = f"signing request {self.number}".encode()
        self.nonce = hashlib.sha256(f"nonce {self.number}".encode()).hexdigest()
        self.revealed = Revealed(b"PEM " + der, der, hashlib.sha256(der).hexdigest())

    @property
    def shows(self) -> str:
        return code(CA, self.revealed.der, self.nonce, self.server_nonce)

    def commit(self, book: Book, now: float) -> "Box":
        asked = book.open(
            Commit(commit=commitment(self.revealed.der, self.nonce), kind="kiosk", version="1"), self.address, now
        )
        self.request, self.server_nonce = asked.id, asked.server_nonce
        return self

    def reveal(self, book: Book, now: float) -> Asked:
        return book.reveal(self.request, self.revealed, self.nonce, now)


def a_book() -> Book:
    numbers = count(1)
    return Book(CA, drawn(), lambda: f"request-{next(numbers)}")


@pytest.fixture
def book() -> Book:
    return a_book()


def test_box_and_branch_work_out_the_same_code(book: Book) -> None:
    box = Box(1).commit(book, 0)
    assert box.reveal(book, 1).code == box.shows
    assert book.by_code(box.shows, 2).id == box.request


def test_what_a_stranger_says_of_his_machine_turns_no_other_words_around(book: Book) -> None:
    commit = Commit(commit="ab" * 32, kind="kiosk", box="\u202eT100\n ACME", version="1")
    assert book.open(commit, "10.0.0.9", 0).box == "T100 ACME"


def test_a_box_that_reveals_something_else_is_out(book: Book) -> None:
    box = Box(1).commit(book, 0)
    with pytest.raises(UnfitError):
        book.reveal(box.request, Box(2).revealed, box.nonce, 1)
    with pytest.raises(UnknownError):
        box.reveal(book, 2)


def test_the_same_reveal_twice_is_one(book: Book) -> None:
    box = Box(1).commit(book, 0)
    assert box.reveal(book, 1) is box.reveal(book, 2)
    with pytest.raises(UnfitError):
        book.reveal(box.request, Box(2).revealed, Box(2).nonce, 3)
    assert book.ask(box.request, box.nonce, 4).stage is Stage.ASKING


def test_who_does_not_know_the_nonce_hears_nothing_and_harms_nobody(book: Book) -> None:
    box = Box(1).commit(book, 0)
    box.reveal(book, 1)
    book.approve(box.request, "kiosk-1", 2)
    with pytest.raises(UnknownError):
        book.ask(box.request, Box(2).nonce, 3)
    assert book.ask(box.request, box.nonce, 4).stage is Stage.APPROVED


def test_a_request_ends_in_time_also_when_the_box_goes_on_asking(book: Book) -> None:
    box = Box(1).commit(book, 0)
    box.reveal(book, 0)
    for now in range(0, int(REQUEST_S), int(SILENT_S) - 1):
        book.ask(box.request, box.nonce, now)
    with pytest.raises(UnknownError):
        book.ask(box.request, box.nonce, REQUEST_S)
    with pytest.raises(UnknownError):
        book.approve(box.request, "kiosk-1", REQUEST_S)
    with pytest.raises(WrongCodeError):
        book.by_code(box.shows, REQUEST_S)


def test_an_approved_box_has_time_to_fetch_what_it_is_given(book: Book) -> None:
    box = Box(1).commit(book, 0)
    box.reveal(book, 0)
    late = REQUEST_S - 1
    for now in range(0, int(late), int(SILENT_S) - 1):
        book.ask(box.request, box.nonce, now)
    book.approve(box.request, "kiosk-1", late)
    assert book.ask(box.request, box.nonce, late + DELIVERY_S - 1).stage is Stage.APPROVED


def test_after_too_many_wrong_codes_all_requests_end_and_nobody_can_ask_for_a_while(book: Book) -> None:
    box = Box(1).commit(book, 0)
    box.reveal(book, 0)
    wrong = "000000" if box.shows != "000000" else "111111"
    lefts = []
    for _ in range(MOST_WRONG):
        with pytest.raises(WrongCodeError) as refused:
            book.by_code(wrong, 1)
        lefts.append(refused.value.left)
    assert lefts == [4, 3, 2, 1, 0]
    assert book.ask(box.request, box.nonce, 2).reason == "closed"
    with pytest.raises(BookError) as closed:
        Box(2).commit(book, 2)
    assert closed.value.again_s == CLOSED_S - 1
    with pytest.raises(WrongCodeError):
        book.by_code(box.shows, 2)
    assert Box(3).commit(book, 1 + CLOSED_S).request


def test_a_flood_from_one_address_leaves_room_for_the_others(book: Book) -> None:
    for number in range(MOST_FROM_ONE):
        Box(number, "10.0.0.66").commit(book, 0).reveal(book, 0)
    with pytest.raises(FullError):
        Box(99, "10.0.0.66").commit(book, 1)
    honest = Box(100, "10.0.0.7").commit(book, 1)
    assert honest.reveal(book, 1).code == honest.shows


def test_a_flood_from_everywhere_pushes_out_nobody_who_asks_already(book: Book) -> None:
    honest = Box(0, "10.0.0.7").commit(book, 0)
    honest.reveal(book, 0)
    for number in range(1, MOST_OPEN):
        Box(number, f"10.0.1.{number}").commit(book, 0)
    with pytest.raises(FullError):
        Box(99, "10.0.0.66").commit(book, 1)
    assert book.ask(honest.request, honest.nonce, 2).stage is Stage.ASKING


def test_codes_are_rationed_so_that_nobody_can_try_them_out(book: Book) -> None:
    made, now = 0, 0.0
    for _ in range(int(CODES_AT_ONCE) * 3):
        try:
            box = Box(made).commit(book, now)
        except FullError:
            break
        book.refuse(box.request, now)
        made += 1
    assert made == CODES_AT_ONCE
    with pytest.raises(FullError) as refused:
        Box(1000).commit(book, now)
    assert refused.value.again_s == CODE_EVERY_S
    assert Box(1001).commit(book, now + CODE_EVERY_S).request


class AnyBook(RuleBasedStateMachine):
    """Honest boxes, strangers and an administrator at one book."""

    boxes = Bundle("boxes")
    asking = Bundle("asking")

    @initialize()
    def begin(self) -> None:
        self.book = a_book()
        self.now = 0.0
        self.made = count(1)
        self.approved: dict[str, str] = {}
        """What the administrator has approved: request to device."""
        self.began: dict[str, float] = {}

    @rule(target=boxes, address=st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.3"]))
    def commit(self, address: str) -> object:
        before = self._stages()
        try:
            box = Box(next(self.made), address).commit(self.book, self.now)
        except BookError:
            return multiple()
        self.began[box.request] = self.now
        assert {name for name, stage in before.items() if stage is not Stage.REFUSED} <= self._stages().keys()
        return box

    @rule(target=asking, box=consumes(boxes))
    def reveal(self, box: Box) -> object:
        try:
            assert box.reveal(self.book, self.now).code == box.shows
        except BookError:
            return multiple()
        return box

    @rule(box=consumes(boxes), nonce=st.integers(5000, 5010))
    def reveal_something_else(self, box: Box, nonce: int) -> None:
        with pytest.raises(BookError):
            self.book.reveal(box.request, box.revealed, Box(nonce).nonce, self.now)

    @rule(box=asking)
    def ask(self, box: Box) -> None:
        try:
            asked = self.book.ask(box.request, box.nonce, self.now)
        except UnknownError:
            return
        if asked.stage is Stage.APPROVED:
            assert self.approved[box.request] == asked.device
            assert asked.box_key == box.revealed.key

    @rule(box=asking, other=asking)
    def ask_for_another(self, box: Box, other: Box) -> None:
        if box is not other:
            with pytest.raises(UnknownError):
                self.book.ask(box.request, other.nonce, self.now)

    @rule(box=asking, device=st.sampled_from(["kiosk-1", "kiosk-2"]))
    def approve(self, box: Box, device: str) -> None:
        try:
            found = self.book.by_code(box.shows, self.now)
        except WrongCodeError:
            return
        assert found.id == box.request
        try:
            self.book.approve(found.id, device, self.now)
        except UnknownError:
            assert self.approved[box.request] != device
            return
        self.approved[box.request] = device

    @rule(typed=st.from_regex(r"[0-9]{6}", fullmatch=True))
    def type_anything(self, typed: str) -> None:
        try:
            found = self.book.by_code(typed, self.now)
        except WrongCodeError:
            return
        assert found.code == typed

    @rule(box=asking)
    def refuse(self, box: Box) -> None:
        try:
            self.book.refuse(box.request, self.now)
        except UnknownError:
            return
        assert self.book.ask(box.request, box.nonce, self.now).stage is Stage.REFUSED

    @rule(seconds=st.sampled_from([0.5, 5.0, SILENT_S + 1, 120.0, CLOSED_S, REQUEST_S]))
    def time_goes_by(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def no_device_belongs_to_two_boxes(self) -> None:
        devices = [asked.device for asked in self._all() if asked.stage is Stage.APPROVED]
        assert len(devices) == len(set(devices))

    @invariant()
    def nothing_is_approved_that_nobody_approved(self) -> None:
        for asked in self._all():
            if asked.stage is Stage.APPROVED:
                assert self.approved.get(asked.id) == asked.device

    @invariant()
    def what_is_old_is_never_given(self) -> None:
        for asked in self.book.waiting(self.now):
            assert self.now - self.began[asked.id] < REQUEST_S

    @invariant()
    def it_stays_small(self) -> None:
        open_now = [asked for asked in self._all() if asked.stage in {Stage.COMMITTED, Stage.ASKING}]
        assert len(open_now) <= MOST_OPEN
        assert len(self._all()) <= 3 * MOST_OPEN

    def _all(self) -> list[Asked]:
        return list(self.book._asked.values()) if hasattr(self, "book") else []

    def _stages(self) -> dict[str, Stage]:
        self.book.waiting(self.now)
        return {asked.id: asked.stage for asked in self._all()}


TestAnyBook = AnyBook.TestCase
