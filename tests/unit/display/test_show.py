"""How what is heard becomes what is seen and spoken."""

from collections.abc import Callable, Sequence

from display.moment import Moment
from display.picture import Announcement, Picture
from display.presenter import Presenter
from display.show import Show
from foleni.station.station import Reach
from tests.unit.display.branch import START, board, call, config, later, services


class Bench:
    """A show with a clock that stands still, and what came out of it."""

    def __init__(self) -> None:
        self.now: Moment = START
        self.pictures: list[Picture] = []
        self.spoken: list[str] = []
        self.languages: tuple[str, ...] = ()
        self.pending: list[Callable[[], object]] = []
        self.show = Show(Presenter(), lambda: self.now)
        self.show.draws_with(self.pictures.append, lambda _seconds, work: self.pending.append(work))
        self.show.speaks_through(self)

    def take(self, announcements: Sequence[Announcement], in_hand: frozenset[str]) -> None:
        assert all(each.ticket in in_hand for each in announcements)
        self.spoken += [each.number for each in announcements]

    def speak_in(self, languages: tuple[str, ...]) -> None:
        self.languages = languages


def live() -> Bench:
    bench = Bench()
    bench.show.hear_reach(Reach.LIVE)
    bench.show.hear_news("services", services())
    bench.show.hear_news("board", board())
    bench.now = later(1)
    bench.pictures.clear()
    bench.pending.clear()
    return bench


def test_a_call_is_drawn_at_once_and_spoken() -> None:
    bench = live()
    bench.show.hear_news("board", board(call(1)))
    assert [row.number for row in bench.pictures[-1].rows] == ["A001"]
    assert bench.spoken == ["A001"]


def test_a_flood_is_drawn_together_and_every_call_of_it_is_spoken() -> None:
    bench = live()
    for at in range(100):
        bench.show.hear_news("board", board(call(at)))
    assert len(bench.pictures) == 1
    assert len(bench.pending) == 1
    bench.pending[0]()
    assert [row.number for row in bench.pictures[-1].rows] == ["A099"]
    assert bench.spoken == [f"A{at:03d}" for at in range(100)]


def test_what_a_tick_has_drawn_meanwhile_is_not_drawn_again() -> None:
    bench = live()
    for at in range(2):
        bench.show.hear_news("board", board(call(at)))
    bench.show.tick()
    drawn = len(bench.pictures)
    bench.pending[0]()
    assert len(bench.pictures) == drawn


def test_the_voice_speaks_the_languages_of_the_branch() -> None:
    bench = live()
    bench.show.hear_config(config("fr", "rw"))
    assert bench.languages == ("fr", "rw")
