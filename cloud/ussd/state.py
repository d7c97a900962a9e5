"""Where a caller is: frames that lie on each other as screens were opened. Everything that a screen shows is in its frame, so
that the same screen can be drawn again after a drop, a repeat or a restart.
"""

from dataclasses import dataclass, replace
from enum import StrEnum


class Place(StrEnum):
    LANGUAGE = "language"
    MENU = "menu"
    WHERE = "where"
    CODE = "code"
    NAME = "name"
    ORGANIZATIONS = "organizations"
    BRANCHES = "branches"
    SERVICES = "services"
    CONFIRM = "confirm"
    TICKETS = "tickets"
    TICKET = "ticket"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Item:
    """One line to choose. `name` and `detail` are what the next screen says of it; `block` why it cannot be chosen, in
    finished words.
    """

    key: str
    label: str
    name: str = ""
    detail: str = ""
    block: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """`body` must be read, `extra` is left away where there is no room. `key` is what the frame is about."""

    place: Place
    heading: str = ""
    body: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    page: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True)
class Screen:
    """What the phone shows; where it `ends` the dialogue is over."""

    text: str
    ends: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """`code` is a branch that was dialled together with the service (`*384*1042#`), until it has been looked up. `note` is
    said once in place of the heading. `last_branch` and its name stay from one dialogue to the next.
    """

    language: str = ""
    frames: tuple[Frame, ...] = ()
    note: str = ""
    code: str = ""
    last_branch: str = ""
    last_branch_name: str = ""

    @property
    def top(self) -> Frame:
        return self.frames[-1]

    def opened(self, frame: Frame) -> "State":
        """With a screen over the others; one like it that lay on top is replaced."""
        below = self.frames[:-1] if self.frames and self.top.place is frame.place else self.frames
        return replace(self, frames=(*below, frame), note="")

    def closed(self) -> "State":
        """The screen under the one on top."""
        return replace(self, frames=self.frames[:-1], note="")

    def saying(self, note: str) -> "State":
        return replace(self, note=note)

    def turned(self, page: int) -> "State":
        return replace(self, frames=(*self.frames[:-1], replace(self.top, page=page)), note="")

    def down_to(self, *places: Place) -> "State":
        """Without what lies over the topmost screen of one of these places; as it is where there is none."""
        for height in range(len(self.frames), 0, -1):
            if self.frames[height - 1].place in places:
                return replace(self, frames=self.frames[:height], note="")
        return self


class Want(StrEnum):
    """What the machine cannot know by itself."""

    BRANCH_BY_CODE = "branch_by_code"
    BRANCHES_BY_NAME = "branches_by_name"
    ORGANIZATIONS = "organizations"
    BRANCHES_OF = "branches_of"
    SERVICES = "services"
    MENU = "menu"
    TICKETS = "tickets"
    JOIN = "join"
    CANCEL = "cancel"
    CHECK_IN = "check_in"


ACTS = frozenset({Want.JOIN, Want.CANCEL, Want.CHECK_IN})
"""These change something at a branch."""


@dataclass(frozen=True, slots=True)
class Wants:
    """`value` is a number, some letters, or the id of an organization, a branch or a ticket; for a join the `branch` and the
    service in `value`."""

    want: Want
    value: str = ""
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A branch or an organization, by its name in the caller's language."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """`block` is the code of a refusal, empty where one can join; `reopens` is a time of day."""

    id: str
    name: str
    waiting: int
    wait_s: int | None
    block: str = ""
    reopens: str = ""


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """A caller's ticket. `number` is empty while the branch has not given one."""

    id: str
    number: str
    status: str
    ahead: int | None
    wait_s: int | None
    counter: str
    branch: str
    service: str
    live: bool = True
    checked_in: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What there is, as far as it was asked for. `refusal` is the code of why it could not be done. `wider` says that there
    are more than were given."""

    named: tuple[Named, ...] = ()
    services: tuple[ServiceFacts, ...] = ()
    tickets: tuple[TicketFacts, ...] = ()
    heading: str = ""
    live: bool = True
    refusal: str = ""
    wider: bool = False


Step = tuple[State, Screen | Wants]
