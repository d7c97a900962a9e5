"""How a program begins that may have to join a branch first, and how it goes on as another one in the same process.

What joining needs is imported when it is needed: it takes 15 MiB and a third of a second, which a program with a broker in its
settings does not pay.
"""

import logging
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from foleni import __version__, logs, settings
from foleni.life import RESTART, Life, Part
from foleni.station.settings import StationSettings
from foleni.station.station import Station

if TYPE_CHECKING:
    from foleni.joining.joiner import Joiner
    from foleni.joining.membership import Home, Membership
    from foleni.joining.poster import Facts
    from foleni.joining.stages import Standing
    from foleni.messages.joining import BoxKind

logger = logging.getLogger(__name__)

_CUT_OFF = "FOLENI_CUT_OFF"
"""Set for the program that tells people that the box was cut off; not after a restart, which is a wish to join anew."""
_JOINING_BEAT_S = 120.0
_KEEPING_BEAT_S = 120.0

S = TypeVar("S", bound=StationSettings)


@dataclass(frozen=True, slots=True)
class Program:
    """A program of a box: its name, what it is to the branch, and its files in the data folder that are of its branch."""

    name: str
    kind: "BoxKind"
    belongings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Start(Generic[S]):
    """How a program starts: with a seat in its branch, or to join one. `member` is None where its settings give the seat."""

    program: Program
    settings: S
    member: "Membership | None"
    is_cut_off: bool = False

    @property
    def home(self) -> "Home":
        from foleni.joining.membership import Home  # noqa: PLC0415 - see above

        assert self.settings.data is not None
        return Home(self.settings.data)

    @property
    def facts(self) -> "Facts":
        """What a box that joins knows of itself."""
        from foleni.joining import box  # noqa: PLC0415 - see above
        from foleni.joining.poster import Facts  # noqa: PLC0415 - see above

        folder, belongings = self.home.folder, self.program.belongings
        return Facts(
            self.program.kind,
            box.model(),
            f"Foleni {__version__}",
            self.settings.support,
            is_clock_wrong=box.is_clock_wrong(),
            has_kept=self.is_cut_off and any((folder / name).exists() for name in belongings),
        )

    def keeping(self, life: Life, station: Station) -> list[tuple[str, Part]]:
        """What keeps the membership while the program works; nothing for one that has none."""
        if self.member is None:
            return []
        from foleni.joining.keeping import Concerns, Keeper  # noqa: PLC0415 - see above

        beat = life.watch.beat("membership", _KEEPING_BEAT_S).tick
        concerns = Concerns(station.go_to, _ending(life), life.fail, beat)
        return [("membership", Keeper(self.home, self.member, station.link, concerns))]

    def joining(self, life: Life, on_change: "Callable[[Standing], object]") -> "Joiner":
        """What brings the box into a branch; `life` ends when it has, to go on as a program that works."""
        from foleni.joining.joiner import Joiner, Told, Wishes  # noqa: PLC0415 - see above

        given = self.settings
        wishes = Wishes(self.program.kind, given.branch, given.server, self.program.belongings)
        beat = life.watch.beat("joining", _JOINING_BEAT_S).tick
        told = Told(
            _spoken(self.facts, on_change),
            lambda member: life.become(f"{member.device} of branch {member.branch}"),
            life.fail,
            beat,
        )
        return Joiner(self.home, wishes, told, is_cut_off=self.is_cut_off)


def begin(model: type[S], program: Program, argv: Sequence[str] | None) -> Start[S]:
    """Read the settings, and the membership where they give no broker; logging is set up. With wrong settings, and after
    `--forget`, the process ends.
    """
    given = settings.load(model, program.name, argv)
    logs.set_up(given.log_level)
    if given.mqtt is not None:
        return Start(program, given, None)
    joining = Start(program, given, None, is_cut_off=bool(os.environ.pop(_CUT_OFF, "")))
    if given.forget:
        raise SystemExit(_forget(program, joining.home))
    member = _member(joining.home)
    if member is None or not member.fits(program.kind, given.branch):
        return joining
    given = settings.load(model, program.name, argv, decided=member.decided(joining.home.folder))
    return Start(program, given, member)


def go_on(life: Life, status: int, argv: Sequence[str] | None) -> int:
    """The exit status of a program that is over; one that becomes another does not come back from here."""
    if life.becomes and not status and argv is None:
        sys.stdout.flush()
        sys.stderr.flush()
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - itself, as it was started
    return RESTART if life.becomes and not status else status


def _spoken(facts: "Facts", on_change: "Callable[[Standing], object]") -> "Callable[[Standing], object]":
    """The same, and what people should know is in the log too: a box without a screen has no other way to say it."""
    from foleni.joining.poster import plainly, poster_of  # noqa: PLC0415 - see above

    last: list[tuple[str, ...]] = [()]

    def tell(standing: "Standing") -> None:
        poster = poster_of(standing, facts, plainly)
        said = (poster.headline, " ".join(poster.code), poster.band or poster.text)
        if said != last[0]:
            last[0] = said
            logger.info("%s", " | ".join(filter(None, said)))
        on_change(standing)

    return tell


def _ending(life: Life) -> Callable[[str], None]:
    """Go on as the program that tells that the box was cut off."""

    def end(why: str) -> None:
        os.environ[_CUT_OFF] = "1"
        life.become(why)

    return end


def _member(home: "Home") -> "Membership | None":
    """None too where the disk does not say: then that is what the screen tells."""
    from foleni.joining.membership import HomeError  # noqa: PLC0415 - see above

    try:
        return home.member()
    except HomeError as error:
        logger.error("%s", error)
        return None


def _forget(program: Program, home: "Home") -> int:
    from foleni.joining.membership import HomeError  # noqa: PLC0415 - see above

    try:
        former = home.member()
        kept = home.forget(program.belongings)
    except HomeError as error:
        print(f"{program.name}: {error}", file=sys.stderr, flush=True)  # noqa: T201 - for whoever started it
        return 1
    was = f"{former.device} of branch {former.branch} is forgotten" if former is not None else "there was no branch to forget"
    also = f"; what the branch may still want is kept in {kept}" if kept is not None else ""
    print(f"{program.name}: {was}{also}", file=sys.stderr, flush=True)  # noqa: T201 - the answer that was asked for
    return 0
