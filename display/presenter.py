"""Makes the picture of what the branch tells. Pure: it has no window, no clock and no threads."""

from collections.abc import Sequence

from display import sentences
from display.calls import Calls
from display.moment import Moment
from display.picture import (
    Announcement,
    Empty,
    Header,
    Headings,
    Light,
    Photo,
    Picture,
    Poster,
    Row,
    ServiceLine,
    Sign,
    Tone,
)
from display.place import Place, place_of
from display.reach import Liveness
from foleni.messages.setup import ServiceState
from foleni.messages.state import Board, Call, DeviceConfig, Services, ServiceSummary
from foleni.station.station import Reach
from foleni.words import Words, pick, time_of_day, words

LANGUAGE_S = 10.0
"""The whole screen speaks one language, and after this time the next one."""
PANEL_S = 15.0
"""How long a photo, or the notice between photos, stands on the panel."""
SIGN_S = 15.0
_ROOM = "display"
_NOT_SHOWN = ("",)
"""In place of the numbers that come next, where a screen does not tell them."""


class Presenter:
    """Hears what the station hears, and shows it at any moment."""

    def __init__(self) -> None:
        self.place = Place()
        self._live = Liveness()
        self._calls = Calls()
        self._board: Board | None = None
        self._services: Services | None = None
        self._photos: tuple[str, ...] = ()
        self._is_mute = False
        self._turn_from_s = 0.0
        self._sign_until_s = 0.0

    def hear_board(self, board: Board, now: Moment) -> list[Announcement]:
        """Takes the board; what is to be spoken, oldest first."""
        announcements = self._calls.take(board.calls, now, self._live.silence_s(now))
        self._board = board
        self._live.heard_board()
        return announcements

    def hear_services(self, services: Services) -> None:
        self._services = services
        self._live.heard_services()

    def hear_config(self, config: DeviceConfig, now: Moment) -> None:
        place = place_of(config)
        if place.languages != self.place.languages:
            self._turn_from_s = now.steady_s
        self.place = place

    def hear_reach(self, reach: Reach, now: Moment) -> None:
        self._live.reached(reach, now)

    def hear_sound(self, *, works: bool) -> None:
        """Whether calls can be heard; a display that is mute on purpose says nothing here."""
        self._is_mute = not works

    def identify(self, now: Moment) -> None:
        """Show for a while which screen this is."""
        self._sign_until_s = now.steady_s + SIGN_S

    def hear_photos(self, paths: Sequence[str]) -> None:
        """The photos for the panel."""
        self._photos = tuple(paths)

    @property
    def is_live(self) -> bool:
        """Whether the picture is what is true now."""
        return self._live.is_live

    @property
    def tickets_in_hand(self) -> frozenset[str]:
        return frozenset(call.ticket for call in self._board.calls) if self._board is not None else frozenset()

    def picture(self, now: Moment) -> Picture:
        """The screen at this moment."""
        step = int(max(0.0, now.steady_s - self._turn_from_s) / LANGUAGE_S)
        languages = self.place.languages
        say = words(_ROOM, languages[step % len(languages)])
        panel = self._panel(say, now)
        lines = self._footers(say, now, is_notice_elsewhere=not self._photos)
        return Picture(
            header=self._header(say, now),
            headings=_headings(say, has_next=self.place.tv.next_numbers),
            rows=self._rows(now),
            empty=self._empty(say),
            recent=self._recent(),
            services=self._service_lines(say),
            panel=panel,
            footer=lines[step // len(languages) % len(lines)] if lines else "",
            turn=step,
            sign=self._sign(say) if now.steady_s < self._sign_until_s else None,
            is_dimmed=not self.is_live and self._board is not None,
            is_mirrored=words(_ROOM, languages[0]).right_to_left,
        )

    def _header(self, say: Words, now: Moment) -> Header:
        place = self.place
        clock = time_of_day(now.wall, place.zone, say.language) if place.zone is not None else ""
        title = sentences.title(say, place)
        if self.is_live:
            return Header(title, Light.LIVE, say("Now serving"), clock)
        has_picture = self._board is not None
        state = sentences.not_live(self._live.lost_at, say, place, now) if has_picture else say("Not live")
        return Header(title, Light.NOT_LIVE, state, clock)

    def _rows(self, now: Moment) -> tuple[Row, ...]:
        calls = self._board.calls if self._board is not None else ()
        return tuple(
            Row(call.number, call.counter_label, place == 0, self._calls.is_lit(call, now, afterwards=place == 0))
            for place, call in enumerate(calls)
        )

    def _empty(self, say: Words) -> Empty | None:
        if self._board is None:
            return Empty(
                say("Waiting for the branch"),
                say("Numbers appear here as soon as this screen hears from it. Please listen for your number."),
            )
        if self._board.calls:
            return None
        return Empty(say("Your number appears here"), say("Take a ticket and have a seat."))

    def _recent(self) -> tuple[Row, ...]:
        if self._board is None:
            return ()
        in_hand = self.tickets_in_hand
        return tuple(_quiet(call) for call in self._board.recent if call.ticket not in in_hand)[: self.place.tv.recent]

    def _sign(self, say: Words) -> Sign:
        """With a name the id stands above it."""
        place = self.place
        name = pick(place.device_names, say.language, place.languages[0])
        return Sign(say("This screen · {device}", device=place.device) if name else say("This screen"), name or place.device)

    def _service_lines(self, say: Words) -> tuple[ServiceLine, ...]:
        if self._services is None:
            return ()
        upcoming = {each.service: each.numbers for each in self._board.next} if self._board is not None else {}
        if not self.place.tv.next_numbers:
            upcoming = {service.id: _NOT_SHOWN for service in self._services.services}
        return tuple(self._line(service, upcoming.get(service.id, ()), say) for service in self._services.services)

    def _line(self, service: ServiceSummary, upcoming: tuple[str, ...], say: Words) -> ServiceLine:
        tones = {ServiceState.PAUSED.value: Tone.TROUBLE, ServiceState.CLOSED.value: Tone.QUIET}
        return ServiceLine(
            sentences.name_of(service, say, self.place),
            upcoming,
            str(max(0, service.waiting)),
            sentences.about(service, say),
            tones.get(service.state, Tone.PLAIN),
        )

    def _panel(self, say: Words, now: Moment) -> Poster | Photo:
        if self._board is None:
            return Poster("", is_notice=False)
        notice = self._notice(say)
        slides: list[Poster | Photo] = [Photo(path) for path in self._photos]
        if notice:
            slides.insert(0, Poster(*sentences.headline(notice)))
        if not slides:
            return Poster(say("Welcome"), sentences.title(say, self.place), is_notice=False)
        return slides[int(now.steady_s / PANEL_S) % len(slides)]

    def _notice(self, say: Words) -> str:
        texts = self._board.notice if self._board is not None else {}
        return pick(texts, say.language, self.place.languages[0]).strip()

    def _footers(self, say: Words, now: Moment, *, is_notice_elsewhere: bool) -> list[str]:
        """What the line at the bottom says, one after the other."""
        if self._board is None:
            return []
        if not self.is_live:
            return [say("Newer calls are missing here. Please listen for your number, or ask at a counter.")]
        services = self._services.services if self._services is not None else ()
        lines = sentences.not_served(services, say, self.place, now)
        notice = self._notice(say)
        if notice and not is_notice_elsewhere:
            lines.append(notice)
        if words_of_branch := pick(self.place.tv.footer, say.language, self.place.languages[0]).strip():
            lines.append(words_of_branch)
        if self._is_mute and self.place.tv.sound != "none":
            lines.append(say("There is no sound just now. Please watch this screen."))
        return lines


def _headings(say: Words, *, has_next: bool) -> Headings:
    return Headings(
        ticket=say("Ticket"),
        counter=say("Counter"),
        before=say("Called before"),
        waiting=say("Waiting"),
        next=say("Next") if has_next else "",
        people=say("People"),
        about=say("About"),
    )


def _quiet(call: Call) -> Row:
    return Row(call.number, call.counter_label)
