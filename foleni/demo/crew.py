"""All the programs of the demo together: started in order, ended together, and nothing left behind."""

from collections.abc import Sequence

from foleni.demo.house import House
from foleni.demo.keeper import Keeper, Program

START_S = 60.0


class Crew:
    """The programs of a house. Those of one `start` come up side by side; `stop` ends the last ones first."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._ranks: list[list[Keeper]] = []

    def start(self, *programs: Program) -> list[Keeper]:
        """Begin, without waiting. Stopped before those that were started earlier."""
        keepers = [Keeper(program, self._house.tell) for program in programs]
        self._ranks.append(keepers)
        for keeper in keepers:
            self._house.keepers[keeper.program.name] = keeper
            keeper.start()
        return keepers

    def adopt(self, keeper: Keeper) -> None:
        """One that runs already."""
        self._ranks.append([keeper])
        self._house.keepers[keeper.program.name] = keeper

    def wait_up(self, keepers: Sequence[Keeper]) -> None:
        """Return when all are up, and say so one by one. Raises `StartError`."""
        for keeper in keepers:
            keeper.wait_up(START_S)
            self._house.tell(f"  {keeper.program.name} is up")

    def stop(self) -> None:
        """End everything. Safe to call again."""
        while self._ranks:
            rank = self._ranks.pop()
            for keeper in rank:
                keeper.ask_to_end()
            for keeper in rank:
                keeper.stop()
