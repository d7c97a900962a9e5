"""What a receipt printer's status bytes mean (Epson's ESC/POS command reference: DLE EOT, GS r). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

DLE_EOT = b"\x10\x04"
ASK_PAPER = b"\x1dr\x01"
"""GS r 1: answered in turn, so that its answer says that all before it was processed."""
FLOW_CONTROL = b"\x11\x13"
"""XON and XOFF, which a serial printer may put in anywhere."""


class State(StrEnum):
    """How the printer is: the words of `PrinterStatus`."""

    OK = "ok"
    PAPER_LOW = "paper_low"
    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    OFFLINE = "offline"
    """Not reached, gives no answer, or says that it is offline and not why."""
    ERROR = "error"
    """It says that it is broken (cutter, head, supply), or its answers make no sense."""

    @property
    def can_print(self) -> bool:
        return self in {State.OK, State.PAPER_LOW}


class Query(IntEnum):
    """The questions of DLE EOT, which are answered at once, whatever waits to be printed."""

    PRINTER = 1
    OFFLINE_CAUSE = 2
    ERROR_CAUSE = 3
    PAPER = 4

    @property
    def bytes(self) -> bytes:
        return DLE_EOT + bytes((self.value,))


@dataclass(frozen=True, slots=True)
class Paper:
    """What the paper sensors say."""

    low: bool
    out: bool


def is_real_time(byte: int) -> bool:
    """Whether `byte` can be an answer to DLE EOT: bits 1 and 4 set, 0 and 7 clear."""
    return byte & 0x93 == 0x12


def is_in_turn(byte: int) -> bool:
    """Whether `byte` can be an answer to GS r 1: bits 4 and 7 clear, and each sensor's two bits alike."""
    return byte & 0x90 == 0 and byte & 0x03 in {0, 0x03} and byte & 0x0C in {0, 0x0C}


def paper_of(byte: int) -> Paper | None:
    """The paper as an answer to GS r 1 tells it; None where it is none."""
    return Paper(low=bool(byte & 0x03), out=bool(byte & 0x0C)) if is_in_turn(byte) else None


def state_of(answers: Mapping[Query, int]) -> State:
    """The state that answers to DLE EOT tell; what was not asked counts as well. No answer at all is OFFLINE, and an
    answer that can be none is ERROR. Out of paper and an open cover go before errors: a person can see to them.
    """
    if not answers:
        return State.OFFLINE
    if not all(is_real_time(byte) for byte in answers.values()):
        return State.ERROR
    printer, cause, fault, paper = (answers.get(query, 0) for query in Query)
    findings = (
        (bool(cause & 0x04), State.COVER_OPEN),
        (bool(paper & 0x60 or cause & 0x20), State.PAPER_OUT),
        (bool(fault & 0x68 or cause & 0x40), State.ERROR),
        (bool(printer & 0x08), State.OFFLINE),
        (bool(paper & 0x0C), State.PAPER_LOW),
    )
    return next((state for found, state in findings if found), State.OK)


def without_flow_control(data: bytes) -> bytes:
    """`data` without XON and XOFF."""
    return data.translate(None, FLOW_CONTROL)


def only_answer(data: Sequence[int]) -> int | None:
    """The answer where `data` is exactly one byte; None where it is garbage, or where there is none."""
    return data[0] if len(data) == 1 else None
