"""What somebody asks for. Each command has an id chosen by whoever asks: the same id twice has the effect of once."""

from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, TypeAdapter, model_validator

from foleni.ids import Slug, canonical_uuid
from foleni.messages.base import EchoedUuid, LanguageCode, Message, Name, Text, Texts, Uuid
from foleni.messages.setup import Branch, Counter, Device, PriorityClass, Service, Staff, Template
from foleni.times import WireTime


class Channel(StrEnum):
    """How a ticket is made. At the remote ones the customer is not in the building yet."""

    KIOSK = "kiosk"
    STAFF = "staff"
    APP = "app"
    USSD = "ussd"
    APPOINTMENT = "appointment"
    API = "api"


TicketNumber = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,3}[0-9]{2,7}$")]
Phone = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$")]
"""E.164."""


MOST_PASSED_OVER = 20
AlertId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,32}(:[a-z0-9-]{1,32})?$")]
"""`paper` or `paper:kiosk-1`."""


def _as_texts(value: Any) -> Any:
    return {"en": value} if isinstance(value, str) else value


def _slot(value: Any) -> Any:
    return value.get("slot") if isinstance(value, dict) else value


class Command(Message):
    """The form that all commands share. `at` is the asker's own clock: information, never relied upon."""

    id: EchoedUuid
    type: str
    actor: Name | None = None
    at: WireTime | None = None

    @cached_property
    def key(self) -> str:
        """The id as it is remembered: all spellings of one UUID are one id."""
        return canonical_uuid(self.id)

    def to_wire(self) -> bytes:
        """The command as JSON in UTF-8, its type always with it."""
        return self.model_dump_json(exclude_none=True).encode()


class Join(Command):
    """Take a place in a queue. `number` and `joined_at` come only from an issuer that was offline."""

    type: Literal["join"] = "join"
    service: Slug
    channel: Channel
    priority: Slug = "normal"
    language: LanguageCode | None = None
    phone: Phone | None = None
    name: Name | None = None
    appointment: Annotated[WireTime | None, BeforeValidator(_slot)] = None
    number: TicketNumber | None = None
    joined_at: WireTime | None = None


class TicketCommand(Command):
    ticket: Uuid


class Cancel(TicketCommand):
    type: Literal["cancel"] = "cancel"


class CheckIn(TicketCommand):
    type: Literal["check_in"] = "check_in"


class AddNote(TicketCommand):
    type: Literal["add_note"] = "add_note"
    text: Annotated[Text, StringConstraints(min_length=1)]


class SetPriority(TicketCommand):
    type: Literal["set_priority"] = "set_priority"
    priority: Slug


class Rate(TicketCommand):
    type: Literal["rate"] = "rate"
    stars: Annotated[int, Field(ge=1, le=5, strict=True)]
    text: Text = ""


class Transfer(TicketCommand):
    """Hand a ticket on, to the queue of a service, or into the hand of another counter or of whoever sits there."""

    type: Literal["transfer"] = "transfer"
    to_service: Slug | None = None
    to_counter: Slug | None = None
    to_staff: Slug | None = None
    keep_rank: bool = True

    @model_validator(mode="after")
    def _one_aim(self) -> "Transfer":
        if [self.to_service, self.to_counter, self.to_staff].count(None) != 2:
            raise ValueError("give one of to_service, to_counter and to_staff")
        return self


class CounterCommand(Command):
    """Asked at a counter. `seen` is the number that the person saw in hand."""

    counter: Slug
    seen: Annotated[str, StringConstraints(max_length=16)] | None = None


class CallNext(CounterCommand):
    """Whom the rule picks; `pass_over` are tickets that this one call leaves where they are."""

    type: Literal["call_next"] = "call_next"
    pass_over: Annotated[tuple[Uuid, ...], Field(max_length=MOST_PASSED_OVER)] = ()


class CallTicket(CounterCommand):
    type: Literal["call_ticket"] = "call_ticket"
    ticket: Uuid


class Unpark(CounterCommand):
    type: Literal["unpark"] = "unpark"
    ticket: Uuid


class Recall(CounterCommand):
    type: Literal["recall"] = "recall"


class Start(CounterCommand):
    type: Literal["start"] = "start"


class Complete(CounterCommand):
    type: Literal["complete"] = "complete"
    outcome: Annotated[Text, StringConstraints(max_length=64)] | None = None


class Skip(CounterCommand):
    type: Literal["skip"] = "skip"


class NoShow(CounterCommand):
    type: Literal["no_show"] = "no_show"


