"""The page for staff."""

from foleni.station.station import Reach
from foleni.words import Words, msgid, words
from kiosk.ledger.entries import Entry, Step
from kiosk.pages import Paper, StaffDesk, Tone
from kiosk.presenter.composing.frames import ROOM
from kiosk.presenter.knowledge import Knowledge
from kiosk.presenter.stages import AtDesk

WRONG = "wrong"
_DOT = "•"
_PRINTER = {
    "ok": msgid("Ready"),
    "paper_low": msgid("Low on paper"),
    "paper_out": msgid("No paper"),
    "cover_open": msgid("Cover open"),
    "offline": msgid("Does not answer"),
    "error": msgid("Fault"),
}
_REACH = {
    Reach.LIVE: msgid("Connected"),
    Reach.NO_SERVER: msgid("The branch computer does not answer"),
    Reach.NO_LINK: msgid("No network"),
}
_PAPERS: dict[str, str] = {
    Paper.PRINTING: msgid("Printing …"),
    Paper.PRINTED: msgid("Printed."),
    Paper.FAILED: msgid("Not printed."),
    Paper.UNSURE: msgid("Perhaps printed: please look."),
}
_STEPS = {
    Step.PRINTED: msgid("printed"),
    Step.FAILED: msgid("not printed"),
    Step.UNSURE: msgid("perhaps printed"),
}


def desk(known: Knowledge, stage: AtDesk, language: str, locked_s: int) -> StaffDesk:
    """`locked_s`: so many seconds no code is taken."""
    say = words(ROOM, language)
    return StaffDesk(
        headline=say("Staff") if stage.is_open else say("Staff code"),
        code_asked=not stage.is_open,
        digits=_DOT * len(stage.typed),
        lines=_lines(known, say) if stage.is_open else (),
        reprint_word=say("Print the last ticket again"),
        can_reprint=stage.is_open and known.stock.last is not None and stage.note != Paper.PRINTING,
        test_word=say("Print a test"),
        done_word=say("Done"),
        note=_note(stage, say, locked_s),
    )


def _note(stage: AtDesk, say: Words, locked_s: int) -> str:
    if stage.is_open:
        return say(_PAPERS[stage.note]) if stage.note in _PAPERS else ""
    if locked_s:
        return say("Wrong code. Please wait {seconds} s.", seconds=locked_s)
    return say("Wrong code.") if stage.note == WRONG else ""


def _lines(known: Knowledge, say: Words) -> tuple[tuple[str, str, Tone], ...]:
    stock = known.stock
    return (
        (say("Printer"), say(_PRINTER[known.printer]) if known.printer else "-", _tone(known.printer not in {"ok", None})),
        (say("Branch"), say(_REACH[known.reach]), _tone(known.reach is not Reach.LIVE)),
        (say("Last ticket"), _last(stock.last, say), Tone.QUIET),
        (say("Tickets to hand in"), str(stock.waiting), Tone.QUIET),
        (say("Tickets that the branch refused"), str(stock.refused), _tone(stock.refused > 0)),
        (say("Storage"), say("Broken or full") if stock.broken else say("Ready"), _tone(stock.broken)),
    )


def _tone(trouble: bool) -> Tone:
    return Tone.TROUBLE if trouble else Tone.QUIET


def _last(entry: Entry | None, say: Words) -> str:
    if entry is None:
        return "-"
    step = _STEPS.get(entry.step)
    return f"{entry.number} · {say(step)}" if step else entry.number or ""
