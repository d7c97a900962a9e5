"""A branch as a display hears it, for the presenter's tests."""

from dataclasses import replace

from display.moment import Moment
from display.picture import Announcement, Picture
from display.presenter import Presenter
from foleni.messages.state import Board, Call, DeviceConfig, NextNumbers, Services, ServiceSummary
from foleni.station.station import Reach
from foleni.times import SECOND_US, Instant, from_wire, to_wire

START = Moment(from_wire("2026-11-20T08:42:00Z"), 1000.0)
"""10:42 in Kigali."""


def later(seconds: float, since: Moment = START) -> Moment:
    return Moment(Instant(since.wall + int(seconds * SECOND_US)), since.steady_s + seconds)


def call(at: int, times: int = 1, *, ago_s: float = 3600.0, counter: str | None = None) -> Call:
    """The call of ticket `at`, an hour old unless it says otherwise."""
    number, desk = f"A{at:03d}", counter or f"c{at}"
    called_at = to_wire(START.wall - int(ago_s * SECOND_US))
    return Call(
        ticket=f"t{at}", number=number, counter=desk, counter_label=desk[1:], service="cash", called_at=called_at, call=times
    )  # fmt: skip


def board(*calls: Call, recent: tuple[Call, ...] = (), notice: dict[str, str] | None = None, seq: int = 1) -> Board:
    upcoming = (NextNumbers(service="cash", numbers=("A100", "A101")),)
    return Board(seq=seq, calls=calls, recent=recent, next=upcoming, notice=notice or {})


def service(name: str = "cash", state: str = "open", waiting: int = 12, reopens_at: str | None = None) -> ServiceSummary:
    names = {"en": name.title(), "fr": f"Le {name}"}
    return ServiceSummary(
        id=name, prefix="A", name=names, state=state, waiting=waiting, wait_p50_s=1080, wait_p90_s=1800, reopens_at=reopens_at
    )  # fmt: skip


def services(*told: ServiceSummary) -> Services:
    return Services(seq=1, day="2026-11-20", services=told or (service(),))


def config(*languages: str, **branch: object) -> DeviceConfig:
    known = {"id": "main-street", "name": {"en": "Main Street", "fr": "Rue Principale"}, "organization": "Demo Bank"}
    told = known | {"time_zone": "Africa/Kigali", "languages": list(languages or ("en",))} | branch
    return DeviceConfig(device="tv-1", kind="display", branch=told)


class Screen:
    """A presenter with hands on its clock; live, with an empty board, unless it is told nothing."""

    def __init__(self, *languages: str, told: bool = True) -> None:
        self.presenter = Presenter()
        self.now = START
        if told:
            self.presenter.hear_config(config(*languages), self.now)
            self.comes_live()

    def comes_live(self, *calls: Call) -> list[Announcement]:
        self.presenter.hear_reach(Reach.LIVE, self.now)
        self.presenter.hear_services(services())
        return self.hears(*calls)

    def hears(self, *calls: Call, recent: tuple[Call, ...] = (), notice: dict[str, str] | None = None) -> list[Announcement]:
        return self.presenter.hear_board(board(*calls, recent=recent, notice=notice), self.now)

    def loses(self, reach: Reach = Reach.NO_LINK) -> None:
        self.presenter.hear_reach(reach, self.now)

    def waits(self, seconds: float) -> Picture:
        self.now = later(seconds, self.now)
        return self.picture

    def sets_wall_clock(self, by_s: float) -> None:
        self.now = replace(self.now, wall=Instant(self.now.wall + int(by_s * SECOND_US)))

    @property
    def picture(self) -> Picture:
        return self.presenter.picture(self.now)
