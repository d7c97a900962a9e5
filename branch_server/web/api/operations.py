"""The commands that can be asked over HTTP: where, with which refusals, and an example of each."""

from dataclasses import dataclass, field
from typing import Any

from branch_server.web.api import forms as f
from foleni.messages import commands as c
from foleni.messages.replies import Code

TICKET = "0197a3c2-5b1e-7c40-9d2f-3a1b5c7d9e01"
COMMAND = "0197a3c2-6aa0-7d11-8c3e-90ab12cd34ef"

STANDING: dict[str, Any] = {
    "ticket": TICKET, "number": "A042", "service": "cash", "status": "waiting", "joined_at": "2026-11-21T09:41:07.123Z",
    "position": 4, "ahead": 3, "wait_p50_s": 540, "wait_p90_s": 800, "url": "https://branch.local/t/Yk3b9…",
}  # fmt: skip
HAND: dict[str, Any] = {
    "ticket": TICKET, "number": "A042", "service": "cash", "status": "called", "called_at": "2026-11-21T09:52:40.010Z",
    "call": 1,
}  # fmt: skip
AT_COUNTER: dict[str, Any] = {"counter": "c1", "in_hand": HAND, "waiting": 11}
EMPTY_HANDED: dict[str, Any] = {**AT_COUNTER, "in_hand": None}
_OF_SERVICE: dict[str, Any] = {"service": "cash", "state": "paused", "reopens_at": "2026-11-21T11:30:00.000Z"}

_OPEN = (Code.COUNTER_CLOSED, Code.UNKNOWN_COUNTER)
_HELD = (Code.NOTHING_IN_HAND, Code.WRONG_STATE, Code.UNKNOWN_COUNTER)
_TICKET = (Code.UNKNOWN_TICKET, Code.WRONG_STATE)


@dataclass(frozen=True, slots=True)
class Operation:
    """A command's route below `/api/v1`; the names in `path` are fields of the command. `answer` is the form of the answer,
    `result` and `example` are an example of its result and of the body.
    """

    path: str
    command: type[c.Command]
    summary: str
    answer: type[f.Done]
    result: dict[str, Any]
    refusals: tuple[Code, ...]
    example: dict[str, Any] = field(default_factory=dict)
    note: str = ""

    @property
    def type(self) -> str:
        return str(self.command.model_fields["type"].default)

    @property
    def tag(self) -> str:
        return self.path.split("/")[1]


def _at_ticket(verb: str, command: type[c.Command], summary: str, refusals: tuple[Code, ...] = (), **changes: Any) -> Operation:
    example, note = changes.pop("example", {}), changes.pop("note", "")
    result = {**STANDING, **changes}
    return Operation(f"/tickets/{{ticket}}/{verb}", command, summary, f.TicketDone, result, _TICKET + refusals, example, note)


def _at_counter(
    verb: str, command: type[c.Command], summary: str, refusals: tuple[Code, ...], *, empty: bool = False, **more: Any
) -> Operation:
    result = EMPTY_HANDED if empty else AT_COUNTER
    return Operation(f"/counters/{{counter}}/{verb}", command, summary, f.CounterDone, result, refusals, **more)


def _at_service(verb: str, command: type[c.Command], summary: str, state: str, example: dict[str, Any]) -> Operation:
    result = {**_OF_SERVICE, "state": state, "reopens_at": example.get("reopens_at")}
    return Operation(f"/services/{{service}}/{verb}", command, summary, f.ServiceDone, result, (Code.UNKNOWN_SERVICE,), example)


