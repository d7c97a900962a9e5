"""Laying out a frame on a screen: nothing is lost, no word is cut that could stay whole, and the pages of a list stay the same
whatever is said above it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cloud.ussd.letters import clean, is_wide, plain, room_of, shortened, units
from cloud.ussd.state import Frame, Place

BACK, MENU, MORE = "0", "00", "98"
"""The keys that callers know from the menus of banks and telephone companies: they are said on the screen where they count."""
MOST_ITEMS = 90
"""So that no line's number is one of the keys above."""
NOTE_ROOM = {False: 34, True: 23}
"""A list leaves so much for what may be said in place of its heading; by whether the screen is wide."""


@dataclass(frozen=True, slots=True)
class Foot:
    """The words of the keys; `back` and `menu` are empty where the key does nothing."""

    back: str
    more: str
    menu: str


class Sheet:
    """One frame, measured."""

    def __init__(self, frame: Frame, foot: Foot) -> None:
        told = (frame.heading, foot.back, foot.more, foot.menu, *frame.body, *(item.label for item in frame.items))
        self._wide = any(is_wide(plain(clean(text))) for text in told)
        self._frame = frame
        self._heading = self._said(frame.heading)
        self._body = [self._said(line) for line in frame.body]
        self._labels = [self._said(item.label) for item in frame.items]
        self._foot = Foot(self._said(foot.back), self._said(foot.more), self._said(foot.menu))
        self._room = room_of(wide=self._wide)
        self._pages = self._paged()

    @property
    def last_page(self) -> int:
        return len(self._pages) - 1

    def text(self, note: str = "") -> str:
        """The screen, with `note` in place of the heading; where that has no room, in place of the last line under it."""
        page = min(self._frame.page, self.last_page)
        items = [self._line(at) for at in range(*self._pages[page])]
        foot = self._foot_line(more=page < self.last_page)
        said, body = self._said(note), self._body
        left = self._room + 1 - self._size([*body, *items, *foot])
        if said and body and self._size([said]) > left:
            body, left = body[:-1], left + self._size(body[-1:])
        if left < 0 and body:
            body, left = [*body[:-1], shortened(body[-1], self._size(body[-1:]) - 1 + left, wide=self._wide)], 0
        head = self._head(said, left - 1)
        left -= self._size(head)
        extra = self._extra(left)
        foot = self._with_menu(foot, left - self._size(extra))
        return "\n".join([*head, *body, *extra, *items, *foot])

    def _said(self, text: str) -> str:
        """On a wide screen accents cost nothing."""
        return clean(text) if self._wide else plain(clean(text))

    def _size(self, lines: Sequence[str]) -> int:
        """What lines take, each with the line break that parts it from others."""
        return sum(units(line, wide=self._wide) + 1 for line in lines)

    def _head(self, note: str, left: int) -> list[str]:
        said = note if note and (self._wide or not is_wide(note)) else self._heading
        fitting = shortened(said, left, wide=self._wide) if said and left > 1 else ""
        return [fitting] if fitting else []

    def _extra(self, left: int) -> list[str]:
        """Lines that need not be there; one that alone would make the screen wide is not, nor one of which little is left."""
        kept: list[str] = []
        for line in map(self._said, self._frame.extra):
            fitting = shortened(line, left - self._size(kept) - 1, wide=self._wide)
            if 2 * len(fitting) > len(line) and (self._wide or not is_wide(line)):
                kept.append(fitting)
        return kept

    def _foot_line(self, *, more: bool) -> list[str]:
        keys = [f"{BACK} {self._foot.back}"] if self._foot.back else []
        keys += [f"{MORE} {self._foot.more}"] if more else []
        return [" ".join(keys)] if keys else []

    def _with_menu(self, foot: list[str], left: int) -> list[str]:
        menu = f" {MENU} {self._foot.menu}"
        if not foot or not self._foot.menu or units(menu, wide=self._wide) > left:
            return foot
        return [foot[0] + menu]

    def _line(self, at: int) -> str:
        number = f"{at + 1}." if self._wide else f"{at + 1}. "
        room = self._list_room(more=len(self._labels) > 1) - len(number) - 1
        return number + shortened(self._labels[at], room, wide=self._wide)

    def _list_room(self, *, more: bool) -> int:
        """What the items of a page may take. A list leaves room for a note, so that its pages stay the same under one."""
        heading = min(units(self._heading, wide=self._wide), self._room // 3)
        is_list = not self._body and self._frame.place is not Place.LANGUAGE
        head = max(heading, NOTE_ROOM[self._wide]) + 1 if is_list else 0
        return self._room + 1 - head - self._size([*self._body, *self._foot_line(more=more)])

    def _paged(self) -> list[tuple[int, int]]:
        """From where to where the items of each page go; at least one item a page."""
        pages: list[tuple[int, int]] = []
        start = 0
        while start < len(self._labels):
            lines = [self._line(at) for at in range(start, len(self._labels))]
            if self._size(lines) <= self._list_room(more=False):
                return [*pages, (start, len(self._labels))]
            count = 1
            while self._size(lines[: count + 1]) <= self._list_room(more=True):
                count += 1
            pages.append((start, start + count))
            start += count
        return pages or [(0, 0)]