class Park(CounterCommand):
    type: Literal["park"] = "park"
    reason: Text | None = None


class Undo(CounterCommand):
    """Take back the last complete, skip or no-show of a counter. `ticket` is the one that the person wants back."""

    type: Literal["undo"] = "undo"
    ticket: Uuid | None = None


class OpenCounter(CounterCommand):
    type: Literal["open_counter"] = "open_counter"
    staff: Slug | None = None


class CloseCounter(CounterCommand):
    type: Literal["close_counter"] = "close_counter"
    reason: Text | None = None


class BreakCounter(CounterCommand):
    type: Literal["break_counter"] = "break_counter"
    reason: Text | None = None


class ServiceCommand(Command):
    service: Slug
    reason: Text | None = None


class OpenService(ServiceCommand):
    type: Literal["open_service"] = "open_service"


class PauseService(ServiceCommand):
    type: Literal["pause_service"] = "pause_service"
    reopens_at: WireTime | None = None


class CloseService(ServiceCommand):
    type: Literal["close_service"] = "close_service"
    reopens_at: WireTime | None = None


class Announce(Command):
    """Put a notice on the board, per language; without text the notice goes."""

    type: Literal["announce"] = "announce"
    text: Annotated[Texts, BeforeValidator(_as_texts)] = {}


class RaiseAlert(Command):
    """Something needs a person. Only the house itself says so."""

    type: Literal["raise_alert"] = "raise_alert"
    alert: AlertId
    message: Annotated[Text, StringConstraints(min_length=1)]


class ClearAlert(Command):
    type: Literal["clear_alert"] = "clear_alert"
    alert: AlertId


class BeginTerm(Command):
    """A server of a pair begins to serve. Every series of numbers goes on behind `skipped` numbers that may have been given
    elsewhere. Only the house itself asks for it, so it never comes over a wire."""

    type: Literal["begin_term"] = "begin_term"
    term: Annotated[int, Field(ge=1)]
    by: Annotated[str, StringConstraints(max_length=80)]
    skipped: Annotated[int, Field(ge=0, le=100_000)] = 0


class CloseDay(Command):
    """End the business day now; also how an administrator accepts a clock that jumped forward."""

    type: Literal["close_day"] = "close_day"


class SaveBranch(Command):
    type: Literal["save_branch"] = "save_branch"
    branch: Branch


class SavePriority(Command):
    type: Literal["save_priority"] = "save_priority"
    priority: PriorityClass


class SaveService(Command):
    type: Literal["save_service"] = "save_service"
    service: Service


class SaveCounter(Command):
    type: Literal["save_counter"] = "save_counter"
    counter: Counter


class SaveDevice(Command):
    type: Literal["save_device"] = "save_device"
    device: Device


class SaveStaff(Command):
    type: Literal["save_staff"] = "save_staff"
    staff: Staff


class SaveTemplate(Command):
    type: Literal["save_template"] = "save_template"
    template: Template


class RemovePriority(Command):
    type: Literal["remove_priority"] = "remove_priority"
    priority: Slug


class RemoveService(Command):
    type: Literal["remove_service"] = "remove_service"
    service: Slug


class RemoveCounter(Command):
    type: Literal["remove_counter"] = "remove_counter"
    counter: Slug


class RemoveDevice(Command):
    type: Literal["remove_device"] = "remove_device"
    device: Slug


class RemoveStaff(Command):
    type: Literal["remove_staff"] = "remove_staff"
    staff: Slug


class RemoveTemplate(Command):
    type: Literal["remove_template"] = "remove_template"
    template: Slug


AnyCommand = Annotated[
    Join | Cancel | CheckIn | AddNote | SetPriority | Rate | Transfer
    | CallNext | CallTicket | Unpark | Recall | Start | Complete | Skip | NoShow | Park | Undo
    | OpenCounter | CloseCounter | BreakCounter | OpenService | PauseService | CloseService | Announce
    | RaiseAlert | ClearAlert | CloseDay
    | SaveBranch | SavePriority | SaveService | SaveCounter | SaveDevice | SaveStaff | SaveTemplate
    | RemovePriority | RemoveService | RemoveCounter | RemoveDevice | RemoveStaff | RemoveTemplate,
    Field(discriminator="type"),
]  # fmt: skip

_commands: TypeAdapter[Any] = TypeAdapter(AnyCommand)


def parse_command(payload: bytes) -> Command:
    """The command in a payload; raises pydantic's `ValidationError` where there is none."""
    command: Command = _commands.validate_json(payload)
    return command
