"""Whether the picture is what is true now, and if not, since when it is not."""

from dataclasses import dataclass
from math import inf

from display.moment import Moment
from foleni.station.station import Reach


@dataclass(slots=True)
class Liveness:
    """LIVE needs the branch server's word, and the board and the services heard after that word was last in doubt."""

    _reach: Reach = Reach.NO_LINK
    _has_board: bool = False
    _has_services: bool = False
    _lost_at: Moment | None = None

    @property
    def is_live(self) -> bool:
        return self._reach is Reach.LIVE and self._has_board and self._has_services

    @property
    def lost_at(self) -> Moment | None:
        """When it was live last; None where it is, and where it never was."""
        return None if self.is_live else self._lost_at

    def silence_s(self, now: Moment) -> float:
        """For how long calls may have been missed; infinite where none was ever heard live."""
        if self.is_live:
            return 0.0
        return inf if self._lost_at is None else now.steady_s - self._lost_at.steady_s

    def reached(self, reach: Reach, now: Moment) -> None:
        """The station's reach is another one."""
        if self.is_live:
            self._lost_at = now
        if reach is not Reach.LIVE:
            self._has_board = self._has_services = False
        self._reach = reach

    def heard_board(self) -> None:
        self._has_board = True

    def heard_services(self) -> None:
        self._has_services = True