TICKETS = (
    Operation(
        "/tickets", c.Join, "Take a place in a queue", f.TicketDone, STANDING,
        (Code.SERVICE_CLOSED, Code.SERVICE_PAUSED, Code.SERVICE_FULL, Code.UNKNOWN_SERVICE, Code.ALREADY_QUEUED),
        {"service": "cash", "priority": "normal", "language": "en", "phone": "+250788123456"},
        "Without `channel` it is `api` for a token and `staff` for a person.",
    ),
    _at_ticket("cancel", c.Cancel, "Withdraw a ticket", status="cancelled", position=1, ahead=0, wait_p50_s=0, wait_p90_s=0),
    _at_ticket("check-in", c.CheckIn, "The customer of an appointment has arrived"),
    _at_ticket(
        "transfer", c.Transfer, "Hand a ticket on to a service, a counter or a person",
        (Code.SERVICE_CLOSED, Code.COUNTER_CLOSED, Code.UNKNOWN_SERVICE, Code.UNKNOWN_COUNTER),
        example={"to_service": "enquiries", "keep_rank": True}, service="enquiries",
    ),
    _at_ticket("note", c.AddNote, "Write something on a ticket", example={"text": "Brings the form at 11."}),
    _at_ticket("priority", c.SetPriority, "Change a ticket's priority class", example={"priority": "priority"}),
    _at_ticket("rate", c.Rate, "What the customer says", example={"stars": 5, "text": "Quick."}, status="completed"),
)  # fmt: skip

COUNTERS = (
    _at_counter(
        "call-next", c.CallNext, "Call the next ticket; what is in hand is completed first",
        (Code.NOTHING_WAITING, *_OPEN, Code.WRONG_STATE), note="`pass_over` names tickets that this call leaves out.",
    ),
    _at_counter(
        "call-ticket", c.CallTicket, "Call a waiting ticket by hand", (*_OPEN, *_TICKET), example={"ticket": TICKET}
    ),
    _at_counter("unpark", c.Unpark, "Call a parked ticket again", (*_OPEN, *_TICKET), example={"ticket": TICKET}),
    _at_counter("recall", c.Recall, "Repeat the call of the ticket in hand", _HELD),
    _at_counter("start", c.Start, "The customer is there", _HELD),
    _at_counter("complete", c.Complete, "The service is done", _HELD, empty=True, example={"outcome": "done", "seen": "A042"}),
    _at_counter("skip", c.Skip, "Not there: back a few places", _HELD, empty=True, example={"seen": "A042"}),
    _at_counter("no-show", c.NoShow, "The customer did not come", _HELD, empty=True, example={"seen": "A042"}),
    _at_counter("park", c.Park, "Put aside for a while", _HELD, empty=True, example={"reason": "waits for a copy"}),
    _at_counter("undo", c.Undo, "Take the last complete, skip or no-show back, within a minute",
                (Code.WRONG_STATE, Code.ALREADY_QUEUED, *_OPEN)),
    _at_counter("open", c.OpenCounter, "Open a counter", (Code.UNKNOWN_COUNTER,), empty=True,
                note="Without `staff` it is whoever is signed in."),
    _at_counter("close", c.CloseCounter, "Close a counter", (Code.WRONG_STATE, Code.UNKNOWN_COUNTER), empty=True),
    _at_counter("break", c.BreakCounter, "Close a counter for a while", (Code.WRONG_STATE, *_OPEN), empty=True,
                example={"reason": "lunch"}),
)  # fmt: skip

SERVICES = (
    _at_service("open", c.OpenService, "Take tickets", "open", {}),
    _at_service("pause", c.PauseService, "Take no tickets for now; those who wait keep their place", "paused",
                {"reason": "the printer is changed", "reopens_at": "2026-11-21T11:30:00.000Z"}),
    _at_service("close", c.CloseService, "Take no more tickets", "closed", {"reason": "end of the day"}),
)  # fmt: skip

BRANCH = (
    Operation("/announce", c.Announce, "Put a notice on every board; without text it goes", f.BranchDone, {}, (),
              {"text": {"en": "The lift is out of order.", "fr": "L'ascenseur est en panne."}}),
)  # fmt: skip

OPERATIONS = TICKETS + COUNTERS + SERVICES + BRANCH
