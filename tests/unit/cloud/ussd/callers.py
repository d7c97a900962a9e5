"""A world of branches for the dialogue, in memory, and a caller who presses keys."""

from dataclasses import dataclass, field

from cloud.ussd import machine
from cloud.ussd.letters import screen_units
from cloud.ussd.state import Known, Named, Screen, ServiceFacts, State, Step, TicketFacts, Want, Wants

CASH = ServiceFacts("cash", "Cash", 4, 720)
CARDS = ServiceFacts("cards", "Cards", 0, 0, "service_paused", "14:00")
TICKET = TicketFacts("t-1", "A042", "waiting", 3, 540, "", "Main Street", "Cash")


@dataclass
class World:
    """What the runner would find. `refusal` is what the branch says to everything."""

    organizations: tuple[Named, ...] = (Named("bank", "Demo Bank"),)
    branches: tuple[Named, ...] = (Named("main", "Main Street"), Named("hill", "Hill Road"))
    services: tuple[ServiceFacts, ...] = (CASH, CARDS)
    tickets: tuple[TicketFacts, ...] = ()
    joined: TicketFacts = TICKET
    refusal: str = ""
    live: bool = True
    asked: list[Wants] = field(default_factory=list)

    def known(self, wants: Wants) -> Known:
        self.asked.append(wants)
        found = self._found(wants)
        if found is not None:
            return found
        return Known(refusal=self.refusal) if self.refusal else Known(tickets=(self.joined,))

    def _found(self, wants: Wants) -> Known | None:
        named = tuple(one for one in self.branches if wants.value.lower() in one.name.lower())
        mine = Known(tickets=self.tickets)
        return {
            Want.MENU: mine,
            Want.TICKETS: mine,
            Want.ORGANIZATIONS: Known(named=self.organizations),
            Want.BRANCHES_OF: Known(named=self.branches, heading="Demo Bank"),
            Want.BRANCH_BY_CODE: Known(named=self.branches[:1] if wants.value == "1042" else ()),
            Want.BRANCHES_BY_NAME: Known(named=named),
            Want.SERVICES: Known(services=self.services, heading=self.branches[0].name, live=self.live),
        }.get(wants.want)


class Call:
    """One dialogue."""

    def __init__(self, world: World, state: State | None = None, *, resumed: bool = False) -> None:
        self.world = world
        self.state, self.screen = self._told(machine.begin(state or State(language="en"), resumed=resumed))

    @property
    def text(self) -> str:
        return self.screen.text

    def press(self, *keys: str) -> str:
        for key in keys:
            self.state, self.screen = self._told(machine.press(self.state, key))
        return self.screen.text

    def _told(self, step: Step) -> tuple[State, Screen]:
        for _ in range(6):
            state, wants = step
            if isinstance(wants, Screen):
                used, room = screen_units(wants.text)
                assert used <= room, f"{used} of {room}: {wants.text}"
                assert wants.text.strip()
                return state, wants
            step = machine.given(state, wants, self.world.known(wants))
        raise AssertionError("it asks without an end")
